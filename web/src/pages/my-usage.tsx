/** What a developer sees: what they used, what is left, and, if they are blocked, why, until when and whom to ask. */
import { Card, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { reasonIn } from '../format/reason';
import { useFormat, useText } from '../i18n/language';
import { useNow } from '../ui/now';
import { PageFrame } from '../ui/page';
import { Empty, Read } from '../ui/states';
import { Enforcement, Money, State, toneOf } from '../ui/values';
import { DataTable } from '../ui/data-table';
import { useBlockColumns } from './block-columns';
import { Amount } from './quota-table';
import { Section } from './section';
import { Shares, UseByDay } from './use-parts';

type Mine = Schemas['UserPage'];

/** Calls and blocks are pushed. What is not, as that a Deny is there, is looked at by itself. */
const AGAIN = 30_000;

export function Page() {
  const t = useText();
  const query = useQuery({ queryKey: ['usage', 'my'], queryFn: ({ signal }) => answered(api.GET('/api/v1/my/usage', { signal })), refetchInterval: AGAIN });
  return (
    <PageFrame title={t.my.title}>
      <Read query={query} lines={10}>{(data) => <Body data={data} />}</Read>
    </PageFrame>
  );
}

function Body({ data }: { data: Mine }) {
  const t = useText();
  const columns = useBlockColumns(false);
  return (
    <Stack gap="md">
      <Standing data={data} />
      <Section title={t.my.limits}>
        {data.quotas.length === 0 ? <Empty text={t.my.noLimits} /> : (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
            {data.quotas.map((quota) => <Gauge key={`${quota.scope} ${quota.metric} ${quota.window}`} quota={quota} />)}
          </SimpleGrid>
        )}
      </Section>
      <UseByDay
        of={['my', 'days']}
        read={(range, signal) => answered(api.GET('/api/v1/my/days', { params: { query: { from: range.from, to: range.to } }, signal }))}
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Section title={t.user.models}><Shares name="models" what={t.words.model} rows={data.models} prefix="m-" /></Section>
        <Section title={t.user.tools}><Shares name="tools" what={t.words.tool} rows={data.tools} prefix="t-" /></Section>
      </SimpleGrid>
      <Section title={t.my.blocks}>
        <DataTable name="my-blocks" label={t.my.blocks} columns={columns} rows={data.blocks} rowKey={(row) => row.id} prefix="b-" empty={t.my.noBlocks} perPage={10} />
      </Section>
    </Stack>
  );
}

/** Whether one may call, in a sentence. */
function Standing({ data }: { data: Mine }) {
  const t = useText();
  const format = useFormat();
  const blocked = data.state.startsWith('BLOCKED');
  // A block in force that denies less than everything leaves the rest.
  const active = data.blocks.filter((block) => !block.lifted_at && !block.held && !block.discarded);
  const all = active.some((block) => block.scope === 'user' || block.scope === 'team') || active.length === 0;
  const recorded = data.enforcement === 'dry_run' || data.enforcement === 'off';
  return (
    <Card>
      <Group justify="space-between" gap="sm" align="flex-start">
        <div>
          <Text size="sm" c="dimmed">{data.user.person ? `${data.user.person} · ` : ''}<span className="mono">{data.user.user_id}</span> · {t.words.team} {data.user.team}</Text>
          <Title order={2} size="h4" mt={4}>
            {blocked ? (recorded ? t.my.wouldBe : all ? t.my.blockedAll : t.my.blockedPart) : data.state === 'ACTIVE_ADM' ? t.my.protected : t.my.active}
          </Title>
        </div>
        <Group gap={6}><State state={data.state} />{blocked && <Enforcement state={data.enforcement} />}</Group>
      </Group>
      {blocked && <Why data={data} />}
      {blocked && recorded && <Text size="sm" mt="sm" c="dimmed">{t.my.onlyRecorded}</Text>}
      {data.protection && (
        <Text size="sm" mt="md" p="sm" bg="var(--weir-blue-soft)" c="var(--weir-blue)">
          {data.protection.until ? t.my.protectedUntil(format.instant(data.protection.until)) : t.my.protectedLong} {t.words.reason}: {data.protection.reason}
        </Text>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }} mt="md">
        <Item name={`${t.words.requests}, ${t.words.today.toLowerCase()}`}>{format.count(data.day.requests)}</Item>
        <Item name={`${t.words.cost}, ${t.words.today.toLowerCase()}`}><Money usd={data.day.cost_usd} /></Item>
        <Item name={`${t.words.requests}, ${t.words.thisMonth.toLowerCase()}`}>{format.count(data.month.requests)}</Item>
        <Item name={`${t.words.cost}, ${t.words.thisMonth.toLowerCase()}`}><Money usd={data.month.cost_usd} /></Item>
      </SimpleGrid>
    </Card>
  );
}

function Why({ data }: { data: Mine }) {
  const t = useText();
  const format = useFormat();
  const now = useNow();
  const until = data.blocked_until;
  const byPeople = data.state === 'BLOCKED_ADM';
  return (
    <Stack gap={4} mt="md" p="sm" bg="var(--weir-red-soft)" c="var(--weir-red)">
      <Text size="sm"><b>{t.my.why}</b> {data.reasons.map((reason) => reasonIn(t, format, reason)).join(' · ')}</Text>
      <Text size="sm">
        <b>{t.my.untilWhen}</b> {until ? `${format.instant(until)} (${format.ago(until, now())})` : t.user.indefinite}{until && !byPeople ? `. ${t.my.thenAgain}` : ''}
      </Text>
      <Text size="sm"><b>{t.my.whom}</b> {t.my.ask(data.user.team, data.team_owner)}</Text>
    </Stack>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text component="div" fz={20} fw={650} className="number">{children}</Text>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const BARS: Record<string, string> = { red: 'red.6', amber: 'orange.5', green: 'weir.5' };

/** A limit: how much is used, how much is left, and when it begins anew. */
function Gauge({ quota }: { quota: Mine['quotas'][number] }) {
  const t = useText();
  const format = useFormat();
  const now = useNow();
  const [kind, ...rest] = quota.scope.split(':');
  const name = rest.join(':');
  const of = kind === 'team' ? t.my.ofTeam : kind === 'tool' ? t.my.withTool(name) : kind === 'model' ? t.my.withModel(name) : kind === 'organisation' ? t.my.ofAll : null;
  const percent = quota.percent ?? 0;
  const tone = toneOf(percent);
  const title = capital(t.my.per(t.metrics[quota.metric] ?? quota.metric, t.windows[quota.window] ?? quota.window));
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
        <Text size="sm" fw={600}>{title}{of !== null && <Text span size="sm" fw={400} c="dimmed"> {of}</Text>}</Text>
        {quota.percent !== null && quota.percent !== undefined && <Text size="sm" fw={percent >= 80 ? 650 : 400} className="number" {...(percent >= 80 && { c: `var(--weir-${tone})` })}>{format.percent(percent)}</Text>}
      </Group>
      <Progress.Root size={8} radius="xl">
        <Progress.Section value={Math.min(percent, 100)} color={BARS[tone] ?? 'weir.5'} aria-label={of === null ? title : `${title} ${of}`} aria-valuetext={format.percent(percent)} />
      </Progress.Root>
      <Text size="sm" className="number"><Amount metric={quota.metric} value={quota.used} /> / <Amount metric={quota.metric} value={quota.limit} /></Text>
      <Text size="xs" c="dimmed">{t.my.renews(format.instant(quota.resets_at), format.ago(quota.resets_at, now()))} {quota.action === 'block' ? t.my.atLimit : t.my.atLimitNotify}</Text>
    </Stack>
  );
}
