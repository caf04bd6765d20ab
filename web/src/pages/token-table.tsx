/** Tokens: one's own, or everybody's. */
import { Button, Text } from '@mantine/core';
import { PlusIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { useNow } from '../ui/now';
import { Read } from '../ui/states';
import { Pill, When } from '../ui/values';
import { Section } from './section';

const load = () => import('../access/token-forms');
const NewTokenForm = lazy(() => load().then((all) => ({ default: all.NewTokenForm })));
const RevokeForm = lazy(() => load().then((all) => ({ default: all.RevokeForm })));

type Token = Schemas['Token'];

export function Tokens({ everybodys = false }: { everybodys?: boolean }) {
  const t = useText();
  const now = useNow();
  const [open, setOpen] = useState<'add' | Token | null>(null);
  const close = () => setOpen(null);
  const query = useQuery({ queryKey: ['operators', 'tokens'], queryFn: ({ signal }) => answered(api.GET('/api/v1/tokens', { signal })) });
  const roles = t.nav.role as Record<string, string>;
  const state = (row: Token) => (row.revoked_at ? 'revoked' : Date.parse(row.expires_at) <= now() ? 'expired' : 'valid');
  const columns: Column<Token>[] = [
    { id: 'label', title: t.words.label, value: (row) => row.label, render: (row) => <Text span size="sm" fw={600}>{row.label}</Text> },
    { id: 'operator', title: t.operators.of, value: (row) => row.operator },
    { id: 'role', title: t.words.role, value: (row) => row.role, render: (row) => roles[row.role] ?? row.role },
    { id: 'state', title: t.words.status, value: (row) => t.operators[state(row)], filter: true, render: (row) => <Pill tone={state(row) === 'valid' ? 'green' : 'grey'}>{t.operators[state(row)]}</Pill> },
    { id: 'expires', title: t.words.expires, value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} /> },
    { id: 'used', title: t.operators.usedAt, value: (row) => row.used_at, render: (row) => (row.used_at ? <When at={row.used_at} /> : <Text span inherit c="dimmed">{t.operators.never}</Text>) },
    { id: 'created', title: t.words.created, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { id: 'id', title: t.words.id, value: (row) => row.id, render: (row) => <span className="mono">{row.id}</span>, optional: true },
  ];
  const visible = everybodys ? columns : columns.filter((column) => column.id !== 'operator');
  return (
    <Section
      title={everybodys ? t.operators.tokens : t.operators.myTokens}
      beside={<Button size="xs" leftSection={<PlusIcon size={14} aria-hidden />} onClick={() => setOpen('add')}>{t.operators.addToken}</Button>}
    >
      <Read query={query}>
        {(data) => (
          <DataTable
            name="tokens" label={t.operators.tokens} columns={visible} rows={data.tokens} rowKey={(row) => row.id} file={() => answered(api.GET('/api/v1/tokens', asCsv))} prefix="t-" empty={t.operators.noTokens}
            actions={(row) => (state(row) === 'valid' ? <Button size="compact-xs" variant="subtle" color="gray" c="var(--weir-red)" aria-label={`${t.operators.revoke}: ${row.label}`} onClick={() => setOpen(row)}>{t.operators.revoke}</Button> : null)}
          />
        )}
      </Read>
      <Suspense fallback={null}>
        {open === 'add' && <NewTokenForm onClose={close} />}
        {open !== null && open !== 'add' && <RevokeForm token={open} onClose={close} />}
      </Suspense>
    </Section>
  );
}
