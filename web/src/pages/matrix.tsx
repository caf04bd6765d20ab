/** Tables whose cells are the darker the more: days by users, hours by weekdays. */
import { Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import type { operations } from '../api/schema';
import { useFormat, useText, useWords } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { UserLink } from '../ui/links';
import { usePaged } from '../ui/paged';
import type { Range } from '../ui/range';
import { StateFilter, type Standing } from '../ui/state-filter';
import { Read } from '../ui/states';
import { useUrl } from '../ui/url-state';
import { daysOf, FigureChoice, figureOf, type Figure } from './days-by';
import classes from './matrix.module.css';
import { Section } from './section';

/** A step of five, so that small differences do not flicker. */
function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  return Math.max(1, Math.ceil(Math.sqrt(value / most) * 5));
}

function isWeekend(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}

type Asked = NonNullable<operations['usage_matrix']['parameters']['query']>;
type Row = Schemas['UserDays'];

/** The figures of the address as the API names them. */
const FIGURES = { requests: 'requests', tokens: 'tokens', cost_nanos: 'cost' } as const;

export function Matrix({ range }: { range: Range }) {
  const t = useText();
  const format = useFormat();
  const [search, change] = useUrl();
  const figure = (Object.keys(FIGURES) as Figure[]).find((one) => FIGURES[one] === search['figure']) ?? 'requests';
  const asked: Asked = {
    from: range.from, to: range.to, figure: FIGURES[figure],
    sort: search['sort'] === 'user' ? 'user' : 'total',
    order: search['sort'] === undefined || search['dir'] === 'desc' ? 'desc' : 'asc',
    ...(search['q'] !== undefined && { search: search['q'] }),
    ...(search['state'] !== undefined && { state: search['state'] as Standing }),
  };
  const paged = usePaged(['usage', 'matrix', asked], async (cursor: string | undefined, limit: number, signal?: AbortSignal) => {
    const query = { ...asked, limit, ...(cursor !== undefined && { cursor }) };
    const page = await answered(api.GET('/api/v1/usage/matrix', { params: { query }, ...(signal && { signal }) }));
    return { ...page, rows: page.users };
  }, () => answered(api.GET('/api/v1/usage/matrix', { params: { query: asked }, ...asCsv })));
  const rows = paged.rows ?? [];
  const everybody = paged.first?.everybody;
  const most = Math.max(0, ...rows.flatMap((row) => Object.values(row.days).map(Number)));
  const shown = (amount: string | undefined) => {
    const value = Number(amount ?? 0);
    return value === 0 ? '·' : figure === 'cost_nanos' ? format.money(value) : format.short(value);
  };
  const columns: Column<Row>[] = [
    { id: 'user', title: t.words.user, value: (row) => row.user_id, render: (row) => <UserLink id={row.user_id} />, sortKey: 'user' },
    { id: 'total', title: t.words.total, value: (row) => Number(row.sum), render: (row) => <b className="number">{shown(row.sum)}</b>, numeric: true, sortKey: 'total' },
    ...daysOf(range).map((day): Column<Row> => ({
      id: day, title: format.shortDay(day), value: (row) => Number(row.days[day] ?? 0), numeric: true,
      render: (row) => (
        <span className={classes.cell} data-shade={shade(Number(row.days[day] ?? 0), most)} data-weekend={isWeekend(day)}>{shown(row.days[day])}</span>
      ),
    })),
  ];
  const footer = (column: string) => (column === 'user' ? t.details.everybody : shown(column === 'total' ? everybody?.sum : everybody?.days[column]));
  return (
    <Section
      title={t.details.matrix}
      beside={<FigureChoice value={figure} onChange={(next) => change({ figure: next === 'requests' ? undefined : FIGURES[next] })} />}
    >
      <Text size="xs" c="dimmed" mb="sm">{t.details.matrixHint}</Text>
      <DataTable
        name="day-by-user" label={t.details.matrix} columns={columns} paged={paged} rowKey={(row) => row.user_id}
        searchHint={t.users.searchHint} filters={<StateFilter />} footer={footer}
      />
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
