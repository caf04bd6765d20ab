import { Card } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink } from '../ui/links';
import { PageFrame } from '../ui/page';
import { Read } from '../ui/states';
import { Count, Money, Used } from '../ui/values';
import { DaysBySomething } from './days-by';

type Team = Schemas['Team'];

export function Page() {
  const t = useText();
  const query = useQuery({ queryKey: ['usage', 'teams'], queryFn: ({ signal }) => answered(api.GET('/api/v1/teams', { signal })) });
  const gauge = (team: Team, metric: string) => team.quotas.find((quota) => quota.metric === metric && quota.window === 'month');
  const columns: Column<Team>[] = [
    { id: 'team', title: t.words.team, value: (row) => row.team, render: (row) => <TeamLink team={row.team} /> },
    { id: 'owner', title: t.words.owner, value: (row) => row.owner, optional: true },
    { id: 'members', title: t.words.members, value: (row) => row.members, numeric: true },
    { id: 'blocked', title: t.words.blocked, value: (row) => row.blocked, numeric: true },
    { id: 'day_requests', title: t.users.dayRequests, value: (row) => row.day.requests, render: (row) => <Count value={row.day.requests} />, numeric: true },
    { id: 'day_cost', title: t.users.dayCost, value: (row) => row.day.cost_usd, render: (row) => <Money usd={row.day.cost_usd} />, numeric: true },
    { id: 'month_tokens', title: t.users.monthTokens, value: (row) => row.month.tokens, render: (row) => <Count value={row.month.tokens} short />, numeric: true, optional: true },
    { id: 'month_cost', title: t.users.monthCost, value: (row) => row.month.cost_usd, render: (row) => <Money usd={row.month.cost_usd} fw={600} />, numeric: true },
    { id: 'budget', title: t.teams.monthBudget, value: (row) => gauge(row, 'cost')?.limit, render: (row) => <Money usd={gauge(row, 'cost')?.limit} />, numeric: true },
    { id: 'budget_percent', title: t.teams.budgetUsed, value: (row) => gauge(row, 'cost')?.percent, render: (row) => <Used percent={gauge(row, 'cost')?.percent} label={`${t.teams.monthBudget}: ${row.team}`} />, numeric: true },
    { id: 'month_requests', title: t.users.monthRequests, value: (row) => row.month.requests, render: (row) => <Count value={row.month.requests} />, numeric: true },
    { id: 'month_percent', title: t.users.monthPercent, value: (row) => gauge(row, 'requests')?.percent, render: (row) => <Used percent={gauge(row, 'requests')?.percent} label={`${t.users.monthPercent}: ${row.team}`} />, numeric: true },
  ];
  return (
    <PageFrame title={t.teams.title}>
      <Card>
        <Read query={query} lines={8}>
          {(data) => <DataTable name="teams" label={t.teams.title} columns={columns} rows={data.teams} rowKey={(row) => row.team} file={() => answered(api.GET('/api/v1/teams', asCsv))} />}
        </Read>
      </Card>
      <DaysBySomething of="team" title={t.teams.lines} kind="line" />
    </PageFrame>
  );
}
