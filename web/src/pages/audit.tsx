import { Alert, Button, Card, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { ShieldCheckIcon, ShieldXIcon } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { PageFrame } from '../ui/page';
import { Failed } from '../ui/states';
import { Entries } from './audit-entries';

export function Page() {
  const t = useText();
  return (
    <PageFrame title={t.audit.title}>
      <Verify />
      <Card><Entries filters /></Card>
    </PageFrame>
  );
}

function Verify() {
  const t = useText();
  const format = useFormat();
  const [anchor, setAnchor] = useState('');
  const verify = useMutation({
    mutationFn: () => answered(api.GET('/api/v1/audit/verify', { params: { query: anchor.trim() === '' ? {} : { anchor: anchor.trim() } } })),
  });
  const proof = verify.data;
  return (
    <Card>
      <Group align="flex-end" gap="sm">
        <TextInput
          size="xs" label={t.audit.anchor} description={t.audit.anchorHint} value={anchor} onChange={(event) => setAnchor(event.currentTarget.value)}
          style={{ flex: '1 1 260px', maxWidth: 560 }}
        />
        <Button size="xs" loading={verify.isPending} onClick={() => verify.mutate()} leftSection={<ShieldCheckIcon size={14} aria-hidden />}>{t.audit.verify}</Button>
      </Group>
      <div aria-live="polite">
        {verify.isError && <Failed error={verify.error} />}
        {proof && (
          <Alert
            mt="md" variant="light" color={proof.ok ? 'green' : 'red'} icon={proof.ok ? <ShieldCheckIcon aria-hidden /> : <ShieldXIcon aria-hidden />}
            title={<Text size="sm" fw={650} c="var(--mantine-color-text)">{proof.ok ? t.audit.ok(format.count(proof.entries)) : t.audit.broken}</Text>}
          >
            <Stack gap={6}>
              {proof.problem && <Text size="sm">{proof.problem}</Text>}
              {proof.anchor_found !== null && proof.anchor_found !== undefined && <Text size="sm">{proof.anchor_found ? t.audit.anchorFound : t.audit.anchorMissing}</Text>}
              {proof.trimmed && <Text size="sm">{t.audit.trimmed(format.count(proof.trimmed.entries), format.instant(proof.trimmed.older_than))}</Text>}
              <Text size="sm" c="var(--mantine-color-text)">{t.audit.head}: <Code className="mono">{proof.head}</Code></Text>
              <Text size="xs" c="dimmed">{proof.caveat}</Text>
            </Stack>
          </Alert>
        )}
      </div>
    </Card>
  );
}
