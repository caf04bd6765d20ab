/** Whom or what a quota is for: a kind, and a name where the kind has one. */
import { Autocomplete, Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, api } from '../api/client';
import { useText } from '../i18n/language';
import { useTeamNames, useUsersLike } from '../ui/known';

/** The kinds of the rules (Q1), as the API writes them. */
const KINDS = ['user', 'defaults', 'team', 'team-defaults', 'tool', 'model', 'organisation'] as const;

/** `team-defaults:sap` in its parts. */
function parts(scope: string): { kind: string; name: string } {
  const [kind = '', ...rest] = scope.split(':');
  return { kind, name: rest.join(':') };
}

const isNamed = (kind: string) => kind !== 'defaults' && kind !== 'organisation';

/** Whether a scope says everything that it must. */
export function isScope(scope: string): boolean {
  const { kind, name } = parts(scope);
  return !isNamed(kind) || name.trim() !== '';
}

export function ScopeField({ value, tried, onChange }: { value: string; tried: boolean; onChange: (scope: string) => void }) {
  const t = useText();
  const { kind, name } = parts(value);
  const set = (nextKind: string, nextName: string) => onChange(isNamed(nextKind) ? `${nextKind}:${nextName.trim()}` : nextKind);
  const kinds = t.quotas.kinds as Record<string, string>;
  return (
    <Stack gap="xs">
      <Select
        label={t.words.scope} value={kind} allowDeselect={false} onChange={(next) => set(next ?? kind, '')}
        data={KINDS.map((one) => ({ value: one, label: kinds[one] ?? one }))}
      />
      {isNamed(kind) && <NameField kind={kind} value={name} tried={tried} onChange={(next) => set(kind, next)} />}
    </Stack>
  );
}

function NameField({ kind, value, tried, onChange }: { kind: string; value: string; tried: boolean; onChange: (name: string) => void }) {
  const t = useText();
  const users = useUsersLike(value, { wanted: kind === 'user' });
  const teams = useTeamNames(kind.startsWith('team'));
  const parted = useQuery({
    queryKey: ['usage', 'names', kind],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/usage', { params: { query: { by: kind === 'tool' ? 'tool' : 'model' } }, signal })),
    enabled: kind === 'tool' || kind === 'model',
  });
  const data =
    kind === 'user' ? users
    : kind.startsWith('team') ? teams
    : (parted.data?.rows ?? []).map((one) => one.key);
  const label = kind === 'user' ? t.words.user : kind === 'tool' ? t.words.tool : kind === 'model' ? t.words.model : t.words.team;
  return (
    <Autocomplete
      label={label} required value={value} onChange={onChange} data={data} limit={12} error={tried && value.trim() === '' ? t.access.choose : undefined}
      {...(kind === 'user' && { filter: ({ options }) => options, placeholder: t.users.searchHint })}
    />
  );
}
