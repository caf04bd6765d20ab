/** Lists of the server, page after page by its cursor. */
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { Paged } from './data-table';

export interface Page<Row> {
  rows: Row[];
  next?: string | null | undefined;
  total?: number | undefined;
}

const SHOWN = 50;

export function usePaged<Answer extends Page<unknown>>(
  key: QueryKey,
  read: (cursor: string | undefined, limit: number, signal?: AbortSignal) => Promise<Answer>,
  /** The whole result as a file: the server writes it, and notes on record who took it. */
  file: () => Promise<string>,
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
    file,
  };
}
