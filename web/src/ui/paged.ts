/** Lists of the server, page after page by its cursor. */
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import type { Paged } from './data-table';

export interface Page<Row> {
  rows: Row[];
  next?: string | null | undefined;
  total?: number | undefined;
}

const SHOWN = 50;
/** So many pages without a row are read one after the other; then somebody is asked whether to go on. */
const EMPTY_PAGES = 8;

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
  // The server looks at so many rows for a page, and a page may hold none of them though a later one does.
  const without = pages === undefined ? 0 : pages.length - 1 - pages.findLastIndex((page) => page.rows.length > 0);
  const goesOn = query.hasNextPage && !query.isPlaceholderData && !query.isError && without % EMPTY_PAGES !== 0;
  const { fetchNextPage, isFetching } = query;
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, without, fetchNextPage]);
  const rows = useMemo(() => pages?.flatMap((page) => page.rows), [pages]);
  return {
    rows,
    first: pages?.[0],
    total: pages?.[0]?.total,
    more: query.hasNextPage,
    busy: query.isFetchingNextPage || goesOn,
    error: query.error,
    next: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
    file,
  };
}
