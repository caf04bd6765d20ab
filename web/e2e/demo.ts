/** A demo of its own for the tests or for pictures: the real binary, made-up data, a Thursday afternoon. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const NOW = '2026-11-26T15:30:00+01:00';

export interface Demo {
  url: string;
  password: string;
  /** Makes an operator by the command line. */
  operator: (name: string, password: string, ...rights: string[]) => void;
  stop: () => Promise<void>;
}

export async function demo(binary: string): Promise<Demo> {
  const place = mkdtempSync(join(tmpdir(), 'weir-e2e-'));
  const database = `sqlite:${join(place, 'demo.db')}`;
  // Whoever runs this may have settings of their own: none is found.
  const options = { cwd: place, env: { PATH: process.env['PATH'], HOME: place, WEIR_LOG: 'warn' } };
  const child = spawn(binary, ['--as-of', NOW, '--database', database, 'demo', '--listen', '127.0.0.1:0'], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said: string[] = [];
  const found = await new Promise<{ url: string; password: string }>((resolve, reject) => {
    let url: string | undefined;
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${said.join('\n')}`)));
    child.once('error', reject);
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      url ??= /dashboard is at (http:\S+)/.exec(line)?.[1];
      const password = /with the password (\S+)/.exec(line)?.[1];
      if (url !== undefined && password !== undefined) resolve({ url, password });
    });
  });
  return {
    ...found,
    operator(name, password, ...rights) {
      const made = spawnSync(binary, ['--database', database, 'operator', 'create', name, ...rights], { ...options, input: `${password}\n`, encoding: 'utf8' });
      if (made.status !== 0) throw new Error(`no operator ${name}: ${made.stderr}`);
    },
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(place, { recursive: true, force: true });
    },
  };
}
