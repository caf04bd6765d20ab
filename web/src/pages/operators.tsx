import { Button, Stack, Tabs, Text } from '@mantine/core';
import { KeyIcon, PlusIcon, UserCheckIcon, UserCogIcon, UserXIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { useMay, useMe } from '../session';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink, UserLink } from '../ui/links';
import { PageFrame } from '../ui/page';
import { RowMenu } from '../ui/row-menu';
import { Read } from '../ui/states';
import { useTab } from '../ui/tabs';
import { Pill, When } from '../ui/values';
import { History } from './history';
import { Section } from './section';
import { Tokens } from './token-table';

const load = () => import('../access/operator-forms');
const NewOperatorForm = lazy(() => load().then((all) => ({ default: all.NewOperatorForm })));
const RoleForm = lazy(() => load().then((all) => ({ default: all.RoleForm })));
const PasswordForm = lazy(() => load().then((all) => ({ default: all.PasswordForm })));
const ShutOutForm = lazy(() => load().then((all) => ({ default: all.ShutOutForm })));

/** What the record has of operators and tokens. */
const HISTORY = ['operator-set', 'operator-create', 'operator-disable', 'operator-enable', 'operator-passwd', 'token-create', 'token-revoke', 'login', 'login-failed'];

type Operator = Schemas['Operator'];
type Open = { what: 'add' } | { what: 'role' | 'password' | 'shut-out'; operator: Operator };

const TABS = ['list', 'tokens'] as const;

export function Page() {
  const t = useText();
  const [tab, open] = useTab(TABS);
  return (
    <PageFrame title={t.operators.title}>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((one) => <Tabs.Tab key={one} value={one}>{t.operators[one]}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="list"><Stack gap="md"><People /><History of={HISTORY} /></Stack></Tabs.Panel>
        <Tabs.Panel value="tokens"><Tokens everybodys /></Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function People() {
  const t = useText();
  const may = useMay('manage-operators');
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const query = useQuery({ queryKey: ['operators'], queryFn: ({ signal }) => answered(api.GET('/api/v1/operators', { signal })) });
  const roles = t.nav.role as Record<string, string>;
  const columns: Column<Operator>[] = [
    { id: 'name', title: t.words.name, value: (row) => row.name, render: (row) => <Text span size="sm" fw={600}>{row.name}</Text> },
    { id: 'role', title: t.words.role, value: (row) => row.role, filter: true, named: (role) => roles[role] ?? role, render: (row) => roles[row.role] ?? row.role },
    { id: 'of', title: t.operators.reach, value: (row) => row.team ?? row.user, render: (row) => (row.team ? <TeamLink team={row.team} /> : row.user ? <UserLink id={row.user} /> : <Text span inherit c="dimmed">{t.operators.all}</Text>) },
    { id: 'status', title: t.words.status, value: (row) => (row.disabled_at ? t.operators.disabled : t.operators.enabled), filter: true, render: (row) => (row.disabled_at ? <Pill tone="red">{t.operators.disabled}</Pill> : <Pill tone="green">{t.operators.enabled}</Pill>) },
    { id: 'way', title: t.operators.way, value: (row) => (row.issuer ? t.operators.bySso : t.operators.byPassword), filter: true, render: (row) => (row.issuer ? <Text span inherit title={row.issuer}>{t.operators.bySso}</Text> : t.operators.byPassword) },
    { id: 'login', title: t.operators.lastSeen, value: (row) => row.last_login_at, render: (row) => (row.last_login_at ? <When at={row.last_login_at} /> : <Text span inherit c="dimmed">{t.operators.never}</Text>) },
    { id: 'created', title: t.words.created, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
  ];
  return (
    <Section
      title={t.operators.list}
      beside={may && <Button size="xs" leftSection={<PlusIcon size={14} aria-hidden />} onClick={() => setOpen({ what: 'add' })}>{t.operators.add}</Button>}
    >
      <Read query={query}>
        {(data) => (
          <DataTable
            name="operators" label={t.operators.list} columns={columns} rows={data.operators} rowKey={(row) => row.name} file={() => answered(api.GET('/api/v1/operators', asCsv))} prefix="o-"
            {...(may && { actions: (row: Operator) => <Verbs operator={row} open={setOpen} /> })}
          />
        )}
      </Read>
      <Suspense fallback={null}>
        {open?.what === 'add' && <NewOperatorForm onClose={close} />}
        {open?.what === 'role' && <RoleForm operator={open.operator} onClose={close} />}
        {open?.what === 'password' && <PasswordForm operator={open.operator} onClose={close} />}
        {open?.what === 'shut-out' && <ShutOutForm operator={open.operator} onClose={close} />}
      </Suspense>
    </Section>
  );
}

function Verbs({ operator, open }: { operator: Operator; open: (what: Open) => void }) {
  const t = useText();
  const me = useMe();
  // One's own password asks for the old one, in the menu of the account; nobody shuts out themselves.
  if (operator.name === me.name) return <Text span size="xs" c="dimmed">{t.operators.you}</Text>;
  const out = operator.disabled_at !== null && operator.disabled_at !== undefined;
  return (
    <RowMenu
      name={operator.name}
      verbs={[
        // What somebody of single sign-on may do, and their password, are the provider's business.
        ...(operator.issuer ? [] : [
          { label: t.operators.changeRole, icon: <UserCogIcon size={15} aria-hidden />, run: () => open({ what: 'role', operator }) },
          { label: t.operators.setPassword, icon: <KeyIcon size={15} aria-hidden />, run: () => open({ what: 'password', operator }) },
        ]),
        {
          label: out ? t.operators.letIn : t.operators.shutOut, icon: out ? <UserCheckIcon size={15} aria-hidden /> : <UserXIcon size={15} aria-hidden />,
          run: () => open({ what: 'shut-out', operator }),
        },
      ]}
    />
  );
}
