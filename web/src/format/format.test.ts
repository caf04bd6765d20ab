import { describe, expect, it } from 'vitest';

import { instantIn, makeFormat, plusDays } from './format';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('figures', () => {
  const en = makeFormat('en', 'Europe/Madrid');
  const es = makeFormat('es', 'Europe/Madrid');

  it.each([
    ['1234.567', '$1,234.57', '1.234,57 $'],
    ['0', '$0.00', '0,00 $'],
    ['0.004215', '$0.004215', '0,004215 $'],
    ['0.5', '$0.50', '0,50 $'],
    [null, '–', '–'],
  ])('money %s', (usd, english, spanish) => {
    expect(plain(en.money(usd))).toBe(english);
    expect(plain(es.money(usd))).toBe(spanish);
  });

  it('has thousands separators from a thousand on, in both languages', () => {
    expect(en.count(5000)).toBe('5,000');
    expect(es.count(5000)).toBe('5.000');
  });

  it('shows instants in the business zone, whatever the zone of the reader', () => {
    expect(en.instant('2026-11-20T22:30:00Z')).toContain('23:30');
    expect(makeFormat('en', 'America/New_York').instant('2026-11-20T22:30:00Z')).toContain('17:30');
  });
});

describe('local date-times', () => {
  it.each([
    ['winter', '2026-11-20T14:30', '2026-11-20T13:30:00Z'],
    ['summer', '2026-07-01T14:30', '2026-07-01T12:30:00Z'],
    ['twice: the first', '2026-10-25T02:30', '2026-10-25T00:30:00Z'],
    ['never: after the gap', '2026-03-29T02:30', '2026-03-29T01:30:00Z'],
    ['midnight', '2026-10-25T00:00', '2026-10-24T22:00:00Z'],
  ])('%s', (_, local, instant) => {
    expect(instantIn('Europe/Madrid', local)).toBe(instant);
  });

  it('counts days over the end of a month and the change of clocks', () => {
    expect(plusDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(plusDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
