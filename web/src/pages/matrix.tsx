/** Tables whose cells are the darker the more: days by users, hours by weekdays. */
import { Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api } from '../api/client';
import { useFormat, useText, useWords } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { UserLink } from '../ui/links';
import type { Range } from '../ui/range';
import { Read } from '../ui/states';
import { daysOf, FigureChoice, figureOf, type Figure } from './days-by';
import classes from './matrix.module.css';
import { Section } from './section';

interface Row {
  user: string;
  total: number;
  days: Map<string, number>;
}

/** A step of five, so that small differences do not flicker. */
function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  return Math.max(1, Math.ceil(Math.sqrt(value / most) * 5));
}

function isWeekend(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}

export function Matrix({ range }: { range: Range }) {
  const t = useText();
  const format = useFormat();
  const [figure, setFigure] = useState<Figure>('requests');
  const query = useQuery({
    queryKey: ['usage', 'cross', 'day', 'user', range, 500],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/usage/cross', { params: { query: { by: 'day', and: 'user', from: range.from, to: range.to, top: 500 } }, signal })),
    placeholderData: (before) => before,
  });
  const days = daysOf(range);
  const shown = (value: number) => (figure === 'cost_nanos' ? format.money(value) : format.short(value));
  return (
    <Section title={t.details.matrix} beside={<FigureChoice value={figure} onChange={setFigure} />}>
      <Text size="xs" c="dimmed" mb="sm">{t.details.matrixHint}</Text>
      <Read query={query} lines={12}>
        {(data) => {
          const rows = new Map<string, Row>(
            data.seconds.map((second) => [second.key, { user: second.key, total: figureOf(second.used, figure), days: new Map<string, number>() }]),
          );
          let most = 0;
          for (const cell of data.rows) {
            const row = cell.and ? rows.get(cell.and) : undefined;
            if (!row) continue;
            const value = figureOf(cell.used, figure);
            row.days.set(cell.key, value);
            most = Math.max(most, value);
          }
          const columns: Column<Row>[] = [
            { id: 'user', title: t.words.user, value: (row) => row.user, render: (row) => <UserLink id={row.user} /> },
            { id: 'total', title: t.words.total, value: (row) => row.total, render: (row) => <b className="number">{shown(row.total)}</b>, numeric: true },
            ...days.map((day): Column<Row> => ({
              id: day, title: format.shortDay(day), value: (row) => row.days.get(day) ?? 0, numeric: true,
              render: (row) => {
                const value = row.days.get(day) ?? 0;
                return <span className={classes.cell} data-shade={shade(value, most)} data-weekend={isWeekend(day)}>{value === 0 ? '·' : shown(value)}</span>;
              },
            })),
          ];
          return <DataTable name="day-by-user" label={t.details.matrix} columns={columns} rows={[...rows.values()]} rowKey={(row) => row.user} perPage={40} />;
        }}
      </Read>
    </Section>
  );
}

export function Week({ range }: { range: Range }) {
  const { t, lang } = useWords();
  const format = useFormat();
  const [figure, setFigure] = useState<Figure>('requests');
  const query = useQuery({
    queryKey: ['usage', 'heatmap', range],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/usage/heatmap', { params: { query: { from: range.from, to: range.to } }, signal })),
    placeholderData: (before) => before,
  });
  // 2024-01-01 was a Monday.
  const weekday = new Intl.DateTimeFormat(lang, { weekday: 'short', timeZone: 'UTC' });
  const name = (day: number) => weekday.format(new Date(Date.UTC(2024, 0, day)));
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return (
    <Section title={t.details.heat} beside={<FigureChoice value={figure} onChange={setFigure} />}>
      <Read query={query} lines={8}>
        {(data) => {
          const values = new Map(data.hours.map((one) => [`${one.weekday}-${one.hour}`, figureOf(one.used, figure)]));
          const most = Math.max(0, ...values.values());
          const shown = (value: number) => (figure === 'cost_nanos' ? format.money(value) : format.count(value));
          return (
            <div className={classes.scroll} role="region" aria-label={t.details.heat} tabIndex={0}>
              <table className={classes.week}>
                <caption className={classes.caption}>{t.details.heatHint}</caption>
                <thead>
                  <tr><td />{hours.map((hour) => <th key={hour} scope="col">{String(hour).padStart(2, '0')}</th>)}</tr>
                </thead>
                <tbody>
                  {[1, 2, 3, 4, 5, 6, 7].map((day) => (
                    <tr key={day}>
                      <th scope="row">{name(day)}</th>
                      {hours.map((hour) => {
                        const value = values.get(`${day}-${hour}`) ?? 0;
                        return (
                          <td key={hour}>
                            <Tooltip label={`${name(day)} ${String(hour).padStart(2, '0')}:00 · ${shown(value)}`}>
                              <span className={classes.square} data-shade={shade(value, most)} data-weekend={day > 5}>{value === 0 ? '' : format.short(value)}</span>
                            </Tooltip>
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Read>
      <Group mt="xs"><Text size="xs" c="dimmed">{t.details.heatHint}</Text></Group>
    </Section>
  );
}
