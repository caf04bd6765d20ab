import type { Page } from '@playwright/test';

import { accessible, address, expect, fits, open, settled, signedIn, test } from './people';

/** A phone, in Spanish and dark: a form fits and is accessible there too. */
async function onAPhone(page: Page, path: string, button: string): Promise<void> {
  await page.setViewportSize({ width: 375, height: 740 });
  await open(page, path, { lang: 'es', scheme: 'dark' });
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await fits(page);
  await accessible(page);
}

test('an operator is added, changes the password, makes a token, and is shut out', async ({ page, browser }) => {
  await signedIn(page);
  await open(page, '/operators');
  await page.getByRole('button', { name: 'Add an operator' }).click();
  let form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Add an operator' }).click();
  await expect(form).toContainText('A password has 12 characters or more');
  await form.getByLabel(/^Name/).fill('nora');
  await form.getByRole('button', { name: 'Draw one' }).click();
  const drawn = await form.getByLabel(/^A password/).inputValue();
  expect(drawn).toMatch(/^([a-z2-9]{6}-){3}[a-z2-9]{6}$/);
  await accessible(page);
  await form.getByRole('button', { name: 'Add an operator' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('row', { name: /^nora/ })).toContainText('may sign in');

  // She signs in, and knows another password a minute later.
  const nora = await (await browser.newContext()).newPage();
  await signedIn(nora, 'nora', drawn);
  await open(nora, '/teams');
  await expect(nora.getByRole('link', { name: 'Operators' })).toHaveCount(0);
  await nora.getByRole('button', { name: 'Account of nora' }).click();
  await nora.getByRole('menuitem', { name: 'Change password' }).click();
  form = nora.getByRole('dialog');
  await form.getByLabel(/Your password now/).fill('not what it is');
  await form.getByLabel(/The new password/).fill('only nora knows this');
  await form.getByLabel(/The same again/).fill('only nora knows this');
  await form.getByRole('button', { name: 'Change it' }).click();
  await expect(form.getByRole('alert')).toContainText('the current password is wrong');
  await accessible(nora);
  await form.getByLabel(/Your password now/).fill(drawn);
  await form.getByRole('button', { name: 'Change it' }).click();
  await expect(form).toBeHidden();
  await expect(nora.getByRole('heading', { level: 1 })).toHaveText('Teams');

  // A token in her name: shown once, good until revoked.
  await nora.getByRole('button', { name: 'Account of nora' }).click();
  await nora.getByRole('menuitem', { name: 'My tokens' }).click();
  await expect(nora.getByRole('heading', { level: 1 })).toHaveText('Tokens');
  await nora.getByRole('button', { name: 'Make a token' }).click();
  form = nora.getByRole('dialog');
  await form.getByLabel(/Label/).fill('nightly report');
  await form.getByRole('button', { name: 'Make a token' }).click();
  await expect(form).toContainText('nobody can show it again');
  const secret = await form.getByLabel('Secret').inputValue();
  await accessible(nora);
  const bearer = { headers: { authorization: `Bearer ${secret}` } };
  expect(await (await page.request.get(`${address()}/api/v1/me`, bearer)).json()).toMatchObject({ name: 'nora', role: 'viewer' });
  await form.getByRole('button', { name: 'I have it' }).click();
  await expect(nora.getByText(secret)).toHaveCount(0);
  await nora.getByRole('button', { name: 'Revoke: nightly report' }).click();
  await nora.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(nora.getByRole('row', { name: /nightly report/ })).toContainText('revoked');
  expect((await nora.request.get(`${address()}/api/v1/prices`, bearer)).status()).toBe(401);

  await page.getByRole('button', { name: 'Actions: nora' }).click();
  await page.getByRole('menuitem', { name: 'Shut out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Shut out' }).click();
  await expect(page.getByRole('row', { name: /^nora/ })).toContainText('shut out');
  expect((await nora.request.get(`${address()}/api/v1/me`)).status()).toBe(401);
  await nora.context().close();
});

test('prices of a model without any cost its calls', async ({ page }) => {
  await signedIn(page);
  await open(page, '/prices');
  await page.getByRole('button', { name: 'Set prices' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel(/^Model/).fill('cohere.command-r-plus-v1:0');
  await form.getByLabel(/^Input/).fill('3');
  await form.getByLabel(/^Output/).fill('15.5');
  await accessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByText(/a cost now that had none/)).toBeVisible();
  await page.getByLabel('Search: Prices').fill('command-r-plus');
  await expect(page.getByRole('row', { name: /command-r-plus/ }).first()).toContainText('$15.50');
  await expect(page.getByRole('row', { name: /command-r-plus/ }).first()).toContainText('administrator');
});

test('a limit is raised for a while', async ({ page }) => {
  await signedIn(page);
  await open(page, '/users/paula.serra@example.com');
  await page.getByRole('button', { name: 'Raise for a while' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel(/How much more/).fill('100');
  await expect(form).toContainText('The limit is');
  await form.getByText('7 days').click();
  await form.getByLabel(/Reason/).fill('release week');
  await accessible(page);
  await form.getByRole('button', { name: 'Raise for a while' }).click();
  await expect(form).toBeHidden();
  await open(page, '/quotas?q=paula.serra');
  await expect(page.getByRole('row', { name: /^paula\.serra/ })).toContainText('+100 until');
});

test('what the breaker holds is looked at and discarded', async ({ page }) => {
  await signedIn(page);
  const quota = `${address()}/api/v1/quotas/team-defaults:mobile/requests/month`;
  const csrf = { headers: { 'X-Weir-CSRF': '1' } };
  const set = await page.request.put(`${quota}?yes=true`, { ...csrf, data: { limit: '0' } });
  expect(set.ok(), await set.text()).toBe(true);
  const { held } = (await set.json()) as { held: string[] };
  expect(held).not.toEqual([]);
  await open(page, '/blocking');
  await expect(page.getByText(/(is|are) held back/)).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Discard…' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel(/Reason/).fill('a slip of the keyboard');
  await form.getByRole('button', { name: 'See who would be blocked' }).click();
  await expect(form).toContainText('Would be blocked: nobody');
  await accessible(page);
  await form.getByRole('button', { name: 'Discard' }).click();
  await expect(form).toBeHidden();
  // The demo lives: somebody else may reach a limit meanwhile, and be held.
  const left = async () => {
    const answer = await page.request.get(`${address()}/api/v1/blocks?held=true`);
    const { blocks } = (await answer.json()) as { blocks: { user_id: string | null }[] };
    return blocks.map((block) => block.user_id ?? '').filter((user) => held.includes(user));
  };
  await expect.poll(left).toEqual([]);
  expect((await page.request.delete(`${quota}?yes=true`, csrf)).ok()).toBe(true);
});

test('whoever may not change anything sees no button for it', async ({ page }) => {
  await signedIn(page, 'vera');
  for (const path of ['/quotas', '/prices', '/blocking', '/users/paula.serra@example.com']) {
    await open(page, path);
    await expect(page.getByRole('button', { name: /^(Set|Change|Raise|Block|Actions)/ })).toHaveCount(0);
  }
});

test('users of the filter have their lines by day', async ({ page }) => {
  await signedIn(page);
  await open(page, '/users?q=ana.lopez');
  await page.getByRole('button', { name: /^By day: .*: Show as a table$/ }).click();
  const lines = page.getByRole('region', { name: /^By day/ }).getByRole('table');
  await expect(lines.getByRole('columnheader')).toHaveText(['Day', 'ana.lopez']);
  await open(page, '/users?q=nobody-has-this');
  await expect(page.getByText('No call on these days')).toBeVisible();
});

test('blocks of one user are found by a part of the name', async ({ page }) => {
  await signedIn(page);
  await open(page, '/blocking?tab=history');
  await page.getByRole('combobox', { name: 'User' }).fill('nadia');
  await page.getByRole('option', { name: /nadia\.romero/ }).click();
  await expect(page).toHaveURL(/user=nadia/);
  await settled(page);
  await expect(page.getByRole('row', { name: /nadia\.romero/ }).first()).toBeVisible();
  await expect(page.getByRole('row', { name: /ana\.lopez/ })).toHaveCount(0);
});

test('the team that blocks are narrowed to is shown when the page is opened again', async ({ page }) => {
  await signedIn(page);
  await open(page, '/blocking?tab=history&team=data');
  await expect(page.getByRole('combobox', { name: 'Team' })).toHaveValue('data');
  await page.getByRole('combobox', { name: 'Team' }).click();
  await expect(page.getByRole('option', { name: 'platform' })).toBeVisible();
});

for (const [path, button] of [['/operators', 'Añadir un operador'], ['/operators?tab=tokens', 'Crear un token'], ['/prices', 'Fijar precios'], ['/users/ana.lopez', 'Ampliar un tiempo'], ['/quotas', 'Fijar una cuota']] as const) {
  test(`the form "${button}" on a phone`, async ({ page }) => {
    await signedIn(page);
    await onAPhone(page, path, button);
  });
}
