/** Lists of the server, page after page by its cursor. */
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { Paged } from './data-table';

export interface Page<Row> {
  rows: Row[];
  next: string | null | undefined;
  total?: number | undefined;
}

/** As many rows as the server gives at once: for the file, which has all. */
const MOST = 500;
const SHOWN = 50;

export function usePaged<Answer extends Page<unknown>>(
  key: QueryKey,
  read: (cursor: string | undefined, limit: number, signal?: AbortSignal) => Promise<Answer>,
): Paged<Answer['rows'][number]> & { first: Answer | undefined } {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, SHOWN, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.rows), [pages]);
  return {
    rows,
    first: pages?.[0],
    total: pages?.[0]?.total,
    more: query.hasNextPage,
    busy: query.isFetchingNextPage,
    error: query.error,
    next: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
    all: async () => {
      const all: Answer['rows'][number][] = [];
      let cursor: string | undefined;
      do {
        const page = await read(cursor, MOST);
        all.push(...page.rows);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
  };
}
