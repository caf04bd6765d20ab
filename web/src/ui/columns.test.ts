import { describe, expect, it } from 'vitest';

import { chosen, keyed, viewOf, visible, type Column } from './columns';
import { readSearch, writeSearch } from './url-state';

interface Row {
  name: string;
  cost: number | null;
  team: string;
}

const ROWS: Row[] = [
  { name: 'Óscar', cost: 3, team: 'sap' },
  { name: 'ana', cost: null, team: 'data' },
  { name: 'Zoe', cost: 20, team: 'data' },
];
const COLUMNS: Column<Row>[] = [
  { id: 'name', title: 'Name', value: (row) => row.name },
  { id: 'cost', title: 'Cost', value: (row) => row.cost, numeric: true },
  { id: 'team', title: 'Team', value: (row) => row.team, filter: true },
];
const names = (address: string) => {
  const view = viewOf(readSearch(address), '', ['team']);
  return chosen(ROWS, COLUMNS, view, new Intl.Collator('es', { sensitivity: 'base' })).map((row) => row.name);
};

describe('what the address says is what is shown', () => {
  it.each([
    ['', ['Óscar', 'ana', 'Zoe']],
    ['?sort=name', ['ana', 'Óscar', 'Zoe']],
    ['?sort=cost&dir=desc', ['Zoe', 'Óscar', 'ana']],
    ['?q=AN', ['ana']],
    ['?f-team=data&sort=name', ['ana', 'Zoe']],
    ['?f-team=data&q=z', ['Zoe']],
    ['?sort=nonsense', ['Óscar', 'ana', 'Zoe']],
  ])('%s', (address, expected) => {
    expect(names(address)).toEqual(expected);
  });
});

it('goes to the first page when what is shown changes', () => {
  expect(keyed('t-', { q: 'x' })).toEqual({ 't-page': undefined, 't-q': 'x' });
  expect(keyed('', { page: '2' })).toEqual({ page: '2' });
});

it('an address survives reading and writing, digits and quotes too', () => {
  const search = { q: '123', 'f-team': 'a "b" & c', empty: '' };
  expect(readSearch(writeSearch(search))).toEqual({ q: '123', 'f-team': 'a "b" & c' });
});

describe('the columns are those somebody chose, or what fits', () => {
  const columns: Column<Row>[] = [
    { id: 'name', title: 'Name', value: (row) => row.name },
    { id: 'team', title: 'Team', value: (row) => row.team, roomy: true },
    { id: 'cost', title: 'Cost', value: (row) => row.cost, optional: true },
  ];
  it.each([
    ['', false, ['name', 'team']],
    ['', true, ['name']],
    ['?cols=cost,team', true, ['team', 'cost']],
  ])('%s, a phone: %s', (address, narrow, expected) => {
    expect(visible(columns, viewOf(readSearch(address), '', []), narrow).map((one) => one.id)).toEqual(expected);
  });
});
