/** Make and revoke tokens. A secret is shown once, in the form that made it. */
import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { useMay, useMe } from '../session';
import { RoleField, ROLES, ShownOnce } from './fields';
import { Choice, FormFrame, useChange, type FormProps } from './form';

/** Roles that a token of this role may have: never more than its operator. */
function within(role: string): readonly string[] {
  if (role === 'team') return ['team'];
  const ranked = ROLES.filter((one) => one !== 'team' && one !== 'developer');
  return ranked.slice(0, ranked.findIndex((one) => one === role) + 1);
}

export function NewTokenForm({ onClose }: FormProps) {
  const t = useText();
  const format = useFormat();
  const me = useMe();
  const mayOthers = useMay('manage-operators');
  const queries = useQueryClient();
  const [operator, setOperator] = useState(me.name);
  const operators = useQuery({ queryKey: ['operators'], queryFn: ({ signal }) => answered(api.GET('/api/v1/operators', { signal })), enabled: mayOthers });
  const roleOf = (name: string) => operators.data?.operators.find((one) => one.name === name)?.role ?? me.role;
  const roles = within(roleOf(operator));
  const [role, setRole] = useState('viewer');
  const [label, setLabel] = useState('');
  const [term, setTerm] = useState('90d');
  const [tried, setTried] = useState(false);
  const make = useMutation({
    mutationFn: (body: Schemas['Wanted']) => answered(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['operators'] }),
  });
  const chosen = roles.includes(role) ? role : (roles[0] ?? me.role);
  const made = make.data;
  if (made) {
    return (
      <Modal opened onClose={onClose} closeOnClickOutside={false} title={<Text span fw={650}>{t.operators.tokenMade(made.label)}</Text>} closeButtonProps={{ 'aria-label': t.words.close }}>
        <Stack>
          {made.secret ? <ShownOnce secret={made.secret} text={t.operators.once} /> : <Alert role="alert" color="orange" variant="light" bg="var(--weir-amber-soft)"><Text size="sm" c="var(--mantine-color-text)">{t.operators.lost}</Text></Alert>}
          <Text size="sm" c="dimmed">{t.operators.tokenUntil(format.instant(made.expires_at))}</Text>
          <Group justify="flex-end"><Button onClick={onClose}>{t.operators.kept}</Button></Group>
        </Stack>
      </Modal>
    );
  }
  const submit = () => {
    setTried(true);
    if (label.trim() !== '') make.mutate({ label: label.trim(), for: term, role: chosen, ...(operator !== me.name && { operator }) });
  };
  return (
    <FormFrame title={t.operators.addToken} submit={t.operators.addToken} pending={make.isPending} error={make.error} onSubmit={submit} onClose={onClose}>
      <TextInput
        label={t.words.label} description={t.operators.labelHint} required value={label} maxLength={100} onChange={(event) => setLabel(event.currentTarget.value)} data-autofocus
        error={tried && label.trim() === '' ? t.operators.labelBad : undefined}
      />
      {mayOthers && (
        <Select
          label={t.operators.inName} value={operator} allowDeselect={false} searchable onChange={(name) => setOperator(name ?? operator)}
          data={(operators.data?.operators ?? [{ name: me.name, disabled_at: null }]).filter((one) => !one.disabled_at).map((one) => one.name)}
        />
      )}
      {roles.length > 1 && <RoleField value={chosen} roles={roles} onChange={setRole} />}
      <Choice label={t.access.howLong} value={term} onChange={setTerm} data={[{ value: '1d', label: t.access.day1 }, { value: '30d', label: t.access.days30 }, { value: '90d', label: t.access.days90 }, { value: '365d', label: t.operators.year }]} />
    </FormFrame>
  );
}

export function RevokeForm({ token, onClose }: FormProps & { token: Schemas['Token'] }) {
  const t = useText();
  const revoke = useChange({
    run: () => answered(api.DELETE('/api/v1/tokens/{token}', { params: { path: { token: token.id } } })),
    done: () => ({ title: t.operators.revokeDone(token.label), lines: [] }),
    onClose,
  });
  return (
    <FormFrame title={t.operators.revokeTitle(token.label)} submit={t.operators.revoke} color="red.8" pending={revoke.isPending} error={revoke.error} onSubmit={() => revoke.mutate(undefined)} onClose={onClose}>
      <Text size="sm">{t.operators.revokeHint}</Text>
    </FormFrame>
  );
}
