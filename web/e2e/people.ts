/** Who signs in, how a page is looked at, and what none may do. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { expect, test as base, type Page } from '@playwright/test';

export const PASSWORD = 'a few words in a row';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function address(): string {
  const url = process.env['WEIR_E2E_URL'];
  if (url === undefined) throw new Error('the demo was not started');
  return url;
}

/** A browser in which nothing may go wrong unseen: no error in the console, no request to elsewhere. */
export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ page }, use) => {
      const wrong: string[] = [];
      page.on('console', (message) => {
        // What the server says no to is part of some tests; the browser notes it as an error.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrong.push(message.text());
      });
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address())) wrong.push(`asked elsewhere: ${request.url()}`);
      });
      await use(undefined);
      expect(wrong).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** A session, without the form: that has a test of its own. */
export async function signedIn(page: Page, name = 'admina', password = PASSWORD): Promise<void> {
  const answer = await page.request.post(`${address()}/api/v1/login`, { data: { name, password }, headers: { 'X-Weir-CSRF': '1' } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

export async function open(page: Page, path: string, options: { lang?: 'en' | 'es'; scheme?: 'light' | 'dark' } = {}): Promise<void> {
  const { lang = 'en', scheme = 'light' } = options;
  await page.addInitScript(([language, shade]) => {
    localStorage.setItem('weir-language', language ?? 'en');
    localStorage.setItem('weir-scheme', shade ?? 'light');
  }, [lang, scheme]);
  await page.goto(address() + path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await settled(page);
}

/** Nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0, { timeout: 60_000 });
}

/** WCAG 2.1 AA as far as a program can tell. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run: (options: unknown) => Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }> } }).axe;
    const { violations } = await run.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`));
  });
  expect(found).toEqual([]);
}

/** A phone scrolls down, never sideways. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > width + 1).slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
  });
  expect(wide).toEqual([]);
}
