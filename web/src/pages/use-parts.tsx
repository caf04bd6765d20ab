/** What one user used, by day, and by model or tool: on the user's page and on one's own. */
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { Chart } from '../ui/chart';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { RangePicker, useRange, type Range } from '../ui/range';
import { Read } from '../ui/states';
import { Count, Money } from '../ui/values';
import { daysOf, FigureChoice, figureOf, type Figure } from './days-by';

export function UseByDay({ of, read }: { of: string[]; read: (range: Range, signal: AbortSignal) => Promise<Schemas['Series']> }) {
  const t = useText();
  const format = useFormat();
  const range = useRange(30);
  const [figure, setFigure] = useState<Figure>('requests');
  const query = useQuery({ queryKey: ['usage', ...of, range], queryFn: ({ signal }) => read(range, signal), placeholderData: (before) => before });
  return (
    <Read query={query}>
      {(data) => {
        const known = new Map(data.days.map((slot) => [slot.key, slot.used]));
        return (
          <Chart
            title={t.user.timeline} axis={t.words.day} kind="bar" by="day" named={format.shortDay}
            valued={(value) => (figure === 'cost_nanos' ? format.money(value) : format.short(value))}
            data={daysOf(range).map((day) => {
              const used = known.get(day);
              return { day, value: used ? figureOf(used, figure) : 0 };
            })}
            series={[{ name: 'value', label: figure === 'cost_nanos' ? t.words.cost : figure === 'tokens' ? t.words.tokens : t.words.requests, color: 'weir.5' }]}
            extra={<Group gap="xs"><RangePicker range={range} /><FigureChoice value={figure} onChange={setFigure} /></Group>}
          />
        );
      }}
    </Read>
  );
}

export function Shares({ name, what, rows, prefix }: { name: string; what: string; rows: { key: string; used: Schemas['Used'] }[]; prefix: string }) {
  const t = useText();
  const format = useFormat();
  const total = rows.reduce((sum, row) => sum + row.used.cost_nanos, 0);
  const columns: Column<(typeof rows)[number]>[] = [
    { id: 'key', title: what, value: (row) => row.key, wraps: true },
    { id: 'requests', title: t.words.requests, value: (row) => row.used.requests, render: (row) => <Count value={row.used.requests} />, numeric: true },
    { id: 'tokens', title: t.words.tokens, value: (row) => row.used.tokens, render: (row) => <Count value={row.used.tokens} short />, numeric: true },
    { id: 'cost', title: t.words.cost, value: (row) => row.used.cost_usd, render: (row) => <Money usd={row.used.cost_usd} />, numeric: true },
    { id: 'share', title: t.words.share, value: (row) => (total === 0 ? null : Math.round((row.used.cost_nanos / total) * 100)), render: (row) => (total === 0 ? '–' : format.percent((row.used.cost_nanos / total) * 100)), numeric: true },
  ];
  return <DataTable name={name} label={what} columns={columns} rows={rows} rowKey={(row) => row.key} prefix={prefix} perPage={10} />;
}
