import { expect, it } from 'vitest';

import { en } from './en';
import { es } from './es';

/** Every text with its place; a function is called with something. */
function texts(of: unknown, place = ''): [string, string][] {
  if (typeof of === 'string') return [[place, of]];
  if (typeof of === 'function') return [[place, String((of as (...args: unknown[]) => unknown)(2, 'x'))]];
  return Object.entries(of as Record<string, unknown>).flatMap(([key, value]) => texts(value, `${place}.${key}`));
}

it('has the same texts in both languages, and none is empty', () => {
  expect(texts(es).map(([place]) => place)).toEqual(texts(en).map(([place]) => place));
  expect(texts(en).filter(([, text]) => text.trim() === '')).toEqual([]);
  expect(texts(es).filter(([, text]) => text.trim() === '')).toEqual([]);
});

it('says the states of people in the words of the rules', () => {
  expect(Object.keys(en.states)).toEqual(['ACTIVE', 'ACTIVE_ADM', 'BLOCKED', 'BLOCKED_ADM']);
});
