import { Card, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Actions } from '../access/actions';
import { answered, api, type Schemas } from '../api/client';
import { reasonIn } from '../format/reason';
import { useFormat, useText } from '../i18n/language';
import { useMay } from '../session';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink } from '../ui/links';
import { PageFrame } from '../ui/page';
import { Empty, Read } from '../ui/states';
import { useTab } from '../ui/tabs';
import { Enforcement, Money, State, When } from '../ui/values';
import { QuotaTable } from './quota-table';
import { useBlockColumns } from './block-columns';
import { Entries } from './audit-entries';
import { Section } from './section';
import { Shares, UseByDay } from './use-parts';

const TABS = ['use', 'access', 'mails', 'record'] as const;

type UserPage = Schemas['UserPage'];

export function Page() {
  const { user = '' } = useParams({ strict: false });
  const query = useQuery({
    queryKey: ['usage', 'user', user],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/users/{user}', { params: { path: { user } }, signal })),
  });
  const person = query.data?.user.person;
  return (
    <PageFrame
      title={person ? person : user}
      beside={query.data && <Actions user={user} state={query.data.state} />}
    >
      <Read query={query} lines={10}>{(data) => <Body data={data} />}</Read>
    </PageFrame>
  );
}

function Body({ data }: { data: UserPage }) {
  const t = useText();
  const mayAudit = useMay('read-audit');
  const [tab, open] = useTab(TABS);
  return (
    <Stack gap="md">
      <Summary data={data} />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="use">{t.user.tabUse}</Tabs.Tab>
          <Tabs.Tab value="access">{t.user.tabAccess}</Tabs.Tab>
          <Tabs.Tab value="mails">{t.user.mails}</Tabs.Tab>
          {mayAudit && <Tabs.Tab value="record">{t.user.tabRecord}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="use">
          <Stack gap="md">
            <Section title={t.user.quotas}>
              {data.quotas.length === 0 ? <Empty text={t.user.noQuotas} /> : <QuotaTable quotas={data.quotas} />}
            </Section>
            <Days user={data.user.user_id} />
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <Section title={t.user.models}><Shares name="models" what={t.words.model} rows={data.models} prefix="m-" /></Section>
              <Section title={t.user.tools}><Shares name="tools" what={t.words.tool} rows={data.tools} prefix="t-" /></Section>
            </SimpleGrid>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="access"><Access data={data} /></Tabs.Panel>
        <Tabs.Panel value="mails"><Section title={t.user.mails}><Mails user={data.user.user_id} /></Section></Tabs.Panel>
        {mayAudit && <Tabs.Panel value="record"><Section title={t.user.audit}><Entries subject={`user:${data.user.user_id}`} /></Section></Tabs.Panel>}
      </Tabs>
    </Stack>
  );
}

function Summary({ data }: { data: UserPage }) {
  const t = useText();
  const format = useFormat();
  const blocked = data.state.startsWith('BLOCKED');
  return (
    <Card>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md">
        <Item name={t.words.state}>
          <Group gap={6}><State state={data.state} /><Enforcement state={data.enforcement} /></Group>
        </Item>
        <Item name={t.words.team}><TeamLink team={data.user.team} /></Item>
        <Item name={t.words.user}><Text span size="sm" className="mono">{data.user.user_id}</Text></Item>
        <Item name={t.words.class}>{t.classes[data.user.class] ?? data.user.class}</Item>
        <Item name={`${t.words.cost}, ${t.words.today.toLowerCase()}`}><Money usd={data.day.cost_usd} fw={650} /> <Text span size="xs" c="dimmed">{format.count(data.day.requests)} {t.words.requests.toLowerCase()}</Text></Item>
        <Item name={`${t.words.cost}, ${t.words.thisMonth.toLowerCase()}`}><Money usd={data.month.cost_usd} fw={650} /> <Text span size="xs" c="dimmed">{format.count(data.month.requests)} {t.words.requests.toLowerCase()}</Text></Item>
      </SimpleGrid>
      {blocked && (
        <Text size="sm" mt="md" p="sm" bg="var(--weir-red-soft)" c="var(--weir-red)">
          <b>{t.user.blockedBecause}:</b> {data.reasons.map((reason) => reasonIn(t, format, reason)).join(' · ')}{' '}
          <b>{data.blocked_until ? t.user.until(format.instant(data.blocked_until)) : t.user.indefinite}.</b>
        </Text>
      )}
      {data.protection && (
        <Text size="sm" mt="md" p="sm" bg="var(--weir-blue-soft)" c="var(--weir-blue)">
          <b>{t.user.protectedBy(data.protection.by)}:</b> {data.protection.reason}.{' '}
          {data.protection.until ? t.user.until(format.instant(data.protection.until)) : t.words.indefinite}
        </Text>
      )}
    </Card>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text component="div" size="sm">{children}</Text>
    </div>
  );
}

function Days({ user }: { user: string }) {
  return (
    <UseByDay
      of={['user-series', user]}
      read={(range, signal) => answered(api.GET('/api/v1/users/{user}/series', { params: { path: { user }, query: { from: range.from, to: range.to } }, signal }))}
    />
  );
}

function Access({ data }: { data: UserPage }) {
  const t = useText();
  const blocks = useBlockColumns(false);
  const protections: Column<UserPage['protections'][number]>[] = [
    { id: 'since', title: t.words.since, value: (row) => row.since, render: (row) => <When at={row.since} /> },
    { id: 'until', title: t.words.until, value: (row) => row.until ?? t.words.indefinite, render: (row) => (row.until ? <When at={row.until} /> : t.words.indefinite) },
    { id: 'by', title: t.words.author, value: (row) => row.by },
    { id: 'reason', title: t.words.reason, value: (row) => row.reason, wraps: true },
    { id: 'ended_at', title: t.blocking.lifted, value: (row) => row.ended_at, render: (row) => <When at={row.ended_at} /> },
    { id: 'ended_by', title: t.blocking.liftedBy, value: (row) => row.ended_by },
  ];
  const keys: Column<UserPage['keys'][number]>[] = [
    { id: 'key', title: t.words.key, value: (row) => row.key_id, render: (row) => <span className="mono">{row.key_id}</span> },
    { id: 'kind', title: t.words.kind, value: (row) => row.kind },
    { id: 'tool', title: t.words.tool, value: (row) => row.tool },
    { id: 'status', title: t.words.status, value: (row) => row.status },
    { id: 'created', title: t.words.created, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { id: 'expires', title: t.words.expires, value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} /> },
  ];
  const identities: Column<UserPage['user']['principals'][number]>[] = [
    { id: 'principal', title: t.user.identities, value: (row) => row.principal, render: (row) => <span className="mono">{row.principal}</span> },
    { id: 'stable', title: t.words.id, value: (row) => row.stable_id, render: (row) => <span className="mono">{row.stable_id ?? '–'}</span> },
    { id: 'first', title: t.user.firstSeen, value: (row) => row.first_seen, render: (row) => <When at={row.first_seen} /> },
    { id: 'last', title: t.words.lastSeen, value: (row) => row.last_seen, render: (row) => <When at={row.last_seen} /> },
  ];
  return (
    <Stack gap="md">
      <Section title={t.user.blocks}>
        <DataTable name="blocks" label={t.user.blocks} columns={blocks} rows={data.blocks} rowKey={(row) => row.id} prefix="b-" empty={t.user.noBlocks} perPage={10} />
      </Section>
      <Section title={t.user.protections}>
        <DataTable name="protections" label={t.user.protections} columns={protections} rows={data.protections} rowKey={(row) => row.id} prefix="p-" empty={t.user.noProtections} perPage={10} />
      </Section>
      <Section title={t.user.keys}>
        <DataTable name="keys" label={t.user.keys} columns={keys} rows={data.keys} rowKey={(row) => row.key_id} prefix="k-" empty={t.user.noKeys} />
      </Section>
      <Section title={t.user.identities}>
        <DataTable name="identities" label={t.user.identities} columns={identities} rows={data.user.principals} rowKey={(row) => row.principal} prefix="i-" />
      </Section>
    </Stack>
  );
}

function Mails({ user }: { user: string }) {
  const t = useText();
  const query = useQuery({
    queryKey: ['mails', user],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/users/{user}/mails', { params: { path: { user } }, signal })),
  });
  type Mail = Schemas['Mails']['mails'][number];
  const columns: Column<Mail>[] = [
    { id: 'at', title: t.words.when, value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { id: 'kind', title: t.words.what, value: (row) => row.event_type, filter: true },
    { id: 'state', title: t.words.status, value: (row) => row.state, filter: true },
    { id: 'reason', title: t.words.reason, value: (row) => row.reason, wraps: true },
    { id: 'letters', title: t.words.email, value: (row) => row.letters.map((letter) => `${letter.channel} ${letter.recipient ?? ''} ${letter.state}`).join('; '), wraps: true },
  ];
  return (
    <Read query={query}>
      {(data) => <DataTable name="messages" label={t.user.mails} columns={columns} rows={data.mails} rowKey={(row) => row.id} prefix="w-" empty={t.user.noMails} perPage={10} />}
    </Read>
  );
}
