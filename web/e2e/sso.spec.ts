/** The button, a real provider of single sign-on (`crates/testkit/oidc`), and back, by the real binary. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from '@playwright/test';

import { accessible } from './people';

interface Providers { full: string; client_id: string; client_secret: string }

/** Where tests tell the provider who there is. */
function control(): string {
  const url = process.env['WEIR_TEST_OIDC_URL'];
  if (url === undefined) throw new Error('no provider of single sign-on: run `scripts/with-services.sh scripts/web.sh e2e BINARY`');
  return url;
}

/** A port that nobody listens on: the address to come back to is registered before the server starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((done) => server.close(done));
  return port;
}

/** `weir serve` with single sign-on, in a directory of its own. */
async function serve(): Promise<{ url: string; stop: () => Promise<void> }> {
  const binary = process.env['WEIR_BIN'];
  if (binary === undefined) throw new Error('which binary? Set WEIR_BIN to the path of weir');
  const providers = (await (await fetch(control())).json()) as Providers;
  const place = mkdtempSync(join(tmpdir(), 'weir-sso-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(join(place, 'weir.toml'), `
    [server.oidc]
    label = "Acme"
    issuer = "${providers.full}"
    client_id = "${providers.client_id}"
    redirect_url = "${url}/sso/callback"
    scopes = ["email", "profile", "groups"]
    [[server.oidc.groups]]
    group = "lookers"
    role = "viewer"
  `);
  const child = spawn(binary, ['--database', `sqlite:${join(place, 'sso.db')}`, 'serve', '--migrate', '--listen', url.slice('http://'.length)], {
    cwd: place,
    env: { PATH: process.env['PATH'], HOME: place, WEIR_LOG: 'warn', WEIR_SERVER_TOKEN: '0123456789abcdef0123456789abcdef', WEIR_OIDC_CLIENT_SECRET: providers.client_secret },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`weir serve ended with ${code}: ${said.join('\n')}`)));
    child.once('error', reject);
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('listening on')) resolve();
    });
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(place, { recursive: true, force: true });
    },
  };
}

test('whoever a group lets in comes in by the button, and the others are told why not', async ({ page, context }) => {
  const server = await serve();
  try {
    const people = { iris: ['lookers'], otto: [] };
    for (const [name, groups] of Object.entries(people)) {
      const claims = { email: `${name}@example.com`, email_verified: true, groups };
      await fetch(`${control()}/people/e2e-${name}`, { method: 'PUT', body: JSON.stringify(claims) });
    }
    await context.addCookies([{ name: 'person', value: 'e2e-otto', domain: '127.0.0.1', path: '/' }]);
    await page.goto(server.url);
    const button = page.getByRole('link', { name: 'Sign in with Acme' });
    await expect(button).toBeVisible();
    await accessible(page);
    await button.click();
    await expect(page.getByText('none of your groups lets you into Weir')).toBeVisible();
    await accessible(page);

    // The provider, too, knows otto by now.
    await context.clearCookies();
    await context.addCookies([{ name: 'person', value: 'e2e-iris', domain: '127.0.0.1', path: '/' }]);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
    await page.getByRole('button', { name: 'Account of iris@example.com' }).click();
    // A password is the provider's business.
    await expect(page.getByRole('menuitem', { name: 'Change password' })).toHaveCount(0);
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page.getByRole('link', { name: 'Sign in with Acme' })).toBeVisible();
  } finally {
    await server.stop();
  }
});

test('in Spanish the button speaks Spanish', async ({ page }) => {
  const server = await serve();
  try {
    await page.addInitScript(() => localStorage.setItem('weir-language', 'es'));
    await page.goto(server.url);
    await expect(page.getByRole('link', { name: 'Entrar con Acme' })).toBeVisible();
  } finally {
    await server.stop();
  }
});
