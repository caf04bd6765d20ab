import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { Live } from './live';
import { paced } from './listen';

/** A connection in the hands of the test. */
class Wire extends EventTarget {
  static readonly CLOSED = 2;
  static all: Wire[] = [];
  static get last(): Wire {
    const last = Wire.all.at(-1);
    if (last === undefined) throw new Error('nobody connected');
    return last;
  }
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Wire.all.push(this);
  }
  close(): void {
    this.readyState = Wire.CLOSED;
  }
  says(type: string, data: unknown): void {
    act(() => void this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) })));
  }
  breaks(readyState = 0): void {
    this.readyState = readyState;
    act(() => void this.dispatchEvent(new Event('error')));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Wire.all = [];
  vi.stubGlobal('EventSource', Wire);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const AT = '2026-11-20T10:00:00Z';
const pass = (milliseconds: number): void => {
  act(() => void vi.advanceTimersByTime(milliseconds));
};
const pill = () => screen.getByRole('status').textContent;

function show(): string[] {
  const queries = new QueryClient();
  const read: string[] = [];
  vi.spyOn(queries, 'invalidateQueries').mockImplementation((of) => {
    read.push(JSON.stringify(of?.queryKey));
    return Promise.resolve();
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <LanguageProvider lang="en" words={en}><Live /></LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return read;
}

it('is reconnecting at once when the connection breaks, then stale, and connected again', () => {
  show();
  expect(pill()).toBe('Reconnecting…');
  Wire.last.says('change', { at: AT, changed: [] });
  expect(pill()).toBe('Live');
  Wire.last.breaks();
  expect(pill()).toBe('Reconnecting…');
  pass(6_000);
  expect(pill()).toMatch(/^Stale since .*10:00/);
  // A second failure is no better than the first.
  Wire.last.breaks();
  expect(pill()).toMatch(/^Stale since/);
  Wire.last.says('change', { at: AT, changed: [] });
  expect(pill()).toBe('Live');
  pass(60_000 / 2);
  expect(pill()).toBe('Live');
});

it('does not stay green when the connection dies without a word', () => {
  show();
  Wire.last.says('change', { at: AT, changed: [] });
  for (let beats = 0; beats < 8; beats += 1) {
    pass(15_000);
    Wire.last.says('beat', { at: AT });
  }
  expect(pill()).toBe('Live');
  expect(Wire.all).toHaveLength(1);
  pass(40_000);
  expect(pill()).toBe('Reconnecting…');
  expect(Wire.all).toHaveLength(2);
  expect(Wire.all[0]?.readyState).toBe(Wire.CLOSED);
  pass(6_000);
  expect(pill()).toMatch(/^Stale since/);
});

it('reads everything again after a gap, and asks who is signed in when it is refused', () => {
  const read = show();
  Wire.last.says('change', { at: AT, changed: [] });
  pass(0);
  expect(read).toEqual([]);
  Wire.last.breaks(Wire.CLOSED);
  expect(read).toEqual(['["me"]']);
  pass(6_000);
  expect(Wire.all).toHaveLength(2);
  Wire.last.says('change', { at: AT, changed: [] });
  pass(0);
  expect(read).toEqual(expect.arrayContaining(['["usage"]', '["blocks"]', '["audit"]']));
});

it('passes a block on at once, however much use flows', () => {
  const passed: [number, string[]][] = [];
  const began = Date.now();
  const reads = paced((words) => passed.push([Date.now() - began, words]));
  for (let second = 0; second < 4; second += 1) {
    reads.changed(['usage']);
    vi.advanceTimersByTime(1_000);
  }
  // Flushed at 0 and 2 s; more use waits for 4 s, the block does not.
  reads.changed(['usage']);
  reads.changed(['blocks']);
  vi.advanceTimersByTime(0);
  reads.changed(['blocks']);
  vi.advanceTimersByTime(3_000);
  reads.stop();
  expect(passed.filter(([, words]) => words.includes('blocks')).map(([at]) => at)).toEqual([4_000, 6_000]);
  expect(passed.filter(([, words]) => words.includes('usage')).map(([at]) => at)).toEqual([0, 2_000, 4_000, 6_000].slice(0, 4).filter((at) => at <= 6_000));
});
