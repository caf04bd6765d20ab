import { useQuery } from '@tanstack/react-query';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { useNow } from '../ui/now';
import { PageFrame } from '../ui/page';
import { Read } from '../ui/states';
import { Pill, When } from '../ui/values';
import { Section } from './section';

export function Page() {
  const t = useText();
  return (
    <PageFrame title={t.operators.title}>
      <People />
      <Tokens />
    </PageFrame>
  );
}

function People() {
  const t = useText();
  const query = useQuery({ queryKey: ['operators'], queryFn: ({ signal }) => answered(api.GET('/api/v1/operators', { signal })) });
  const roles = t.nav.role as Record<string, string>;
  const columns: Column<Schemas['Operator']>[] = [
    { id: 'name', title: t.words.name, value: (row) => row.name },
    { id: 'role', title: t.words.role, value: (row) => row.role, filter: true, named: (role) => roles[role] ?? role, render: (row) => roles[row.role] ?? row.role },
    { id: 'team', title: t.words.team, value: (row) => row.team },
    { id: 'status', title: t.words.status, value: (row) => (row.disabled_at ? t.operators.disabled : t.operators.enabled), render: (row) => (row.disabled_at ? <Pill tone="red">{t.operators.disabled}</Pill> : <Pill tone="green">{t.operators.enabled}</Pill>) },
    { id: 'created', title: t.words.created, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { id: 'login', title: t.operators.lastSeen, value: (row) => row.last_login_at, render: (row) => <When at={row.last_login_at} /> },
  ];
  return (
    <Section title={t.operators.list}>
      <Read query={query}>
        {(data) => <DataTable name="operators" label={t.operators.list} columns={columns} rows={data.operators} rowKey={(row) => row.name} prefix="o-" />}
      </Read>
    </Section>
  );
}

function Tokens() {
  const t = useText();
  const now = useNow();
  const query = useQuery({ queryKey: ['operators', 'tokens'], queryFn: ({ signal }) => answered(api.GET('/api/v1/tokens', { signal })) });
  const state = (row: Schemas['Token']) => (row.revoked_at ? 'revoked' : Date.parse(row.expires_at) <= now() ? 'expired' : 'valid');
  const columns: Column<Schemas['Token']>[] = [
    { id: 'label', title: t.words.label, value: (row) => row.label },
    { id: 'operator', title: t.words.author, value: (row) => row.operator },
    { id: 'role', title: t.words.role, value: (row) => row.role },
    { id: 'state', title: t.words.status, value: (row) => t.operators[state(row)], render: (row) => <Pill tone={state(row) === 'valid' ? 'green' : 'grey'}>{t.operators[state(row)]}</Pill> },
    { id: 'created', title: t.words.created, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { id: 'expires', title: t.words.expires, value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} /> },
    { id: 'used', title: t.operators.usedAt, value: (row) => row.used_at, render: (row) => <When at={row.used_at} /> },
    { id: 'id', title: t.words.id, value: (row) => row.id, render: (row) => <span className="mono">{row.id}</span>, optional: true },
  ];
  return (
    <Section title={t.operators.tokens}>
      <Read query={query}>
        {(data) => <DataTable name="tokens" label={t.operators.tokens} columns={columns} rows={data.tokens} rowKey={(row) => row.id} prefix="t-" />}
      </Read>
    </Section>
  );
}
