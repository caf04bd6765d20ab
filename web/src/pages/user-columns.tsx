/** Users in a table: how they stand, their day, their month. */
import { Stack } from '@mantine/core';

import type { Schemas } from '../api/client';
import { reasonIn } from '../format/reason';
import { useFormat, useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { TeamLink, UserLink } from '../ui/links';
import { Count, Enforcement, Money, State, Used, When } from '../ui/values';

export type UserLine = Schemas['ListedUser'];

export function useUserColumns(): Column<UserLine>[] {
  const t = useText();
  const format = useFormat();
  const number = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text));
  return [
    { id: 'user', title: t.words.user, value: (row) => row.user_id, render: (row) => <UserLink id={row.user_id} person={row.person} />, sortKey: 'user' },
    { id: 'person', title: t.words.person, value: (row) => row.person, optional: true, sortKey: 'person' },
    { id: 'email', title: t.words.email, value: (row) => row.email, optional: true },
    { id: 'team', title: t.words.team, value: (row) => row.team, render: (row) => <TeamLink team={row.team} />, sortKey: 'team', roomy: true },
    { id: 'class', title: t.words.class, value: (row) => t.classes[row.class] ?? row.class, optional: true },
    { id: 'state', title: t.words.state, value: (row) => row.state, render: (row) => <Stack gap={2}><State state={row.state} />{row.enforcement !== 'none' && <Enforcement state={row.enforcement} />}</Stack>, sortKey: 'state' },
    { id: 'enforcement', title: t.words.enforcement, value: (row) => row.enforcement, render: (row) => <Enforcement state={row.enforcement} />, optional: true },
    { id: 'blocked_until', title: t.words.until, value: (row) => row.blocked_until, render: (row) => <When at={row.blocked_until} />, optional: true },
    { id: 'blocked_reason', title: t.words.reason, value: (row) => (row.blocked_reason ? reasonIn(t, format, row.blocked_reason) : null), optional: true, wraps: true },
    { id: 'day_cost', title: t.users.dayCost, value: (row) => row.day.cost_usd, render: (row) => <Money usd={row.day.cost_usd} />, numeric: true, sortKey: 'cost_day' },
    { id: 'month_cost', title: t.users.monthCost, value: (row) => row.month.cost_usd, render: (row) => <Money usd={row.month.cost_usd} fw={600} />, numeric: true, sortKey: 'cost_month' },
    { id: 'day_requests', title: t.users.dayRequests, value: (row) => row.day.requests, render: (row) => <Count value={row.day.requests} />, numeric: true, sortKey: 'requests_day' },
    { id: 'day_limit', title: t.users.dayLimit, value: (row) => number(row.daily_requests.limit), numeric: true, optional: true },
    { id: 'day_percent', title: t.users.dayPercent, value: (row) => row.daily_requests.percent, render: (row) => <Used percent={row.daily_requests.percent} label={`${t.users.dayPercent}: ${row.user_id}`} />, numeric: true, sortKey: 'percent_day' },
    { id: 'month_requests', title: t.users.monthRequests, value: (row) => row.month.requests, render: (row) => <Count value={row.month.requests} />, numeric: true, sortKey: 'requests_month' },
    { id: 'month_limit', title: t.users.monthLimit, value: (row) => number(row.monthly_requests.limit), numeric: true, optional: true },
    { id: 'month_percent', title: t.users.monthPercent, value: (row) => row.monthly_requests.percent, render: (row) => <Used percent={row.monthly_requests.percent} label={`${t.users.monthPercent}: ${row.user_id}`} />, numeric: true, sortKey: 'percent_month' },
    { id: 'day_tokens', title: t.users.dayTokens, value: (row) => row.day.tokens, render: (row) => <Count value={row.day.tokens} short />, numeric: true, optional: true, sortKey: 'tokens_day' },
    { id: 'month_tokens', title: t.users.monthTokens, value: (row) => row.month.tokens, render: (row) => <Count value={row.month.tokens} short />, numeric: true, sortKey: 'tokens_month' },
    { id: 'last_seen', title: t.words.lastSeen, value: (row) => row.last_seen, render: (row) => <When at={row.last_seen} />, optional: true, sortKey: 'last_seen' },
  ];
}
