/** Numbers, money and times as people read them. Nothing here is calculated with. */

export type Lang = 'en' | 'es';

/** How long a number may get before its thousands become `k`, `M`, … */
const COMPACT_FROM = 100_000;

export interface Format {
  count: (value: number) => string;
  /** Large numbers short, for tables and axes. */
  short: (value: number) => string;
  /** Dollars with two decimals; what is less than a cent is said to be. */
  cents: (value: string | number | null | undefined) => string;
  /** Dollars with two decimals, or up to six where small amounts matter. */
  money: (value: string | number | null | undefined) => string;
  /** Every digit that is stored. */
  exactMoney: (value: string) => string;
  percent: (value: number, digits?: number) => string;
  day: (key: string) => string;
  shortDay: (key: string) => string;
  month: (key: string) => string;
  instant: (at: string) => string;
  /** With its seconds, where many fall into a minute. */
  second: (at: string) => string;
  time: (at: string) => string;
  ago: (at: string, now: number) => string;
  /** `2026-11-20_1430` in the business zone, for names of files. */
  stamp: (now: Date) => string;
}

export function makeFormat(lang: Lang, zone: string): Format {
  const locale = lang === 'es' ? 'es-ES' : 'en-GB';
  const grouped = { useGrouping: 'always' } as unknown as Intl.NumberFormatOptions;
  const count = new Intl.NumberFormat(locale, { ...grouped, maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });
  const dollars = (decimals: number) =>
    new Intl.NumberFormat(locale, {
      ...grouped,
      style: 'currency',
      currency: 'USD',
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: Math.min(decimals, 2),
      maximumFractionDigits: decimals,
    });
  const [cents, fine] = [dollars(2), dollars(6)];
  const calendar = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  const clock = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options });
  const day = calendar({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const shortDay = calendar({ day: 'numeric', month: 'short' });
  const month = calendar({ month: 'long', year: 'numeric' });
  const instant = clock({ dateStyle: 'medium', timeStyle: 'short' });
  const second = clock({ dateStyle: 'medium', timeStyle: 'medium' });
  const time = clock({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const plain = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  const less = `< ${cents.format(0.01)}`;
  // A key that is no day is shown as it is: charts ask for the name of nothing, too.
  const named = (format: Intl.DateTimeFormat) => (key: string) => {
    const date = new Date(`${key.length === 7 ? `${key}-01` : key.slice(0, 10)}T00:00:00Z`);
    return Number.isNaN(date.getTime()) ? key : format.format(date);
  };

  return {
    count: (value) => count.format(value),
    short: (value) => (Math.abs(value) < COMPACT_FROM ? count.format(value) : short.format(value)),
    cents(value) {
      if (value === null || value === undefined) return '–';
      const number = Number(value);
      return number > 0 && number < 0.01 ? less : cents.format(number);
    },
    money(value) {
      if (value === null || value === undefined) return '–';
      const number = Number(value);
      return number !== 0 && Math.abs(number) < 0.1 ? fine.format(number) : cents.format(number);
    },
    exactMoney: (value) => `$${value}`,
    percent: (value, digits = 0) =>
      new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }).format(value / 100),
    day: named(day),
    shortDay: named(shortDay),
    month: named(month),
    instant: (at) => instant.format(new Date(at)),
    second: (at) => second.format(new Date(at)),
    time: (at) => time.format(new Date(at)),
    ago(at, now) {
      const seconds = Math.round((new Date(at).getTime() - now) / 1000);
      const size = Math.abs(seconds);
      if (size < 90) return relative.format(seconds, 'second');
      if (size < 90 * 60) return relative.format(Math.round(seconds / 60), 'minute');
      if (size < 36 * 3600) return relative.format(Math.round(seconds / 3600), 'hour');
      return relative.format(Math.round(seconds / 86400), 'day');
    },
    stamp: (now) => plain.format(now).replace(' ', '_').replace(':', ''),
  };
}

/** The local day of an instant in a zone: `2026-11-20`. */
export function dayIn(zone: string, at: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at);
}

/** A day so many days later. */
export function plusDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The offset of a zone at an instant, in minutes. */
function offset(zone: string, at: number): number {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).format(new Date(at));
  return (Date.parse(`${local.replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000) / 60_000;
}

/** The instant of a local date-time (`2026-11-20T14:30`) in a zone, RFC 3339. Of two, the first. */
export function instantIn(zone: string, local: string): string {
  const asUtc = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`);
  // The offset before a change of the clocks is the larger one of the two that may hold.
  const before = asUtc - offset(zone, asUtc - 86_400_000) * 60_000;
  const after = asUtc - offset(zone, asUtc + 86_400_000) * 60_000;
  const fits = [before, after].filter((at) => at + offset(zone, at) * 60_000 === asUtc);
  const at = fits.length > 0 ? Math.min(...fits) : Math.max(before, after);
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
