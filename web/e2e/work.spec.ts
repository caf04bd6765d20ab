import { readFileSync } from 'node:fs';

import { accessible, address, expect, open, PASSWORD, settled, signedIn, test } from './people';

test('a wrong password is told, the right one opens the page that was asked for', async ({ page }) => {
  await open(page, '/teams');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Weir');
  await accessible(page);
  await page.getByLabel('Name').fill('vera');
  await page.getByLabel('Password', { exact: true }).fill('not this one at all');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('the name or the password is wrong');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Teams');

  await page.getByRole('button', { name: 'Account of vera' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Weir');
  expect((await page.request.get(`${address()}/api/v1/me`)).status()).toBe(401);
});

test('the demo signs in with the password that it printed', async ({ page }) => {
  await signedIn(page, 'demo', process.env['WEIR_E2E_PASSWORD']);
  await open(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
});

test('a set-up link without its token says so', async ({ page }) => {
  await open(page, '/setup');
  await expect(page.getByText('This address lacks the token')).toBeVisible();
  await accessible(page);
});

/** What changes is on every screen within two seconds; one more is for a machine that is busy with other tests. */
const SOON = 3_000;

test('block, seen live by somebody else, and unblock', async ({ page, browser }) => {
  const user = 'rita.sousa';
  const other = await (await browser.newContext()).newPage();
  await signedIn(other, 'vera');
  await open(other, '/users?q=rita');
  await expect(other.locator('[data-live="connected"]')).toBeVisible();
  await expect(other.getByRole('row', { name: /rita\.sousa/ })).toContainText('Active');

  await signedIn(page, 'oskar');
  await open(page, `/users/${user}`);
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Block', exact: true }).click();
  await expect(form).toContainText('A reason has 3 to 500 characters');
  await form.getByLabel(/Reason/).fill('key found in a public repository');
  await form.getByText('30 days').click();
  await accessible(page);
  const done = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith('/api/v1/blocks'));
  await form.getByRole('button', { name: 'Block', exact: true }).click();
  await done;
  await expect(other.getByRole('row', { name: /rita\.sousa/ })).toContainText('Blocked by admin', { timeout: SOON });
  await expect(form).toBeHidden();
  await expect(page.locator('main')).toContainText('Blocked by admin');
  await expect(page.locator('main')).toContainText('key found in a public repository');

  await page.getByRole('button', { name: 'Unblock', exact: true }).click();
  await page.getByRole('dialog').getByLabel(/Reason/).fill('the key is gone');
  await page.getByRole('dialog').getByRole('button', { name: 'Unblock', exact: true }).click();
  await expect(page.locator('main')).toContainText('Protected by operator:oskar');
  await expect(other.getByRole('row', { name: /rita\.sousa/ })).toContainText('Protected', { timeout: 10_000 });
  await other.context().close();
});

test('a quota is shown with whom it would block before it is set', async ({ page }) => {
  await signedIn(page);
  await open(page, '/quotas');
  await page.getByRole('button', { name: 'Set a quota' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('User').fill('karim.haddad@example.com');
  await form.getByLabel(/^Limit/).fill('0');
  await form.getByRole('button', { name: 'See who would be blocked' }).click();
  await expect(form).toContainText('Would be blocked: karim.haddad@example.com');
  await form.getByLabel(/^Limit/).fill('100000');
  await form.getByRole('button', { name: 'See who would be blocked' }).click();
  await expect(form).toContainText('Would be blocked: nobody');
  await accessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('row', { name: /^karim\.haddad/ })).toContainText('100,000');
});

test('a file has the whole result, whatever the page shows', async ({ page }) => {
  await signedIn(page);
  await open(page, '/users');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^users-2026-11-26_\d{4}\.csv$/);
  const lines = readFileSync(await file.path(), 'utf8').trim().split(/\r?\n/);
  expect(lines[0]).toContain('user_id');
  expect(lines.length).toBeGreaterThanOrEqual(41);
  expect(lines.some((line) => line.includes('ana.lopez'))).toBe(true);

  await open(page, '/teams?q=sap');
  const [teams] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const rows = readFileSync(await teams.path(), 'utf8').trim().split('\r\n');
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatch(/^sap,/);

  // The record has who took what, of the lists too that are whole on the page.
  const noted = await page.request.get(`${address()}/api/v1/audit?operation=export&subject=export:/api/v1/teams`);
  const { entries } = (await noted.json()) as { entries: { actor: string }[] };
  expect(entries.at(-1)?.actor).toBe('operator:admina');
});

test('budgets are beside the costs', async ({ page }) => {
  await signedIn(page);
  await open(page, '/costs');
  await expect(page.getByRole('region', { name: 'Budgets' }).getByRole('progressbar', { name: 'platform' })).toBeVisible();
});

test('what was done to quotas, prices and operators is on their pages, for whoever may read the record', async ({ page, browser }) => {
  await signedIn(page);
  for (const [path, operation] of [['/quotas', 'quota set'], ['/prices', 'price set'], ['/operators', 'role changed']] as const) {
    await open(page, path);
    const history = page.getByRole('region', { name: 'History' });
    await expect(history.getByRole('combobox', { name: 'Operation' })).toHaveValue(operation);
  }
  await page.getByRole('region', { name: 'History' }).getByRole('combobox', { name: 'Operation' }).click();
  await page.getByRole('option', { name: 'operator added' }).click();
  await expect(page.getByRole('region', { name: 'History' }).getByRole('row', { name: /vera/ })).toBeVisible();
  await accessible(page);
  const tina = await (await browser.newContext()).newPage();
  await signedIn(tina, 'tina');
  await open(tina, '/prices');
  await expect(tina.getByRole('region', { name: 'History' })).toHaveCount(0);
  await tina.context().close();
});

test('what is chosen is in the address and survives a reload', async ({ page }) => {
  await signedIn(page);
  await open(page, '/users');
  await page.getByLabel('Search').fill('data');
  await expect(page).toHaveURL(/q=data/);
  await page.getByRole('button', { name: 'Requests this month' }).click();
  await expect(page).toHaveURL(/sort=requests_month/);
  await page.reload();
  await settled(page);
  await expect(page.getByLabel('Search')).toHaveValue('data');
  await expect(page.getByRole('columnheader', { name: /Requests this month/ })).toHaveAttribute('aria-sort', 'descending');
  await expect(page.getByRole('row', { name: /ana\.lopez/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /rita\.sousa/ })).toHaveCount(0);
});

test('a viewer changes nothing, a team sees its own', async ({ page, browser }) => {
  await signedIn(page, 'vera');
  await open(page, '/users/ana.lopez');
  await expect(page.getByRole('button', { name: 'Unblock' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Operators' })).toHaveCount(0);
  await open(page, '/operators');
  await expect(page.getByRole('alert').first()).toContainText('Your role may not see this');

  const tina = await (await browser.newContext()).newPage();
  await signedIn(tina, 'tina');
  await open(tina, '/users');
  await expect(tina.getByRole('row', { name: /marcos\.gil/ })).toBeVisible();
  await expect(tina.getByRole('row', { name: /ana\.lopez/ })).toHaveCount(0);
  await expect(tina.getByRole('link', { name: 'Audit' })).toHaveCount(0);
  await open(tina, '/users/ana.lopez');
  await expect(tina.getByRole('alert').first()).toContainText('There is no such thing');
  await tina.context().close();
});

test('a chart is a table for whoever wants it', async ({ page }) => {
  await signedIn(page);
  await open(page, '/');
  await page.getByRole('button', { name: 'By hour: Show as a table' }).click();
  await expect(page.getByRole('row', { name: /^14:00/ })).toBeVisible();
  await accessible(page);
});

test('the record proves itself', async ({ page }) => {
  await signedIn(page);
  await open(page, '/audit');
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await expect(page.getByText(/entries fit together/)).toBeVisible();
  await accessible(page);
});

test('a list in time begins at either end', async ({ page }) => {
  await signedIn(page);
  await open(page, '/audit');
  const first = page.getByRole('table').getByRole('row').nth(1).getByRole('cell').first();
  await expect(first).not.toHaveText('1');
  const when = page.getByRole('button', { name: 'When' });
  await when.click();
  await expect(first).toHaveText('1');
  await expect(page.getByRole('columnheader', { name: 'When' })).toHaveAttribute('aria-sort', 'ascending');
  await when.click();
  await expect(first).not.toHaveText('1');
  await open(page, '/blocking?tab=history');
  await expect(page.getByRole('columnheader', { name: 'Since' })).toBeVisible();
  const headings = await page.getByRole('columnheader').allTextContents();
  const since = page.getByRole('table').getByRole('row').nth(1).getByRole('cell').nth(headings.indexOf('Since'));
  const newest = await since.textContent();
  await page.getByRole('button', { name: 'Since' }).click();
  await expect(since).not.toHaveText(newest ?? '');
});

test('the record is found by what it says', async ({ page }) => {
  await signedIn(page);
  await open(page, '/audit');
  const text = page.getByRole('textbox', { name: 'Text in subject, reason, by whom' });
  await text.fill('SAMPLE QUOTAS');
  await text.press('Enter');
  await expect(page).toHaveURL(/text=SAMPLE/);
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows.nth(1)).toContainText('sample quotas');
  for (const row of (await rows.all()).slice(1)) await expect(row).toContainText('sample quotas');
});

test('the keyboard is enough to go from page to page', async ({ page }) => {
  await signedIn(page);
  await open(page, '/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.getByRole('link', { name: 'Costs' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Costs');
  await expect(page.locator('#main')).toBeFocused();
});

test('the page comes with a policy that lets nothing else in', async ({ page }) => {
  const answer = await page.request.get(`${address()}/users/ana.lopez`, { headers: { accept: 'text/html' } });
  const policy = answer.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toContain('unsafe');
  expect(answer.headers()['cache-control']).toBe('no-store');
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await answer.text())?.[1] ?? '';
  const asset = await page.request.get(address() + script, { headers: { 'accept-encoding': 'br' } });
  expect(asset.headers()['cache-control']).toContain('immutable');
  expect(asset.headers()['content-encoding']).toBe('br');
  expect((await page.request.get(`${address()}/api/v1/nothing`, { headers: { accept: 'text/html' } })).status()).toBe(404);
});
