/** What is chosen on a page lives in its address: it survives a reload and can be sent to somebody. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type Search = Record<string, string>;
export type Change = Record<string, string | undefined>;

export function readSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') params.set(key, value);
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** How a list in time is asked for, whose column of time is the key `at`: the newest first, unless the oldest are wanted. */
export function oldestFirst(search: Search, prefix = ''): { order?: 'asc' } {
  return search[`${prefix}sort`] === 'at' && search[`${prefix}dir`] !== 'desc' ? { order: 'asc' } : {};
}

export function useUrl(): [Search, (change: Change) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (next: Change) => {
      void navigate({
        to: '.',
        replace: true,
        search: ((before: Change) => {
          const all = { ...before, ...next };
          return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ''));
        }) as never,
      });
    },
    [navigate],
  );
  return [search, change];
}
