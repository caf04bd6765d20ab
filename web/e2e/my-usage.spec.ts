import { accessible, address, expect, fits, open, signedIn, test } from './people';

test('a developer is taken to their own use, and finds nothing else', async ({ page }) => {
  await signedIn(page, 'dora');
  await open(page, '/users');
  await expect(page).toHaveURL(`${address()}/my`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My usage');
  await expect(page.getByRole('navigation')).toHaveCount(0);
  // Ana has used up her requests of the day; the demo only records blocks.
  await expect(page.getByRole('heading', { name: 'You would be blocked now' })).toBeVisible();
  await expect(page.getByText(/Why: .*372 of 350/)).toBeVisible();
  await expect(page.getByText(/Until: .*Then you may call again/)).toBeVisible();
  await expect(page.getByText(/Whom to ask: .*administrator/)).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Requests per day', exact: true })).toHaveAttribute('aria-valuetext', /^1\d\d\s?%$/);
  await expect(page.locator('[data-live="connected"]')).toBeVisible();
  await accessible(page);
  const others = await page.request.get(`${address()}/api/v1/users/bruno.ferrer`);
  expect(others.status()).toBe(403);
});

test('a developer in Spanish and dark, on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 740 });
  await signedIn(page, 'dora');
  await open(page, '/', { lang: 'es', scheme: 'dark' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mi uso');
  await expect(page.getByRole('heading', { name: 'Ahora se le bloquearía' })).toBeVisible();
  await fits(page);
  await accessible(page);
});
