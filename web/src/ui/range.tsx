/** Local days from and to, in the address. */
import { DatePickerInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import 'dayjs/locale/es';
import { CalendarIcon } from 'lucide-react';
import { useState } from 'react';

import { plusDays } from '../format/format';
import { useWords, useZone } from '../i18n/language';
import { useToday } from './now';
import { useUrl } from './url-state';

export interface Range {
  from: string;
  to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the address says, else so many days up to today. */
export function useRange(days: number): Range {
  const [search] = useUrl();
  const today = useToday();
  const { from, to } = search;
  if (from !== undefined && to !== undefined && DAY.test(from) && DAY.test(to) && from <= to) return { from, to };
  return { from: plusDays(today, 1 - days), to: today };
}

export function RangePicker({ range }: { range: Range }) {
  const { t, lang } = useWords();
  const zone = useZone();
  const [, change] = useUrl();
  // While only the first day is chosen, there is nothing for the address yet.
  const [first, setFirst] = useState<string | null>(null);
  const value: [string | null, string | null] = first === null ? [range.from, range.to] : [first, null];
  const today = useToday();
  const month = today.slice(0, 8) + '01';
  const before = plusDays(month, -1);
  const presets: { value: [string, string]; label: string }[] = [
    { value: [today, today], label: t.range.today },
    { value: [plusDays(today, -1), plusDays(today, -1)], label: t.range.yesterday },
    { value: [plusDays(today, -6), today], label: t.range.last7 },
    { value: [plusDays(today, -9), today], label: t.range.last10 },
    { value: [plusDays(today, -29), today], label: t.range.last30 },
    { value: [month, today], label: t.range.month },
    { value: [before.slice(0, 8) + '01', before], label: t.range.lastMonth },
  ];
  return (
    <DatePickerInput
      type="range" size="xs" w={250} value={value} presets={presets} allowSingleDateInRange maxDate={today} locale={lang}
      title={`${t.range.label}, ${t.range.zone(zone)}`} firstDayOfWeek={1} valueFormat="D MMM YYYY"
      leftSection={<CalendarIcon size={14} aria-hidden />}
      ariaLabels={{ previousMonth: '‹', nextMonth: '›' }}
      onChange={(next) => {
        const [from, to] = next;
        setFirst(to === null ? from : null);
        if (from !== null && to !== null) change({ from, to });
      }}
    />
  );
}
