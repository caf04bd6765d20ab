/** Single calls; one opens with all its parts. */
import { Anchor, Drawer, Group, Select, Stack, Table, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import type { operations } from '../api/schema';
import { instantIn, plusDays } from '../format/format';
import { useFormat, useText, useZone } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink, UserLink } from '../ui/links';
import { usePaged } from '../ui/paged';
import type { Range } from '../ui/range';
import { Read } from '../ui/states';
import { oldestFirst, useUrl } from '../ui/url-state';
import { Count, Money, Pill, When } from '../ui/values';
import { WhoFilter } from '../ui/who-filter';
import { Section } from './section';

type Asked = NonNullable<operations['invocations_list']['parameters']['query']>;
type Call = Schemas['Invocations']['invocations'][number];

const STATES = ['ok', 'failed', 'unpriced', 'unmetered', 'provisional', 'unresolved'] as const;

export function Invocations({ range }: { range: Range }) {
  const t = useText();
  const zone = useZone();
  const [search, change] = useUrl();
  const text = (key: 'user' | 'team' | 'model' | 'tool') => (search[key] === undefined ? {} : { [key]: search[key] });
  const state = STATES.find((one) => one === search['state']);
  const asked: Asked = {
    from: instantIn(zone, `${range.from}T00:00`),
    to: instantIn(zone, `${plusDays(range.to, 1)}T00:00`),
    ...text('user'), ...text('team'), ...text('model'), ...text('tool'),
    ...(state !== undefined && { state }),
    ...oldestFirst(search),
  };
  const paged = usePaged(['usage', 'invocations', asked], async (cursor, limit, signal) => {
    const query = { ...asked, limit, ...(cursor !== undefined && { cursor }) };
    const page = await answered(api.GET('/api/v1/invocations', { params: { query }, ...(signal && { signal }) }));
    return { rows: page.invocations, next: page.next };
  }, () => answered(api.GET('/api/v1/invocations', { params: { query: asked }, ...asCsv })));
  const columns: Column<Call>[] = [
    { id: 'at', title: t.words.when, value: (row) => row.at, sortKey: 'at', render: (row) => <UnstyledButton onClick={() => change({ call: row.request_id })}><Anchor component="span" size="sm"><When at={row.at} seconds /></Anchor></UnstyledButton> },
    { id: 'request', title: t.words.requestId, value: (row) => row.request_id, optional: true, render: (row) => <span className="mono">{row.request_id}</span> },
    { id: 'user', title: t.words.user, value: (row) => row.user_id, render: (row) => <UserLink id={row.user_id} /> },
    { id: 'model', title: t.words.model, value: (row) => row.model, wraps: 'anywhere' },
    {
      id: 'status', title: t.words.status, value: (row) => row.status,
      render: (row) => (
        <Group gap={4} wrap="nowrap">
          <Pill tone={row.status === 'failed' ? 'red' : 'green'}>{row.error_code ?? t.details.callState[row.status] ?? row.status}</Pill>
          {row.provisional && <Pill tone="grey">{t.details.callState['provisional']}</Pill>}
        </Group>
      ),
    },
    { id: 'error', title: t.words.error, value: (row) => row.error_code, optional: true },
    { id: 'cost', title: t.words.cost, value: (row) => row.cost_usd, render: (row) => <Money fine usd={row.cost_usd} />, numeric: true },
    { id: 'input', title: t.words.input, value: (row) => row.tokens?.input, render: (row) => (row.tokens ? <Count value={row.tokens.input} /> : '–'), numeric: true },
    { id: 'cache_read', title: t.words.cacheRead, value: (row) => row.tokens?.cache_read, render: (row) => (row.tokens ? <Count value={row.tokens.cache_read} /> : '–'), numeric: true },
    { id: 'output', title: t.words.output, value: (row) => row.tokens?.output, render: (row) => (row.tokens ? <Count value={row.tokens.output} /> : '–'), numeric: true },
    { id: 'team', title: t.words.team, value: (row) => row.team, render: (row) => <TeamLink team={row.team} /> },
    { id: 'tool', title: t.words.tool, value: (row) => row.tool },
    { id: 'region', title: t.words.region, value: (row) => row.region, optional: true },
    { id: 'account', title: t.words.account, value: (row) => row.account, optional: true },
    { id: 'operation', title: t.words.operation, value: (row) => row.operation, optional: true },
  ];
  return (
    <Section title={t.details.invocations}>
      <DataTable
        name="invocations" label={t.details.invocations} columns={columns} paged={paged} rowKey={(row) => row.request_id} searchable={false}
        filters={
          <>
            <WhoFilter value={search['user'] ?? ''} onChange={(user) => change({ user })} />
            {(['team', 'model', 'tool'] as const).map((key) => <Filter key={key} label={t.words[key]} value={search[key] ?? ''} onChange={(value) => change({ [key]: value })} />)}
            <Select
              size="xs" w={140} aria-label={t.words.status} placeholder={t.words.status} clearable clearButtonProps={{ 'aria-label': t.state.clear }}
              value={state ?? null} onChange={(value) => change({ state: value ?? undefined })}
              data={STATES.map((value) => ({ value, label: t.details.callState[value] ?? value }))}
            />
          </>
        }
      />
      <Drawer
        opened={search['call'] !== undefined} onClose={() => change({ call: undefined })} position="right" size="lg" title={t.details.record}
        closeButtonProps={{ 'aria-label': t.words.close }}
      >
        {search['call'] !== undefined && <One id={search['call']} />}
      </Drawer>
    </Section>
  );
}

function Filter({ label, value, onChange }: { label: string; value: string; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState(value);
  const send = () => {
    if (text.trim() !== value) onChange(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <TextInput
      size="xs" w={130} aria-label={label} placeholder={label} value={text} onBlur={send} onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send();
      }}
    />
  );
}

function One({ id }: { id: string }) {
  const t = useText();
  const format = useFormat();
  const query = useQuery({
    queryKey: ['usage', 'invocation', id],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/invocations/{request}', { params: { path: { request: id } }, signal })),
  });
  return (
    <Read query={query} lines={12}>
      {(call) => {
        const rows: [string, React.ReactNode][] = [
          [t.words.requestId, <span key="id" className="mono">{call.request_id}</span>],
          [t.words.when, <When key="at" at={call.at} />],
          [t.words.user, <UserLink key="user" id={call.user_id} />],
          [t.words.team, call.team],
          [t.words.tool, call.tool],
          [t.words.model, call.model],
          [t.details.sentAs, <span key="sent" className="mono">{call.model_sent ?? call.profile ?? '–'}</span>],
          [t.words.region, [call.region, call.inference_region].filter(Boolean).join(' → ')],
          [t.words.account, call.account],
          [t.words.operation, call.operation],
          [t.words.status, call.error_code ? `${call.error_code} ${call.error_message ?? ''}` : (t.details.callState[call.status] ?? call.status)],
          [t.words.input, call.tokens ? format.count(call.tokens.input) : '–'],
          [t.words.cacheRead, call.tokens ? format.count(call.tokens.cache_read) : '–'],
          [`${t.words.cacheWrite} 5 min`, call.tokens ? format.count(call.tokens.cache_write_5m) : '–'],
          [`${t.words.cacheWrite} 1 h`, call.tokens ? format.count(call.tokens.cache_write_1h) : '–'],
          [t.words.output, call.tokens ? format.count(call.tokens.output) : '–'],
          [t.words.cost, <Money fine key="cost" usd={call.cost_usd} fw={650} />],
          [t.details.price, call.price ?? '–'],
          [t.details.identity, <span key="who" className="mono">{[call.principal.kind, call.principal.name, call.principal.session].filter(Boolean).join(' / ')}</span>],
          ['IP', call.source_ip ?? '–'],
          [t.details.agents, <span key="agent" className="mono">{call.user_agent ?? '–'}</span>],
        ];
        const notes = [call.provisional && t.details.provisional, call.unresolved && t.details.unresolved, call.bearer && t.details.bearer].filter(Boolean);
        return (
          <Stack gap="md">
            {notes.length > 0 && <Text size="sm" c="dimmed">{notes.join(' · ')}</Text>}
            <Table variant="vertical" verticalSpacing={5}>
              <Table.Tbody>
                {rows.map(([name, value]) => <Table.Tr key={name}><Table.Th w={150}>{name}</Table.Th><Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td></Table.Tr>)}
              </Table.Tbody>
            </Table>
            <Title order={3} size="h6">{t.details.records}</Title>
            <Stack gap={6}>
              {call.sources.map((record, at) => (
                <Group key={`${record.source} ${at}`} justify="space-between" wrap="nowrap">
                  <Text size="sm">{record.source}{record.error_code ? ` · ${record.error_code}` : ''}</Text>
                  <Text size="sm" c="dimmed" className="number">
                    {record.tokens ? `${format.count(record.tokens.input + record.tokens.cache_read)} → ${format.count(record.tokens.output)} · ` : ''}<When at={record.at} />
                  </Text>
                </Group>
              ))}
            </Stack>
          </Stack>
        );
      }}
    </Read>
  );
}
