/** Small things that are shown everywhere the same: money, percent, states. */
import { Badge, Box, Group, Progress, Text, Tooltip } from '@mantine/core';
import {
  BanIcon, CircleCheckIcon, CircleQuestionMarkIcon, LoaderIcon, ShieldCheckIcon, XIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';

import { useFormat, useText } from '../i18n/language';

export type Tone = 'red' | 'amber' | 'green' | 'blue' | 'grey';

/** A word on a soft ground, with an icon so that colour is not all that tells. */
export function Pill({ tone, children, icon }: { tone: Tone; children: ReactNode; icon?: ReactNode }) {
  return (
    <Badge
      variant="filled" radius="sm" tt="none" fw={600} leftSection={icon}
      styles={{
        root: { backgroundColor: `var(--weir-${tone}-soft)`, color: `var(--weir-${tone})`, width: 'max-content', maxWidth: 'none' },
        label: { overflow: 'visible' },
      }}
    >
      {children}
    </Badge>
  );
}

const STATES: Record<string, { tone: Tone; icon: ReactNode }> = {
  ACTIVE: { tone: 'green', icon: <CircleCheckIcon size={13} aria-hidden /> },
  ACTIVE_ADM: { tone: 'blue', icon: <ShieldCheckIcon size={13} aria-hidden /> },
  BLOCKED: { tone: 'red', icon: <BanIcon size={13} aria-hidden /> },
  BLOCKED_ADM: { tone: 'red', icon: <BanIcon size={13} aria-hidden /> },
};

export function State({ state }: { state: string }) {
  const t = useText();
  const known = STATES[state] ?? { tone: 'grey' as const, icon: null };
  return (
    <Tooltip label={state}>
      <Box component="span" display="inline-block">
        <Pill tone={known.tone} icon={known.icon}>{(t.states as Record<string, string>)[state] ?? state}</Pill>
      </Box>
    </Tooltip>
  );
}

const ENFORCEMENT: Record<string, Tone> = {
  verified: 'green', applied: 'blue', requested: 'blue', failed: 'red', cannot: 'amber', held: 'amber', gone: 'grey', dry_run: 'grey', off: 'grey',
};

export function Enforcement({ state }: { state: string }) {
  const t = useText();
  if (state === 'none') return <Text span size="sm" c="dimmed">–</Text>;
  const icon =
    state === 'verified' ? <CircleCheckIcon size={13} aria-hidden />
    : state === 'failed' ? <XIcon size={13} aria-hidden />
    : state === 'cannot' || state === 'held' ? <CircleQuestionMarkIcon size={13} aria-hidden />
    : state === 'requested' || state === 'applied' ? <LoaderIcon size={13} aria-hidden />
    : null;
  return <Pill tone={ENFORCEMENT[state] ?? 'grey'} icon={icon}>{t.enforcement[state] ?? state}</Pill>;
}

/** Rounded to cents, or to what a price of single calls needs; exact for whoever points at it. */
export function Money({ usd, fw, fine = false }: { usd: string | null | undefined; fw?: number; fine?: boolean }) {
  const format = useFormat();
  const t = useText();
  if (usd === null || usd === undefined) return <Text span inherit c="dimmed">–</Text>;
  return (
    <Tooltip label={t.words.exact(format.exactMoney(usd))} openDelay={250}>
      <Text span inherit fw={fw} className="number">{fine ? format.money(usd) : format.cents(usd)}</Text>
    </Tooltip>
  );
}

export function Count({ value, short = false }: { value: number; short?: boolean }) {
  const format = useFormat();
  const text = short ? format.short(value) : format.count(value);
  const exact = format.count(value);
  if (text === exact) return <span className="number">{text}</span>;
  return (
    <Tooltip label={exact} openDelay={250}>
      <span className="number">{text}</span>
    </Tooltip>
  );
}

export function toneOf(percent: number): Tone {
  if (percent >= 100) return 'red';
  return percent >= 80 ? 'amber' : 'green';
}

export const BARS: Record<string, string> = { red: 'red.6', amber: 'orange.5', green: 'weir.5' };

/** How much of a limit is used. */
export function Used({ percent, label }: { percent: number | null | undefined; label: string }) {
  const format = useFormat();
  if (percent === null || percent === undefined) return <Text span size="sm" c="dimmed">–</Text>;
  const tone = toneOf(percent);
  return (
    <Group gap={8} wrap="nowrap" justify="flex-end">
      <Progress.Root size={6} w={56} radius="xl">
        <Progress.Section value={Math.min(percent, 100)} color={BARS[tone] ?? 'weir.5'} aria-label={label} aria-valuetext={format.percent(percent)} />
      </Progress.Root>
      <Text
        span size="sm" className="number" w={48} ta="right" fw={percent >= 80 ? 650 : 400}
        c={percent >= 80 ? `var(--weir-${tone})` : undefined}
      >
        {format.percent(percent)}
      </Text>
    </Group>
  );
}

/** A local date-time, with the instant as it is stored. */
export function When({ at, seconds = false }: { at: string | null | undefined; seconds?: boolean }) {
  const format = useFormat();
  if (at === null || at === undefined) return <Text span inherit c="dimmed">–</Text>;
  return (
    <time dateTime={at} title={at} className="number">{seconds ? format.second(at) : format.instant(at)}</time>
  );
}
