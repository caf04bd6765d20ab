/** The connection by which the server tells what changed: it is kept, watched, and made again. */

/** The server ends a connection now and then and the browser makes another: what is shown is not old yet. */
const PATIENCE = 6_000;
/** Reads of the same kind are this far apart, however much changes. */
const PACE = 2_000;
/** The server says something every 15 s. After two times that, and a little, the connection is dead, though nobody was told. */
const SILENCE = 35_000;
const LOOK = 5_000;

export type Standing = { is: 'connected' } | { is: 'reconnecting' } | { is: 'stale'; since: string };

interface Hearer {
  /** These changed, in the words of `GET /api/v1/events`. */
  changed: (words: string[]) => void;
  /** There was a gap, and nobody knows what changed in it. */
  missed: () => void;
  standing: (standing: Standing) => void;
  /** The server wants none of it, as with a session that is over. It is tried again. */
  refused: () => void;
}

/** Listens until what it gives back is called. */
export function listen(hearer: Hearer): () => void {
  let source: EventSource;
  let heard = Date.now();
  let since = new Date().toISOString();
  let opened = false;
  let trouble: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const alive = (at: string) => {
    heard = Date.now();
    since = at;
    clearTimeout(trouble);
    trouble = undefined;
    hearer.standing({ is: 'connected' });
  };
  const lost = () => {
    if (trouble !== undefined) return;
    hearer.standing({ is: 'reconnecting' });
    trouble = setTimeout(() => hearer.standing({ is: 'stale', since }), PATIENCE);
  };
  const connect = () => {
    source = new EventSource('/api/v1/events');
    source.addEventListener('change', (event) => {
      const { at, changed } = JSON.parse(event.data as string) as { at: string; changed: string[] };
      alive(at);
      // The first event only says that the connection stands; what happened before a later one was missed.
      if (changed.length === 0 && opened) hearer.missed();
      opened = true;
      hearer.changed(changed);
    });
    source.addEventListener('beat', (event) => alive((JSON.parse(event.data as string) as { at: string }).at));
    source.addEventListener('error', () => {
      lost();
      if (source.readyState !== EventSource.CLOSED) return;
      hearer.refused();
      clearTimeout(again);
      again = setTimeout(connect, PATIENCE);
    });
  };
  connect();
  const watch = setInterval(() => {
    if (Date.now() - heard < SILENCE) return;
    // The next one has as long.
    heard = Date.now();
    lost();
    source.close();
    clearTimeout(again);
    connect();
  }, LOOK);
  return () => {
    source.close();
    clearInterval(watch);
    clearTimeout(trouble);
    clearTimeout(again);
  };
}

/** Passes words on: a word at once after a quiet while, and then once per pace. Use that flows holds no block back. */
export function paced(pass: (words: string[]) => void): { changed: (words: string[]) => void; stop: () => void } {
  const due = new Map<string, number>();
  const passed = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (due.size > 0) timer = setTimeout(flush, Math.max(0, Math.min(...due.values()) - Date.now()));
  };
  const flush = () => {
    const now = Date.now();
    const ready = [...due].filter(([, at]) => at <= now).map(([word]) => word);
    for (const word of ready) {
      due.delete(word);
      passed.set(word, now);
    }
    pass(ready);
    wait();
  };
  return {
    changed(words) {
      const now = Date.now();
      for (const word of words) if (!due.has(word)) due.set(word, Math.max(now, (passed.get(word) ?? 0) + PACE));
      wait();
    },
    stop: () => clearTimeout(timer),
  };
}
