import { expect, it } from 'vitest';

import { csv, safe } from './csv';

it.each([
  ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
  ['+49 30 123', `'+49 30 123`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['-2+3', `'-2+3`],
  ['\t=1', `'\t=1`],
  [-5, '-5'],
  ['-5.25', '-5.25'],
  ['plain', 'plain'],
  ['with, comma', '"with, comma"'],
  ['two\nlines', '"two\nlines"'],
  [null, ''],
  [undefined, ''],
])('%j is no formula', (cell, expected) => {
  expect(safe(cell)).toBe(expected);
});

it('has a line for the titles and one for each row', () => {
  expect(csv(['a', 'b'], [[1, 'x'], [2, null]])).toBe('a,b\r\n1,x\r\n2,\r\n');
});
