import { Card, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Fragment, useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { Actions } from '../access/actions';
import { useFormat, useText } from '../i18n/language';
import { Chart } from '../ui/chart';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { UserLink } from '../ui/links';
import { PageFrame } from '../ui/page';
import { RangePicker, useRange } from '../ui/range';
import { Read } from '../ui/states';
import { Money, Used } from '../ui/values';
import { daysOf, FigureChoice, figureOf, type Figure } from './days-by';
import { Amount } from './quota-table';
import { Section } from './section';
import { useUserColumns } from './user-columns';

type Member = Schemas['Member'];

export function Page() {
  const { team = '' } = useParams({ strict: false });
  const range = useRange(30);
  const query = useQuery({
    queryKey: ['usage', 'team', team, range],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/teams/{team}', { params: { path: { team }, query: { from: range.from, to: range.to } }, signal })),
    placeholderData: (before) => before,
  });
  const t = useText();
  return (
    <PageFrame title={`${t.teams.page} ${query.data?.team.display_name ?? team}`} beside={query.data && <Actions team={team} />}>
      <Read query={query} lines={10}>{(data) => <Body data={data} />}</Read>
    </PageFrame>
  );
}

function Body({ data }: { data: Schemas['TeamPage'] }) {
  const t = useText();
  const format = useFormat();
  const range = useRange(30);
  const [figure, setFigure] = useState<Figure>('cost_nanos');
  const { team } = data;
  const users = useUserColumns() as unknown as Column<Member>[];
  const share = (permille: number | null | undefined) => (permille === null || permille === undefined ? null : permille / 10);
  const columns: Column<Member>[] = [
    ...users.filter((column) => !['team', 'day_requests', 'month_tokens'].includes(column.id)),
    { id: 'share_cost', title: t.teams.shareCost, optional: true, value: (row) => Number(row.for_team_usd), render: (row) => <Money usd={row.for_team_usd} />, numeric: true },
    { id: 'share', title: t.teams.share, value: (row) => share(row.cost_permille), render: (row) => (row.cost_permille === null || row.cost_permille === undefined ? '–' : format.percent(row.cost_permille / 10, 1)), numeric: true },
  ];
  const series = new Map(data.series.days.map((slot) => [slot.key, slot.used]));
  const facts = [
    [t.words.owner, team.owner ?? '–'],
    [t.words.members, format.count(team.members)],
    [t.words.blocked, format.count(team.blocked)],
  ] as const;
  return (
    <Stack gap="md">
      <Card>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
          {facts.map(([name, value]) => <div key={name}><Text size="xs" c="dimmed">{name}</Text><Text size="sm" className="number">{value}</Text></div>)}
          <div><Text size="xs" c="dimmed">{t.words.cost}, {t.words.today.toLowerCase()}</Text><Text size="sm"><Money usd={team.day.cost_usd} fw={650} /></Text></div>
          <div><Text size="xs" c="dimmed">{t.words.cost}, {t.words.thisMonth.toLowerCase()}</Text><Text size="sm"><Money usd={team.month.cost_usd} fw={650} /></Text></div>
        </SimpleGrid>
        {team.quotas.map((quota) => (
          <Text key={`${quota.metric} ${quota.window}`} size="sm" mt="sm" component="div" display="flex" style={{ gap: 12, alignItems: 'center', flexWrap: 'wrap' }}>
            <span>{t.metrics[quota.metric]} / {t.windows[quota.window]} ({t.actions[quota.action]})</span>
            <span><Amount metric={quota.metric} value={quota.used} /> / <Amount metric={quota.metric} value={quota.limit} /></span>
            <Used percent={quota.percent} label={`${quota.metric} ${quota.window}`} />
          </Text>
        ))}
      </Card>
      <Chart
        title={t.teams.lines} axis={t.words.day} kind="bar" by="day" named={format.shortDay}
        valued={(value) => (figure === 'cost_nanos' ? format.money(value) : format.short(value))}
        data={daysOf(range).map((day) => {
          const used = series.get(day);
          return { day, value: used ? figureOf(used, figure) : 0 };
        })}
        series={[{ name: 'value', label: figure === 'cost_nanos' ? t.words.cost : figure === 'tokens' ? t.words.tokens : t.words.requests, color: 'weir.5' }]}
        extra={<><RangePicker range={range} /><FigureChoice value={figure} onChange={setFigure} /></>}
      />
      <Section title={t.teams.members}>
        <DataTable
          name={`team-${team.team}`} label={t.teams.members} columns={columns} rows={data.members} rowKey={(row) => row.user_id}
          actions={(row) => <Actions user={row.user_id} state={row.state} compact />}
        />
        {data.others.length > 0 && (
          <Text size="sm" mt="xs">
            {t.teams.others}:{' '}
            {data.others.map((other, index) => (
              <Fragment key={other.user_id}>
                {index > 0 && ', '}
                <UserLink id={other.user_id} /> (<Money usd={other.for_team_usd} />{other.cost_permille === null || other.cost_permille === undefined ? '' : `, ${format.percent(other.cost_permille / 10, 1)}`})
              </Fragment>
            ))}
          </Text>
        )}
      </Section>
    </Stack>
  );
}
