/** The server's time: what is "today" there is today here, whatever the clock of this machine says. */
import { createContext, useContext } from 'react';

import { dayIn } from '../format/format';
import { useZone } from '../i18n/language';

/** Milliseconds that the server is ahead of this machine. */
export const AheadContext = createContext(0);

export function useNow(): () => number {
  const ahead = useContext(AheadContext);
  return () => Date.now() + ahead;
}

export function useToday(): string {
  const now = useNow();
  return dayIn(useZone(), new Date(now()));
}
