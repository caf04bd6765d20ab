/** Days, split by user, team, model or tool: lines or piles. */
import { Group, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { plusDays } from '../format/format';
import { useFormat, useText } from '../i18n/language';
import { SERIES } from '../theme';
import { Chart } from '../ui/chart';
import type { Point } from '../ui/chart';
import { RangePicker, useRange, type Range } from '../ui/range';
import { Empty, Read } from '../ui/states';
import { Section } from './section';

export type Figure = 'requests' | 'tokens' | 'cost_nanos';
export type Thing = 'user' | 'team' | 'model' | 'tool';

/** Lines that can be told apart. */
export const LINES = 8;

/** Every day from and to, those without a call too. */
export function daysOf(range: Range): string[] {
  const days = [];
  for (let day = range.from; day <= range.to && days.length < 400; day = plusDays(day, 1)) days.push(day);
  return days;
}

export function figureOf(used: Schemas['Used'], figure: Figure): number {
  return figure === 'cost_nanos' ? used.cost_nanos / 1e9 : used[figure];
}

export function FigureChoice({ value, onChange }: { value: Figure; onChange: (value: Figure) => void }) {
  const t = useText();
  return (
    <SegmentedControl
      size="xs" value={value} onChange={onChange} aria-label={t.details.metric}
      data={[{ value: 'requests', label: t.words.requests }, { value: 'tokens', label: t.words.tokens }, { value: 'cost_nanos', label: t.words.cost }]}
    />
  );
}

/** Which users, where it is of users. */
export interface Only {
  search?: string;
  team?: string;
  state?: 'ACTIVE' | 'ACTIVE_ADM' | 'BLOCKED' | 'BLOCKED_ADM';
}

export function DaysBySomething({ of, title, kind, picker = true, days = 30, only = {} }: { of: Thing; title: string; kind: 'line' | 'stacked'; picker?: boolean; days?: number; only?: Only }) {
  const t = useText();
  const format = useFormat();
  const range = useRange(days);
  const [figure, setFigure] = useState<Figure>('requests');
  const query = useQuery({
    queryKey: ['usage', 'cross', 'day', of, range, LINES, only],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/usage/cross', { params: { query: { by: 'day', and: of, from: range.from, to: range.to, top: LINES, ...only } }, signal })),
    placeholderData: (before) => before,
  });
  return (
    <Read query={query} lines={6}>
      {(data) => {
        if (data.seconds.length === 0) return <Section title={title} beside={picker && <RangePicker range={range} />}><Empty text={t.chart.noUse} /></Section>;
        const points = new Map<string, Point>(daysOf(range).map((day) => [day, { day }]));
        for (const cell of data.rows) {
          const point = points.get(cell.key);
          if (point) point[cell.and ?? '…'] = figureOf(cell.used, figure);
        }
        const names = data.seconds.map((second) => second.key);
        for (const point of points.values()) for (const name of names) point[name] ??= 0;
        const series = names.map((name, at) => ({ name, label: name, color: SERIES[at % SERIES.length] ?? 'gray.5' }));
        if (data.others && kind === 'stacked') series.push({ name: '…', label: t.details.others, color: 'gray.4' });
        return (
          <Chart
            title={title} axis={t.words.day} kind={kind} data={[...points.values()]} by="day" named={format.shortDay} height={280} series={series}
            valued={(value) => (figure === 'cost_nanos' ? format.money(value) : format.short(value))}
            extra={<Group gap="xs" justify="flex-end">{picker && <RangePicker range={range} />}<FigureChoice value={figure} onChange={setFigure} /></Group>}
          />
        );
      }}
    </Read>
  );
}
