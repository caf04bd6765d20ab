/** What a table shows, and how it is searched, sorted, filtered and exported. No pixels here. */
import type { ReactNode } from 'react';

import type { Cell } from '../format/csv';
import type { Change, Search } from './url-state';

export interface Column<Row> {
  id: string;
  title: string;
  /** What it is sorted, searched and exported by. */
  value: (row: Row) => Cell;
  /** What is shown, if not just the value. */
  render?: (row: Row) => ReactNode;
  numeric?: boolean;
  /** Not shown until somebody chooses it. */
  optional?: boolean;
  /** The same on a phone: what is wanted at a glance comes before it. */
  roomy?: boolean;
  /** Its values can be chosen from a list. */
  filter?: boolean;
  /** What a value of the list is called. */
  named?: (value: string) => string;
  /** The word the server sorts by; without one a table of the server is not sorted by it. */
  sortKey?: string;
  /** Lines may break within it: between words, or anywhere. */
  wraps?: boolean | 'anywhere';
}

export interface View {
  q: string;
  sort: string | undefined;
  descending: boolean;
  page: number;
  columns: string[] | undefined;
  filters: Record<string, string>;
}

/** The keys of a table in the address begin with its prefix, so that two tables do not meet. */
export function viewOf(search: Search, prefix: string, filterable: string[]): View {
  const get = (key: string) => search[prefix + key];
  const page = Number(get('page') ?? '1');
  const filters: Record<string, string> = {};
  for (const id of filterable) {
    const value = get(`f-${id}`);
    if (value !== undefined) filters[id] = value;
  }
  return {
    q: get('q') ?? '',
    sort: get('sort'),
    descending: get('dir') === 'desc',
    page: Number.isInteger(page) && page > 0 ? page : 1,
    columns: get('cols')?.split(',').filter((id) => id !== ''),
    filters,
  };
}

/** A change of the view as a change of the address. Whatever changes what is shown goes to page one. */
export function keyed(prefix: string, change: Change): Change {
  const moved = 'page' in change || 'cols' in change ? change : { page: undefined, ...change };
  return Object.fromEntries(Object.entries(moved).map(([key, value]) => [prefix + key, value]));
}

/** The columns that are shown: those somebody chose, or what fits. */
export function visible<Row>(columns: Column<Row>[], view: View, narrow: boolean): Column<Row>[] {
  const chosen = view.columns;
  if (chosen) return columns.filter((one) => chosen.includes(one.id));
  return columns.filter((one) => one.optional !== true && !(narrow && one.roomy === true));
}

/** How rows are compared by what they are: numbers as numbers, texts as the language orders them. */
export function compare(a: Cell, b: Cell, order: Intl.Collator): number {
  const none = (cell: Cell) => cell === null || cell === undefined || cell === '';
  if (none(a) || none(b)) return none(a) && none(b) ? 0 : none(a) ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return order.compare(String(a), String(b));
}

/** The rows that a view asks for, in its order. */
export function chosen<Row>(rows: Row[], columns: Column<Row>[], view: View, order: Intl.Collator): Row[] {
  const wanted = view.q.trim().toLocaleLowerCase();
  const found = rows.filter((row) => {
    for (const [id, value] of Object.entries(view.filters)) {
      const column = columns.find((one) => one.id === id);
      if (column !== undefined && String(column.value(row) ?? '') !== value) return false;
    }
    return wanted === '' || columns.some((one) => String(one.value(row) ?? '').toLocaleLowerCase().includes(wanted));
  });
  const by = columns.find((column) => column.id === view.sort);
  if (by === undefined) return found;
  const sign = view.descending ? -1 : 1;
  return found
    .map((row, at) => ({ row, at }))
    .sort((a, b) => sign * compare(by.value(a.row), by.value(b.row), order) || a.at - b.at)
    .map(({ row }) => row);
}
