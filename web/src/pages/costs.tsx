import { Card, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { SERIES } from '../theme';
import { Chart } from '../ui/chart';
import type { Point } from '../ui/chart';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { RangePicker, useRange, type Range } from '../ui/range';
import { Empty, Read } from '../ui/states';
import { useUrl } from '../ui/url-state';
import { Count, Money, Pill } from '../ui/values';
import { Budgets } from './budgets';
import { daysOf } from './days-by';
import { Section } from './section';

type Costs = Schemas['Costs'];
type By = Costs['by'];

/** Parts that have a colour of their own. */
const PARTS = 8;

export function Page() {
  const t = useText();
  const [search, change] = useUrl();
  const range = useRange(30);
  const by: By = search['by'] === 'model' || search['by'] === 'tool' ? search['by'] : 'team';
  const query = useQuery({
    queryKey: ['usage', 'costs', by, range],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/costs', { params: { query: { by, from: range.from, to: range.to } }, signal })),
    placeholderData: (before) => before,
  });
  return (
    <PageFrame
      title={t.costs.title}
      beside={
        <>
          <SegmentedControl
            size="xs" value={by} onChange={(value) => change({ by: value === 'team' ? undefined : value })} aria-label={t.costs.by}
            data={[{ value: 'team', label: t.words.team }, { value: 'model', label: t.words.model }, { value: 'tool', label: t.words.tool }]}
          />
          <RangePicker range={range} />
        </>
      }
    >
      <Read query={query} lines={12}>{(data) => <Body data={data} range={range} />}</Read>
    </PageFrame>
  );
}

function Body({ data, range }: { data: Costs; range: Range }) {
  const t = useText();
  const format = useFormat();
  const days = daysOf(range);
  const known = new Map(data.days.map((day) => [day.day, day]));
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 2, lg: 4 }}>
        <Figure name={t.costs.total}><Money usd={data.total.cost_usd} /></Figure>
        <Figure name={t.costs.average}>{format.money(data.total.cost_nanos / 1e9 / Math.max(1, data.days.length))}</Figure>
        <Figure name={t.words.requests}>{format.count(data.total.requests)}</Figure>
        <Figure name={t.overview.forecast} note={data.forecast ? t.overview.forecastRange(format.money(data.forecast.low_usd), format.money(data.forecast.high_usd)) : t.overview.noForecast}>
          {data.forecast ? <Money usd={data.forecast.cost_usd} /> : '–'}
        </Figure>
      </SimpleGrid>
      {data.total.unpriced > 0 && <Pill tone="amber">{t.alerts['unpriced']?.(data.total.unpriced)}</Pill>}
      <PerDay data={data} days={days} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Chart
          title={t.costs.perRequest} axis={t.words.day} kind="line" by="day" named={format.shortDay} valued={format.money} height={220}
          data={days.map((day) => {
            const cost = known.get(day)?.cost_per_request_usd;
            return { day, value: cost === null || cost === undefined ? null : Number(cost) };
          })}
          series={[{ name: 'value', label: t.costs.perRequest, color: 'weir.5' }]}
        />
        <Budgets budgets={data.budgets} />
      </SimpleGrid>
      <Changes data={data} />
      <Models data={data} />
      <Parts data={data} range={range} />
    </Stack>
  );
}

function Figure({ name, note, children }: { name: string; note?: string; children: React.ReactNode }) {
  return (
    <Card>
      <Text size="sm" fw={600}>{name}</Text>
      <Text fz={26} fw={650} className="number" mt={4}>{children}</Text>
      {note !== undefined && <Text size="xs" c="dimmed">{note}</Text>}
    </Card>
  );
}

function PerDay({ data, days }: { data: Costs; days: string[] }) {
  const t = useText();
  const format = useFormat();
  const points = new Map<string, Point>(days.map((day) => [day, { day }]));
  const named = data.parts.slice(0, PARTS);
  data.parts.forEach((part, at) => {
    const key = at < PARTS ? part.key : '…';
    for (const day of part.days) {
      const point = points.get(day.day);
      if (point) point[key] = Number(point[key] ?? 0) + day.used.cost_nanos / 1e9;
    }
  });
  const series = named.map((part, at) => ({ name: part.key, label: part.key, color: SERIES[at % SERIES.length] ?? 'gray.5' }));
  if (data.parts.length > PARTS) series.push({ name: '…', label: t.details.others, color: 'gray.4' });
  if (series.length === 0) return <Empty text={t.state.empty} />;
  return (
    <Chart
      title={`${t.costs.perDay}, ${t.words[data.by].toLowerCase()}`} axis={t.words.day} kind="stacked" by="day" named={format.shortDay} valued={format.money} height={300}
      data={[...points.values()]} series={series}
    />
  );
}

function Changes({ data }: { data: Costs }) {
  const t = useText();
  const format = useFormat();
  const columns: Column<Costs['changes'][number]>[] = [
    { id: 'day', title: t.words.day, value: (row) => row.day, render: (row) => format.shortDay(row.day) },
    { id: 'key', title: t.words[data.by], value: (row) => row.key },
    { id: 'before', title: t.costs.before, value: (row) => row.before_usd, render: (row) => <Money usd={row.before_usd} />, numeric: true },
    { id: 'after', title: t.costs.after, value: (row) => row.cost_usd, render: (row) => <Money usd={row.cost_usd} />, numeric: true },
    {
      id: 'change', title: t.costs.change, value: (row) => (row.change_permille === null || row.change_permille === undefined ? null : row.change_permille / 10), numeric: true,
      render: (row) => {
        const { change_permille: permille } = row;
        if (permille === null || permille === undefined) return '–';
        return <Pill tone={permille > 0 ? 'amber' : 'green'}>{permille > 0 ? '+' : '−'}{format.percent(Math.abs(permille) / 10)}</Pill>;
      },
    },
  ];
  return (
    <Section title={t.costs.changes}>
      <DataTable name="cost-changes" label={t.costs.changes} columns={columns} rows={data.changes} rowKey={(row) => `${row.day} ${row.key}`} prefix="c-" perPage={6} empty={t.costs.noChanges} />
    </Section>
  );
}

function Models({ data }: { data: Costs }) {
  const t = useText();
  const format = useFormat();
  const columns: Column<Costs['models'][number]>[] = [
    { id: 'model', title: t.words.model, value: (row) => row.model, render: (row) => <><Text size="sm">{row.name}</Text>{row.name !== row.model && <Text size="xs" c="dimmed">{row.model}</Text>}</> },
    { id: 'requests', title: t.words.requests, value: (row) => row.used.requests, render: (row) => <Count value={row.used.requests} />, numeric: true },
    { id: 'cost', title: t.words.cost, value: (row) => row.used.cost_usd, render: (row) => <Money usd={row.used.cost_usd} fw={600} />, numeric: true },
    { id: 'per1000', title: t.costs.per1000, value: (row) => row.per_thousand_requests_usd, render: (row) => <Money fine usd={row.per_thousand_requests_usd} />, numeric: true },
    { id: 'perMillion', title: t.costs.perMillion, value: (row) => row.per_million_output_usd, render: (row) => <Money fine usd={row.per_million_output_usd} />, numeric: true },
    { id: 'cache', title: t.costs.cacheShare, value: (row) => (row.cache_share_permille === null || row.cache_share_permille === undefined ? null : row.cache_share_permille / 10), render: (row) => (row.cache_share_permille === null || row.cache_share_permille === undefined ? '–' : format.percent(row.cache_share_permille / 10, 1)), numeric: true },
    { id: 'saved', title: t.costs.saved, value: (row) => row.cache_savings_usd, render: (row) => <>{row.cache_savings_at_least && '≥ '}<Money usd={row.cache_savings_usd} /></>, numeric: true },
    { id: 'unpriced', title: t.words.unpriced, value: (row) => row.used.unpriced, render: (row) => (row.used.unpriced > 0 ? <Pill tone="amber">{format.count(row.used.unpriced)}</Pill> : '–'), numeric: true },
  ];
  return (
    <Section title={t.costs.models}>
      <DataTable name="models" label={t.costs.models} columns={columns} rows={data.models} rowKey={(row) => row.model} prefix="m-" />
    </Section>
  );
}

function Parts({ data, range }: { data: Costs; range: Range }) {
  const t = useText();
  const format = useFormat();
  const share = (permille: number | null | undefined) => (permille === null || permille === undefined ? '–' : format.percent(permille / 10, 1));
  const columns: Column<Costs['parts'][number]>[] = [
    { id: 'key', title: t.words[data.by], value: (row) => row.key },
    { id: 'requests', title: t.words.requests, value: (row) => row.used.requests, render: (row) => <Count value={row.used.requests} />, numeric: true },
    { id: 'tokens', title: t.words.tokens, value: (row) => row.used.tokens, render: (row) => <Count value={row.used.tokens} short />, numeric: true },
    { id: 'tokens_share', title: `% ${t.words.tokens}`, value: (row) => row.tokens_permille, render: (row) => share(row.tokens_permille), numeric: true },
    { id: 'cost', title: t.words.cost, value: (row) => row.used.cost_usd, render: (row) => <Money usd={row.used.cost_usd} fw={600} />, numeric: true },
    { id: 'cost_share', title: `% ${t.words.cost}`, value: (row) => row.cost_permille, render: (row) => share(row.cost_permille), numeric: true },
    { id: 'request', title: t.costs.perRequest, value: (row) => row.cost_per_request_usd, render: (row) => <Money fine usd={row.cost_per_request_usd} />, numeric: true },
    { id: 'unpriced', title: t.words.unpriced, value: (row) => row.used.unpriced, render: (row) => <Count value={row.used.unpriced} />, numeric: true },
  ];
  const title = data.by === 'team' ? t.costs.attribution : `${t.words.cost}, ${t.words[data.by].toLowerCase()}`;
  return (
    <Section title={title}>
      <Group display="block">
        <DataTable
          name={`costs-by-${data.by}`} label={title} columns={columns} rows={data.parts} rowKey={(row) => row.key} prefix="p-"
          file={() => answered(api.GET('/api/v1/costs', { params: { query: { by: data.by, from: range.from, to: range.to } }, ...asCsv }))}
        />
      </Group>
    </Section>
  );
}
