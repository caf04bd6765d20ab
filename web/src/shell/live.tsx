/** Server-sent events: what changed is read again, and a pill says whether they arrive. */
import { Tooltip } from '@mantine/core';
import { PlugIcon, UnplugIcon, RefreshCwIcon } from 'lucide-react';
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useFormat, useText } from '../i18n/language';
import { meQuery } from '../session';
import { Pill } from '../ui/values';
import { listen, paced, type Standing } from './listen';

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

export function Live() {
  const t = useText();
  const format = useFormat();
  const queries = useQueryClient();
  const [standing, setStanding] = useState<Standing>({ is: 'reconnecting' });
  useEffect(() => {
    const reads = paced((words) => {
      const keys = new Map(words.flatMap((word) => CONCERNED[word] ?? []).map((key) => [JSON.stringify(key), key]));
      for (const queryKey of keys.values()) void queries.invalidateQueries({ queryKey });
    });
    const stop = listen({
      changed: reads.changed,
      missed: () => reads.changed(Object.keys(CONCERNED)),
      standing: setStanding,
      // A session that is over closes it for good: the page finds out.
      refused: () => void queries.invalidateQueries({ queryKey: meQuery.queryKey }),
    });
    return () => {
      stop();
      reads.stop();
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
