// The pictures of the README, from the demo: node scripts/pictures.mjs PATH-OF-WEIR
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from '@playwright/test';

const IMAGES = new URL('../../docs/images/', import.meta.url).pathname;
const PICTURES = [
  ['overview', '/', 'light'],
  ['costs', '/costs?from=2026-11-16&to=2026-11-26', 'light'],
  ['user', '/users/ana.lopez', 'dark'],
  ['users', '/users', 'light'],
  ['blocking', '/blocking', 'light'],
  ['details', '/details', 'light'],
  ['team', '/teams/data', 'light'],
];

const binary = resolve(process.argv[2] ?? '../target/debug/weir');
const place = mkdtempSync(join(tmpdir(), 'weir-pictures-'));
const demo = spawn(
  binary,
  ['--as-of', '2026-11-26T15:30:00+01:00', '--database', `sqlite:${join(place, 'demo.db')}`, 'demo', '--listen', '127.0.0.1:0'],
  { cwd: place, stdio: ['ignore', 'ignore', 'pipe'] },
);
let url, password;
for await (const line of createInterface({ input: demo.stderr })) {
  url ??= /dashboard is at (http:\S+)/.exec(line)?.[1];
  password ??= /with the password (\S+)/.exec(line)?.[1];
  if (url && password) break;
}
demo.stderr.resume();
const browser = await chromium.launch({
  executablePath: process.env.WEIR_TEST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
for (const [name, path, scheme] of PICTURES) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 880 }, locale: 'en-GB', colorScheme: scheme });
  await page.request.post(`${url}/api/v1/login`, { data: { name: 'demo', password }, headers: { 'X-Weir-CSRF': '1' } });
  await page.goto(url + path);
  await page.waitForSelector('[data-live="connected"]', { timeout: 120_000 });
  await page.waitForFunction(() => (document.querySelectorAll('h2').length > 1 || document.querySelector('tbody tr')) && !document.querySelector('.mantine-Skeleton-root'), null, { timeout: 120_000 });
  await page.screenshot({ path: join(IMAGES, `dashboard-${name}.png`), animations: 'disabled' });
  await page.close();
}
await browser.close();
demo.kill('SIGINT');
rmSync(place, { recursive: true, force: true });
