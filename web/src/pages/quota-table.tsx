/** Quotas held against what was used. */
import { Text } from '@mantine/core';

import type { Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink, UserLink } from '../ui/links';
import { Money, Used, When } from '../ui/values';

type Quota = Schemas['UserPage']['quotas'][number];

/** A limit, or what was used of it: money or a count. */
export function Amount({ metric, value }: { metric: string; value: string | null | undefined }) {
  const t = useText();
  const format = useFormat();
  if (value === null || value === undefined) return <Text span inherit c="dimmed">{t.words.unlimited}</Text>;
  return metric === 'cost' ? <Money usd={value} /> : <span className="number">{format.count(Number(value))}</span>;
}

/** For whom or what a quota is, in words. */
export function Scope({ scope }: { scope: string }) {
  const t = useText();
  const [kind, ...rest] = scope.split(':');
  const name = rest.join(':');
  if (name === '') return <>{t.quotas.scopes[scope] ?? scope}</>;
  if (kind === 'user') return <UserLink id={name} />;
  if (kind === 'team') return <>{t.words.team} <TeamLink team={name} inText /></>;
  if (kind === 'tool') return <>{t.words.tool} {name}</>;
  if (kind === 'model') return <>{t.words.model} {name}</>;
  if (kind === 'team-defaults') return <>{t.words.members}: <TeamLink team={name} inText /></>;
  return <>{scope}</>;
}

export function QuotaTable({ quotas }: { quotas: Quota[] }) {
  const t = useText();
  const format = useFormat();
  const columns: Column<Quota>[] = [
    { id: 'metric', title: t.words.metric, value: (row) => t.metrics[row.metric] ?? row.metric },
    { id: 'window', title: t.words.window, value: (row) => t.windows[row.window] ?? row.window },
    { id: 'used', title: t.words.used, value: (row) => Number(row.used), render: (row) => <Amount metric={row.metric} value={row.used} />, numeric: true },
    { id: 'limit', title: t.words.limit, value: (row) => (row.limit === null || row.limit === undefined ? null : Number(row.limit)), render: (row) => <Amount metric={row.metric} value={row.limit} />, numeric: true },
    { id: 'percent', title: t.words.percent, value: (row) => row.percent, render: (row) => <Used percent={row.percent} label={`${row.metric} ${row.window} ${row.scope}: ${format.percent(row.percent ?? 0)}`} />, numeric: true },
    { id: 'action', title: t.words.action, value: (row) => t.actions[row.action] ?? row.action },
    { id: 'scope', title: t.words.scope, value: (row) => row.scope, render: (row) => <Scope scope={row.scope} />, wraps: true },
    { id: 'resets', title: t.words.resets, value: (row) => row.resets_at, render: (row) => <When at={row.resets_at} /> },
  ];
  return <DataTable name="quotas" label={t.user.quotas} columns={columns} rows={quotas} rowKey={(row) => `${row.scope} ${row.metric} ${row.window}`} prefix="q-" />;
}
