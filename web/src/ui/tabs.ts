/** Which part of a page is open lives in its address, like all that is chosen on it. */
import { useUrl } from './url-state';

/** The open part, and what opens another: it begins without the search and order of the one before, except for what is kept. */
export function useTab<Tab extends string>(tabs: readonly [Tab, ...Tab[]], kept: readonly string[] = []): [Tab, (next: string | null) => void] {
  const [search, change] = useUrl();
  const [first] = tabs;
  const tab = tabs.find((one) => one === search['tab']) ?? first;
  const open = (next: string | null) => {
    const gone = Object.keys(search).filter((key) => !kept.includes(key)).map((key) => [key, undefined] as const);
    change({ ...Object.fromEntries<undefined>(gone), tab: next === first ? undefined : (next ?? undefined) });
  };
  return [tab, open];
}
