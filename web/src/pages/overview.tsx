import { Alert, Anchor, Badge, Card, Group, Progress, SegmentedControl, SimpleGrid, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { TriangleAlertIcon, ArrowDownRightIcon, ArrowRightIcon, ArrowUpRightIcon, CircleCheckIcon, InfoIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { Chart } from '../ui/chart';
import { PageFrame } from '../ui/page';
import { Empty, Read } from '../ui/states';
import { Money } from '../ui/values';
import { Budgets } from './budgets';
import classes from './overview.module.css';

type Overview = Schemas['Overview'];

export function Page() {
  const t = useText();
  const query = useQuery({
    queryKey: ['usage', 'overview'],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/overview', { signal })),
    refetchInterval: 60_000,
  });
  return (
    <PageFrame title={t.overview.title}>
      <Read query={query} lines={12}>{(data) => <Body data={data} />}</Read>
    </PageFrame>
  );
}

function Body({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="md">
        <Period title={t.overview.todayTitle} sub={format.day(data.today.key)} period={data.today} before={t.overview.sameTimeYesterday} />
        <Period title={t.overview.monthTitle} sub={format.month(data.month.key)} period={data.month} before={t.overview.sameTimeLastMonth} />
        <Forecast data={data} />
        <People data={data} />
      </SimpleGrid>
      <div className={classes.split}>
        <Hours data={data} />
        <Alerts alerts={data.alerts} />
      </div>
      <div className={classes.split}>
        <Top data={data} />
        <Budgets budgets={data.budgets} />
      </div>
    </Stack>
  );
}

function Period({ title, sub, period, before }: { title: string; sub: string; period: Overview['today']; before: string }) {
  const t = useText();
  const format = useFormat();
  const { used } = period;
  const past = period.before?.used;
  const hint = t.overview.vs(before);
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" gap={4}>
        <Title order={2} size="sm">{title}</Title>
        <Text size="xs" c="dimmed">{sub}</Text>
      </Group>
      <Text className={classes.big}><Money usd={used.cost_usd} /></Text>
      <Change now={used.cost_nanos} then={past?.cost_nanos} hint={hint} />
      <dl className={classes.facts}>
        <Fact name={t.words.requests} now={used.requests} then={past?.requests} hint={hint}>{format.count(used.requests)}</Fact>
        <Fact name={t.words.tokens} now={used.tokens} then={past?.tokens} hint={hint}>
          <Tooltip label={format.count(used.tokens)}><span>{format.short(used.tokens)}</span></Tooltip>
        </Fact>
        {used.unpriced > 0 && <Fact name={t.words.unpriced}>{format.count(used.unpriced)}</Fact>}
      </dl>
    </Card>
  );
}

function Fact({ name, now, then, hint, children }: { name: string; now?: number; then?: number | undefined; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">
        {children}
        {now !== undefined && then !== undefined && hint !== undefined && <Change now={now} then={then} hint={hint} small />}
      </dd>
    </div>
  );
}

/** A difference in percent; nothing where there is nothing to compare with. */
function Change({ now, then, hint, small = false }: { now: number; then: number | undefined; hint: string; small?: boolean }) {
  const t = useText();
  const format = useFormat();
  if (then === undefined || then === 0) {
    return small ? null : <Text size="xs" c="dimmed">{t.overview.noBefore}</Text>;
  }
  const percent = ((now - then) / then) * 100;
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '±';
  const text = `${sign}${format.percent(Math.abs(percent), Math.abs(percent) < 10 ? 1 : 0)}`;
  const Arrow = percent > 1 ? ArrowUpRightIcon : percent < -1 ? ArrowDownRightIcon : ArrowRightIcon;
  if (small) return <Tooltip label={hint}><Text span size="xs" c="dimmed" ml={6}>{text}</Text></Tooltip>;
  return (
    <Group gap={4} wrap="nowrap">
      <Arrow size={15} aria-hidden color="var(--mantine-color-dimmed)" />
      <Text size="xs" c="dimmed" className="number"><b>{text}</b> {hint}</Text>
    </Group>
  );
}

function Forecast({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  const { forecast } = data;
  return (
    <Card component="section" aria-label={t.overview.forecast}>
      <Group justify="space-between" gap={4}>
        <Title order={2} size="sm">{t.overview.forecast}</Title>
      </Group>
      {forecast ? (
        <>
          <Text className={classes.big}><Money usd={forecast.cost_usd} /></Text>
          <Text size="xs" c="dimmed" className="number">{t.overview.forecastRange(format.money(forecast.low_usd), format.money(forecast.high_usd))}</Text>
          <Text size="xs" c="dimmed" mt="auto" pt="md">{t.overview.forecastDays(forecast.days)}</Text>
        </>
      ) : <Empty text={t.overview.noForecast} />}
    </Card>
  );
}

function People({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  return (
    <Card component="section" aria-label={t.nav.users}>
      <Title order={2} size="sm">{t.nav.users}</Title>
      <Text className={classes.big}><span className="number">{format.count(data.active_users_today)}</span></Text>
      <Text size="xs" c="dimmed">{t.overview.activeToday}</Text>
      <dl className={classes.facts}>
        <Fact name={t.overview.activeMonth}>{format.count(data.active_users_month)}</Fact>
        <Fact name={t.overview.blockedNow}>
          <Anchor inherit fw={650} c={data.blocked_users > 0 ? 'var(--weir-red)' : undefined} renderRoot={(props) => <Link to="/blocking" {...props} />}>
            {format.count(data.blocked_users)}
          </Anchor>
        </Fact>
      </dl>
    </Card>
  );
}

function Hours({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  const [metric, setMetric] = useState<'requests' | 'cost_nanos' | 'tokens'>('requests');
  const hour = (key: string) => key.slice(11, 13);
  const of = (slots: Overview['hours_today']) => new Map(slots.map((slot) => [hour(slot.key), slot.used[metric]]));
  const [today, yesterday] = [of(data.hours_today), of(data.hours_yesterday)];
  const scale = metric === 'cost_nanos' ? 1e9 : 1;
  // What has not come yet is not zero.
  const last = [...today.keys()].sort().at(-1) ?? '';
  const points = Array.from({ length: 24 }, (_, at) => {
    const key = String(at).padStart(2, '0');
    return { hour: key, today: key > last ? null : (today.get(key) ?? 0) / scale, yesterday: (yesterday.get(key) ?? 0) / scale };
  });
  return (
    <Chart
      title={t.overview.hours} axis={t.words.hour} kind="hours" data={points} by="hour" height={260} named={(key) => `${key}:00`}
      valued={(value) => (metric === 'cost_nanos' ? format.money(value) : format.short(value))}
      series={[
        { name: 'today', label: t.words.today, color: 'weir.5' },
        { name: 'yesterday', label: t.overview.yesterday, color: 'gray.5' },
      ]}
      extra={
        <SegmentedControl
          size="xs" value={metric} onChange={setMetric} aria-label={t.details.metric}
          data={[{ value: 'requests', label: t.words.requests }, { value: 'tokens', label: t.words.tokens }, { value: 'cost_nanos', label: t.words.cost }]}
        />
      }
    />
  );
}

function Alerts({ alerts }: { alerts: Overview['alerts'] }) {
  const t = useText();
  const format = useFormat();
  const colors = { critical: 'red', warning: 'orange', info: 'weir' } as const;
  return (
    <Card component="section" aria-label={t.overview.alerts}>
      <Title order={2} size="h5" mb="sm">{t.overview.alerts}</Title>
      {alerts.length === 0 ? (
        <Group gap="xs"><CircleCheckIcon size={18} aria-hidden color="var(--weir-green)" /><Text size="sm">{t.overview.noAlerts}</Text></Group>
      ) : (
        <Stack gap="xs" component="ul" className={classes.list}>
          {alerts.map((alert) => (
            <li key={alert.kind}>
              <Alert
                role="note" py={8} px="sm" variant="light" color={colors[alert.severity]}
                icon={alert.severity === 'info' ? <InfoIcon aria-hidden /> : <TriangleAlertIcon aria-hidden />}
                title={<Text size="sm" fw={600} c="var(--mantine-color-text)">{t.alerts[alert.kind]?.(alert.count) ?? alert.kind}</Text>}
              >
                {alert.subjects.length > 0 && (
                  <Group gap={6}>
                    {alert.subjects.map((subject) => <Subject key={`${subject.kind}:${subject.id}`} subject={subject} />)}
                    {alert.count > alert.subjects.length && alert.subjects.length === 10 && <Text span size="xs" c="dimmed">…</Text>}
                  </Group>
                )}
                {alert.since && <Text size="xs" c="dimmed">{t.words.since} {format.instant(alert.since)}</Text>}
              </Alert>
            </li>
          ))}
        </Stack>
      )}
    </Card>
  );
}

function Subject({ subject }: { subject: { kind: string; id: string } }) {
  const t = useText();
  if (subject.kind === 'user') {
    return <Anchor size="xs" c="var(--mantine-color-text)" underline="always" renderRoot={(props) => <Link to="/users/$user" params={{ user: subject.id }} {...props} />}>{subject.id}</Anchor>;
  }
  if (subject.kind === 'team') {
    return <Anchor size="xs" c="var(--mantine-color-text)" underline="always" renderRoot={(props) => <Link to="/teams/$team" params={{ team: subject.id }} {...props} />}>{t.words.team} {subject.id}</Anchor>;
  }
  return <Text span size="xs">{subject.kind === 'organisation' ? t.overview.organisation : subject.id}</Text>;
}

function Top({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  const [period, setPeriod] = useState<'today' | 'month'>('month');
  const rows = period === 'today' ? data.top_today : data.top_month;
  const most = Math.max(1, ...rows.map((row) => row.used.cost_nanos));
  const title = period === 'today' ? t.overview.topToday : t.overview.topMonth;
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">{title}</Title>
        <SegmentedControl
          size="xs" value={period} onChange={setPeriod} aria-label={title}
          data={[{ value: 'today', label: t.words.today }, { value: 'month', label: t.words.thisMonth }]}
        />
      </Group>
      {rows.length === 0 ? <Empty text={t.state.empty} /> : (
        <div className={classes.wide}>
          <Table verticalSpacing={5}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t.words.user}</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">{t.words.team}</Table.Th>
                <Table.Th scope="col" ta="right" visibleFrom="xs">{t.words.requests}</Table.Th>
                <Table.Th scope="col" ta="right">{t.words.cost}</Table.Th>
                <Table.Td visibleFrom="sm" w={120} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.user_id}>
                  <Table.Td>
                    <Anchor size="sm" renderRoot={(props) => <Link to="/users/$user" params={{ user: row.user_id }} {...props} />}>{row.person ?? row.user_id}</Anchor>
                  </Table.Td>
                  <Table.Td visibleFrom="sm"><Badge variant="default" tt="none" fw={500}>{row.team}</Badge></Table.Td>
                  <Table.Td ta="right" className="number" visibleFrom="xs">{format.count(row.used.requests)}</Table.Td>
                  <Table.Td ta="right"><Money usd={row.used.cost_usd} fw={600} /></Table.Td>
                  <Table.Td visibleFrom="sm"><Progress value={(row.used.cost_nanos / most) * 100} size={6} color="weir.5" aria-hidden /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Card>
  );
}
