import { Group, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { RangePicker, useRange } from '../ui/range';
import { Read } from '../ui/states';
import { useTab } from '../ui/tabs';
import { Count, Money } from '../ui/values';
import { DaysBySomething, type Thing } from './days-by';
import { Invocations } from './invocations';
import { Matrix, Week } from './matrix';
import { Section } from './section';

const TABS = ['matrix', 'models', 'tools', 'heat', 'invocations'] as const;

export function Page() {
  const t = useText();
  const range = useRange(10);
  const [tab, open] = useTab(TABS, ['from', 'to']);
  return (
    <PageFrame title={t.details.title} beside={<RangePicker range={range} />}>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((one) => <Tabs.Tab key={one} value={one}>{t.details[one]}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="matrix"><Matrix range={range} /></Tabs.Panel>
        <Tabs.Panel value="models">
          <Stack gap="md">
            <DaysBySomething of="model" title={t.details.evolution} kind="stacked" picker={false} days={10} />
            <Section title={t.details.modelsByTeam}><Crossed by="team" and="model" name="models-by-team" /></Section>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="tools">
          <Stack gap="md">
            <DaysBySomething of="tool" title={t.details.tools} kind="stacked" picker={false} days={10} />
            <Section title={t.details.agents}><Agents /></Section>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="heat"><Week range={range} /></Tabs.Panel>
        <Tabs.Panel value="invocations"><Invocations range={range} /></Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

/** Two things, and what they come to together. */
function Crossed({ by, and, name }: { by: Thing; and: Thing; name: string }) {
  const t = useText();
  const range = useRange(10);
  const query = useQuery({
    queryKey: ['usage', 'cross', by, and, range],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/usage/cross', { params: { query: { by, and, from: range.from, to: range.to, top: 500 } }, signal })),
    placeholderData: (before) => before,
  });
  type Cell = Schemas['Cell'];
  const columns: Column<Cell>[] = [
    { id: by, title: t.words[by], value: (row) => row.key, filter: true },
    { id: and, title: t.words[and], value: (row) => row.and ?? t.details.others, filter: true },
    { id: 'requests', title: t.words.requests, value: (row) => row.used.requests, render: (row) => <Count value={row.used.requests} />, numeric: true },
    { id: 'failed', title: t.words.failed, value: (row) => row.used.failed, render: (row) => <Count value={row.used.failed} />, numeric: true, optional: true },
    { id: 'input', title: t.words.input, value: (row) => row.used.input_tokens, render: (row) => <Count value={row.used.input_tokens} short />, numeric: true, optional: true },
    { id: 'cache_read', title: t.words.cacheRead, value: (row) => row.used.cache_read_tokens, render: (row) => <Count value={row.used.cache_read_tokens} short />, numeric: true, optional: true },
    { id: 'cache_write', title: t.words.cacheWrite, value: (row) => row.used.cache_write_tokens, render: (row) => <Count value={row.used.cache_write_tokens} short />, numeric: true, optional: true },
    { id: 'output', title: t.words.output, value: (row) => row.used.output_tokens, render: (row) => <Count value={row.used.output_tokens} short />, numeric: true },
    { id: 'tokens', title: t.words.tokens, value: (row) => row.used.tokens, render: (row) => <Count value={row.used.tokens} short />, numeric: true },
    { id: 'cost', title: t.words.cost, value: (row) => row.used.cost_usd, render: (row) => <Money usd={row.used.cost_usd} fw={600} />, numeric: true },
    { id: 'unpriced', title: t.words.unpriced, value: (row) => row.used.unpriced, render: (row) => <Count value={row.used.unpriced} />, numeric: true, optional: true },
  ];
  return (
    <Read query={query}>
      {(data) => (
        <DataTable
          name={name} label={t.details.modelsByTeam} columns={columns} rows={data.rows} rowKey={(row) => `${row.key} ${row.and ?? ''}`} perPage={20}
          file={() => answered(api.GET('/api/v1/usage/cross', { params: { query: { by, and, from: range.from, to: range.to, top: 500 } }, ...asCsv }))}
        />
      )}
    </Read>
  );
}

function Agents() {
  const t = useText();
  const query = useQuery({ queryKey: ['usage', 'agents'], queryFn: ({ signal }) => answered(api.GET('/api/v1/usage/agents', { signal })) });
  const columns: Column<Schemas['Agent']>[] = [
    { id: 'tool', title: t.words.tool, value: (row) => row.tool, filter: true },
    { id: 'agent', title: t.details.agents, value: (row) => row.user_agent, render: (row) => <span className="mono">{row.user_agent ?? '–'}</span>, wraps: true },
    { id: 'calls', title: t.words.requests, value: (row) => row.calls, render: (row) => <Count value={row.calls} />, numeric: true },
  ];
  return (
    <Read query={query}>
      {(data) => (
        <Group display="block">
          <DataTable name="user-agents" label={t.details.agents} columns={columns} rows={data.agents} rowKey={(row) => `${row.tool} ${row.user_agent ?? ''}`} file={() => answered(api.GET('/api/v1/usage/agents', asCsv))} prefix="g-" perPage={15} />
        </Group>
      )}
    </Read>
  );
}
