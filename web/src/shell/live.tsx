/** Server-sent events: what changed is read again, and a pill says whether they arrive. */
import { Tooltip } from '@mantine/core';
import { PlugIcon, UnplugIcon, RefreshCwIcon } from 'lucide-react';
import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useFormat, useText } from '../i18n/language';
import { meQuery } from '../session';
import { Pill } from '../ui/values';

/** Which reads a change concerns; the words are those of `GET /api/v1/events`. */
const CONCERNED: Record<string, QueryKey[]> = {
  usage: [['usage']],
  blocks: [['blocks'], ['usage']],
  targets: [['blocks', 'targets'], ['usage']],
  quotas: [['rules'], ['usage']],
  prices: [['rules'], ['usage']],
  users: [['usage']],
  operators: [['operators']],
  rules: [['rules'], ['me']],
  messages: [['mails']],
  'dead-letters': [['system', 'dead-letters']],
  audit: [['audit']],
};

/** The server ends a connection now and then and the browser makes another: that is no news. */
const PATIENCE = 6_000;
/** Reads of the same kind are this far apart, however much changes. */
const PACE = 2_000;

type Standing = { is: 'connected' } | { is: 'reconnecting' } | { is: 'stale'; since: string };

/** Reads again what changed: at once, and then once per pace. */
function paced(queries: QueryClient): { changed: (words: string[]) => void; stop: () => void } {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const flush = () => {
    timer = undefined;
    last = Date.now();
    const keys = new Map<string, QueryKey>();
    for (const word of waiting) for (const key of CONCERNED[word] ?? []) keys.set(JSON.stringify(key), key);
    waiting.clear();
    for (const queryKey of keys.values()) void queries.invalidateQueries({ queryKey });
  };
  return {
    changed(words) {
      for (const word of words) waiting.add(word);
      if (waiting.size > 0) timer ??= setTimeout(flush, Math.max(0, last + PACE - Date.now()));
    },
    stop: () => clearTimeout(timer),
  };
}

export function Live() {
  const t = useText();
  const format = useFormat();
  const queries = useQueryClient();
  const [standing, setStanding] = useState<Standing>({ is: 'reconnecting' });
  useEffect(() => {
    const reads = paced(queries);
    let source: EventSource;
    let heard = new Date().toISOString();
    let opened = false;
    let trouble: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const connect = () => {
      source = new EventSource('/api/v1/events');
      source.addEventListener('change', (event) => {
        const { at, changed } = JSON.parse(event.data as string) as { at: string; changed: string[] };
        heard = at;
        clearTimeout(trouble);
        trouble = undefined;
        setStanding({ is: 'connected' });
        // The first event only says that the connection stands; what happened before a later one was missed.
        if (changed.length === 0 && opened) reads.changed(Object.keys(CONCERNED));
        opened = true;
        reads.changed(changed);
      });
      source.addEventListener('error', () => {
        trouble ??= setTimeout(() => setStanding({ is: 'stale', since: heard }), PATIENCE);
        // A session that is over closes it for good: the page finds out, and tries again until then.
        if (source.readyState === EventSource.CLOSED) {
          void queries.invalidateQueries({ queryKey: meQuery.queryKey });
          again = setTimeout(connect, PATIENCE);
        }
      });
    };
    connect();
    return () => {
      source.close();
      reads.stop();
      clearTimeout(trouble);
      clearTimeout(again);
    };
  }, [queries]);
  const [tone, text, icon] =
    standing.is === 'connected' ? (['green', t.live.connected, <PlugIcon key="i" size={13} aria-hidden />] as const)
    : standing.is === 'reconnecting' ? (['grey', t.live.reconnecting, <RefreshCwIcon key="i" size={13} aria-hidden />] as const)
    : (['amber', t.live.stale(format.time(standing.since)), <UnplugIcon key="i" size={13} aria-hidden />] as const);
  return (
    <Tooltip label={t.live.hint}>
      <span role="status" data-live={standing.is} style={{ display: 'inline-flex' }}><Pill tone={tone} icon={icon}>{text}</Pill></span>
    </Tooltip>
  );
}
