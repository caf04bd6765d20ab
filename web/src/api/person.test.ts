import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { answered, api } from './client';
import { person, somebody, watchFor } from './person';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('takes reads for those of a person as long as they follow what the person did', () => {
  const one = person();
  expect(one.asks()).toBe(true);
  vi.advanceTimersByTime(4_000);
  expect(one.asks()).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(one.asks()).toBe(false);
  vi.advanceTimersByTime(3_600_000);
  expect(one.asks()).toBe(false);
  one.acted();
  expect(one.asks()).toBe(true);
});

it('tells what was done without a read by the next one, once', () => {
  const one = person();
  vi.advanceTimersByTime(60_000);
  one.acted();
  vi.advanceTimersByTime(60_000);
  expect(one.asks()).toBe(true);
  expect(one.asks()).toBe(false);
});

it('says to the server what the page reads by itself, and nothing of what a person did', async () => {
  const sent: (string | null)[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    sent.push(request.headers.get('X-Weir-Background'));
    return Promise.resolve(Response.json({}));
  });
  watchFor(somebody, window);
  const read = () => answered(api.GET('/api/v1/overview', {}));
  window.dispatchEvent(new Event('pointerdown'));
  await read();
  vi.advanceTimersByTime(60_000);
  await read();
  // What changes something is never the page's own idea.
  await answered(api.POST('/api/v1/blocks', { body: { user: 'ana', reason: 'a test' } }));
  window.dispatchEvent(new Event('keydown'));
  await read();
  expect(sent).toEqual([null, '1', null, null]);
});
