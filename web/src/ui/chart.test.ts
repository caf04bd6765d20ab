import { expect, it } from 'vitest';

import { keyed } from './chart';

it('gives the drawing keys without dots, and the names beside them', () => {
  const series = [{ name: 'ana@example.com', label: 'ana@example.com', color: 'red' }, { name: 'day', label: 'day', color: 'blue' }];
  const { data, series: drawn } = keyed({
    title: 'x', axis: 'Day', kind: 'line', by: 'on', valued: String, series,
    data: [{ on: '2026-11-20', 'ana@example.com': 3, day: 1 }, { on: '2026-11-21', day: 2 }],
  });
  expect(drawn.map((one) => [one.name, one.label])).toEqual([['s0', 'ana@example.com'], ['s1', 'day']]);
  expect(data).toEqual([{ on: '2026-11-20', s0: 3, s1: 1 }, { on: '2026-11-21', s0: null, s1: 2 }]);
});
