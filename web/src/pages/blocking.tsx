import { Alert, Button, Group, Select, Stack, Tabs, Text } from '@mantine/core';
import { HandIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Actions, BlockSomebody } from '../access/actions';
import { answered, api, asCsv, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { useMay } from '../session';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { UserLink } from '../ui/links';
import { PageFrame } from '../ui/page';
import { usePaged } from '../ui/paged';
import { Read } from '../ui/states';
import { useTeamNames } from '../ui/known';
import { useTab } from '../ui/tabs';
import { oldestFirst, useUrl } from '../ui/url-state';
import { Enforcement, When } from '../ui/values';
import { WhoFilter } from '../ui/who-filter';
import { useBlockColumns, type Block } from './block-columns';
import { Section } from './section';

const HeldForm = lazy(() => import('../access/held-form').then((all) => ({ default: all.HeldForm })));

const TABS = ['now', 'history', 'enforcement'] as const;

export function Page() {
  const t = useText();
  const mayBlock = useMay('block');
  const [tab, open] = useTab(TABS);
  return (
    <PageFrame title={t.blocking.title} beside={mayBlock && <BlockSomebody />}>
      <Held />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((one) => <Tabs.Tab key={one} value={one}>{t.blocking[one]}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="now"><Now /></Tabs.Panel>
        <Tabs.Panel value="history"><History /></Tabs.Panel>
        <Tabs.Panel value="enforcement"><Targets /></Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

/** What the breaker holds waits for somebody: it is on every tab, as long as there is anything. */
function Held() {
  const t = useText();
  const may = useMay('block');
  const [decision, setDecision] = useState<'apply' | 'discard' | null>(null);
  const query = useQuery({
    queryKey: ['blocks', 'held'],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/blocks', { params: { query: { held: true, limit: 500 } }, signal })),
  });
  const blocks = query.data?.blocks ?? [];
  if (blocks.length === 0) return null;
  const names = [...new Set(blocks.map((block) => block.user_id ?? `${t.words.team} ${block.team ?? ''}`))];
  return (
    <Alert color="orange" variant="light" bg="var(--weir-amber-soft)" icon={<HandIcon aria-hidden />} title={<Text size="sm" fw={650} c="var(--mantine-color-text)">{t.held.title(names.length)}</Text>}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="var(--mantine-color-text)">{t.held.why}</Text>
        <Text size="sm" c="var(--mantine-color-text)">{names.slice(0, 12).join(', ')}{names.length > 12 && ` … (+${names.length - 12})`}</Text>
        {may && (
          <Group gap="xs">
            <Button size="xs" color="red.8" onClick={() => setDecision('apply')}>{t.held.apply}…</Button>
            <Button size="xs" variant="default" onClick={() => setDecision('discard')}>{t.held.discard}…</Button>
          </Group>
        )}
      </Stack>
      <Suspense fallback={null}>{decision !== null && <HeldForm blocks={blocks} decision={decision} onClose={() => setDecision(null)} />}</Suspense>
    </Alert>
  );
}

interface Whose {
  user?: string;
  team?: string;
  search?: string;
  kind?: 'automatic' | 'manual';
  order?: 'asc';
}

const read = (history: boolean, whose: Whose = {}) => async (cursor: string | undefined, limit: number, signal?: AbortSignal) => {
  const query = { history, limit, ...whose, ...(cursor !== undefined && { cursor }) };
  const page = await answered(api.GET('/api/v1/blocks', { params: { query }, ...(signal && { signal }) }));
  return { rows: page.blocks, next: page.next };
};

const file = (history: boolean, whose: Whose = {}) => () => answered(api.GET('/api/v1/blocks', { params: { query: { history, ...whose } }, ...asCsv }));

/** Every block that is in force, page after page: there are never more than users and their tools. */
async function all(signal: AbortSignal): Promise<Block[]> {
  const rows: Block[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(false)(cursor, 500, signal);
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

function Now() {
  const t = useText();
  const columns = useBlockColumns(true).filter((column) => !column.id.startsWith('lifted'));
  const query = useQuery({ queryKey: ['blocks', 'now'], queryFn: ({ signal }) => all(signal), placeholderData: (before) => before });
  return (
    <Section title={t.blocking.now}>
      <Read query={query} lines={6}>
        {(rows) => (
          <DataTable
            name="blocked-now" label={t.blocking.now} columns={columns} rows={rows} rowKey={(row) => row.id} file={file(false)} empty={t.blocking.nobody}
            actions={(row: Block) => (row.user_id ? <Actions user={row.user_id} state={row.kind === 'manual' ? 'BLOCKED_ADM' : 'BLOCKED'} compact /> : row.team ? <Actions team={row.team} compact /> : null)}
          />
        )}
      </Read>
    </Section>
  );
}

function History() {
  const t = useText();
  const columns = useBlockColumns(true);
  const [search, change] = useUrl();
  const [teamsWanted, wantTeams] = useState(false);
  const teams = useTeamNames(teamsWanted);
  const team = search['team'];
  const kind = (['automatic', 'manual'] as const).find((one) => one === search['kind']);
  const whose: Whose = {
    ...(search['user'] !== undefined && { user: search['user'] }), ...(search['team'] !== undefined && { team: search['team'] }),
    ...(search['q'] !== undefined && { search: search['q'] }), ...(kind !== undefined && { kind }),
  };
  const isNarrowed = Object.keys(whose).length > 0;
  const asked = { ...whose, ...oldestFirst(search) };
  const paged = usePaged(['blocks', 'history', asked], read(true, asked), file(true, asked));
  return (
    <Section title={t.blocking.history}>
      <DataTable
        name="blocks" label={t.blocking.history} columns={columns} paged={paged} rowKey={(row) => row.id} searchHint={t.blocking.searchHint} empty={isNarrowed ? t.state.emptyFilter : t.blocking.noHistory}
        filters={
          <>
            <WhoFilter value={search['user'] ?? ''} onChange={(user) => change({ user })} />
            <Select
              size="xs" w={150} aria-label={t.words.kind} placeholder={t.words.kind} clearable clearButtonProps={{ 'aria-label': t.state.clear }}
              data={(['automatic', 'manual'] as const).map((value) => ({ value, label: t.blocking.kind[value] ?? value }))} value={kind ?? null} onChange={(next) => change({ kind: next ?? undefined })}
            />
            <Select
              size="xs" w={150} aria-label={t.words.team} placeholder={t.words.team} searchable clearable clearButtonProps={{ 'aria-label': t.state.clear }}
              // The one that is chosen is shown before the others were asked for.
              data={team === undefined || teams.includes(team) ? teams : [team]} value={team ?? null} onFocus={() => wantTeams(true)} onChange={(next) => change({ team: next ?? undefined })}
            />
          </>
        }
      />
    </Section>
  );
}

function Targets() {
  const t = useText();
  const query = useQuery({
    queryKey: ['blocks', 'targets'],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/targets', { signal })),
    refetchInterval: 15_000,
  });
  const columns: Column<Schemas['Target']>[] = [
    { id: 'target', title: t.blocking.target, value: (row) => row.target, render: (row) => <span className="mono">{row.target}</span> },
    { id: 'denied', title: t.words.user, value: (row) => row.denied.join(', '), render: (row) => <Stack gap={0}>{row.denied.map((user) => <UserLink key={user} id={user} />)}</Stack> },
    { id: 'state', title: t.words.state, value: (row) => row.state, filter: true, named: (state) => t.enforcement[state] ?? state, render: (row) => <Enforcement state={row.state} /> },
    { id: 'requested', title: t.blocking.requested, value: (row) => row.requested_at, render: (row) => <When at={row.requested_at} /> },
    { id: 'verified', title: t.blocking.verified, value: (row) => row.verified_at, render: (row) => <When at={row.verified_at} /> },
    { id: 'first', title: t.blocking.firstDenied, value: (row) => row.first_denied_at, render: (row) => <When at={row.first_denied_at} />, optional: true },
    { id: 'attempts', title: t.blocking.attempts, value: (row) => row.attempts, numeric: true },
    { id: 'problem', title: t.blocking.problem, value: (row) => row.last_error, wraps: true, render: (row) => <Text span size="sm" c={row.last_error ? 'var(--weir-red)' : 'dimmed'}>{row.last_error ?? '–'}</Text> },
  ];
  return (
    <Section title={t.blocking.enforcement}>
      <Read query={query}>
        {(data) => <DataTable name="enforcement" label={t.blocking.enforcement} columns={columns} rows={data.targets} rowKey={(row) => row.target} file={() => answered(api.GET('/api/v1/targets', asCsv))} empty={t.blocking.noTargets} />}
      </Read>
    </Section>
  );
}
