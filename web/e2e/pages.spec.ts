import { accessible, expect, fits, open, signedIn, test } from './people';

const USER = '/users/ana.lopez';

/** Every page: its address, its title in both languages, and something that only its data brings. */
const PAGES: [path: string, en: string, es: string, holds: string | RegExp][] = [
  ['/', 'Overview', 'Resumen', 'María García'],
  ['/users', 'Users', 'Usuarios', 'Ana López'],
  [USER, 'Ana López', 'Ana López', 'data'],
  [`${USER}?tab=access`, 'Ana López', 'Ana López', /111122223333/],
  [`${USER}?tab=mails`, 'Ana López', 'Ana López', /No message|No se ha enviado|Reason|Motivo/],
  [`${USER}?tab=record`, 'Ana López', 'Ana López', 'block'],
  ['/teams', 'Teams', 'Equipos', 'platform'],
  ['/teams/data', 'Team data', 'Equipo data', 'Bruno Ferrer'],
  ['/details', 'Consumption', 'Consumo', 'ana.lopez'],
  ['/details?tab=models', 'Consumption', 'Consumo', 'anthropic.claude-sonnet-5-5'],
  ['/details?tab=tools', 'Consumption', 'Consumo', 'claude-code'],
  ['/details?tab=heat', 'Consumption', 'Consumo', '15'],
  ['/details?tab=invocations', 'Consumption', 'Consumo', 'claude-code'],
  ['/costs', 'Costs', 'Costes', 'platform'],
  ['/costs?by=model', 'Costs', 'Costes', 'anthropic.claude-opus-5-5'],
  ['/blocking', 'Blocking', 'Bloqueos', 'ana.lopez'],
  ['/blocking?tab=history', 'Blocking', 'Bloqueos', 'ana.lopez'],
  ['/blocking?tab=enforcement', 'Blocking', 'Bloqueos', 'ana.lopez'],
  ['/quotas', 'Quotas', 'Cuotas', 'david.ortega@example.com'],
  ['/prices', 'Prices', 'Precios', 'anthropic.claude'],
  ['/audit', 'Audit', 'Auditoría', 'operator'],
  ['/operators', 'Operators', 'Operadores', 'vera'],
  ['/operators?tab=tokens', 'Operators', 'Operadores', /Make a token|Crear un token/],
  ['/tokens', 'Tokens', 'Tokens', /Authorization: Bearer/],
  ['/system', 'System health', 'Estado del sistema', /eu-west-1|us-east-1/],
  ['/system?tab=dead', 'System health', 'Estado del sistema', /could be read|Todo/],
  ['/system?tab=resets', 'System health', 'Estado del sistema', /Started|Inicio/],
];

/** What every page asks for, whatever it shows: who is there, and what changes from now on. */
const OF_THE_FRAME = /\/api\/v1\/(me|events)$/;

for (const [path, en, es, holds] of PAGES) {
  test(`${path} in English and light, on a desk`, async ({ page }) => {
    await signedIn(page);
    // What is asked again because something changed counts once.
    const asked = new Set<string>();
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/') && !OF_THE_FRAME.test(request.url())) asked.add(request.url());
    });
    await open(page, path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(en);
    await expect(page.getByText(holds).filter({ visible: true }).first()).toBeVisible();
    expect([...asked].slice(2), 'more than two requests').toEqual([]);
    await accessible(page);
  });

  test(`${path} in Spanish and dark, on a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 375, height: 740 });
    await signedIn(page);
    await open(page, path, { lang: 'es', scheme: 'dark' });
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(es);
    await expect(page.locator('html')).toHaveAttribute('lang', 'es');
    await fits(page);
    await accessible(page);
  });
}
