import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { en } from '../i18n/en';
import { es } from '../i18n/es';
import { LanguageProvider } from '../i18n/language';
import { MeContext, type Me } from '../session';
import { BlockForm } from './forms';

afterEach(() => vi.unstubAllGlobals());

function show(answer: () => Response, { lang = 'en', permissions = ['read-usage', 'block'] }: { lang?: 'en' | 'es'; permissions?: string[] } = {}): { sent: Request[]; onClose: () => void } {
  const sent: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    if (request.method === 'GET') return Promise.resolve(Response.json({}));
    sent.push(request);
    return Promise.resolve(answer());
  });
  const me: Me = { name: 'oskar', role: 'operator', permissions, has_password: true, zone: 'Europe/Madrid', now: '2026-11-20T10:00:00Z', mode: 'iam', version: '0' };
  const onClose = vi.fn();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <LanguageProvider lang={lang} words={lang === 'es' ? es : en}><MeContext value={me}><BlockForm user="ana.lopez" onClose={onClose} /></MeContext></LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { sent, onClose };
}

const refused = (status: number, detail: string) => () => new Response(JSON.stringify({ title: 'Problem', status, detail }), { status, headers: { 'content-type': 'application/problem+json' } });

it('blocks nobody without a reason, and for a day unless something else is chosen', async () => {
  const { sent, onClose } = show(() => Response.json({ users: [{ user_id: 'ana.lopez' }], refused: [] }, { status: 201 }));
  await userEvent.click(await screen.findByRole('button', { name: 'Block' }));
  expect(screen.getByText(en.access.reasonBad)).toBeTruthy();
  expect(sent).toHaveLength(0);
  await userEvent.type(screen.getByLabelText(/Reason/), '  key found in public ');
  await userEvent.click(screen.getByRole('button', { name: 'Block' }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(await sent[0]?.json()).toEqual({ user: 'ana.lopez', reason: 'key found in public', for: '1d', force: false });
  // Whoever is no administrator is not offered to block what the configuration spares.
  expect(screen.queryByRole('checkbox')).toBeNull();
});

it('stays open with what the server says no to, in the language of the page', async () => {
  const { onClose } = show(refused(503, 'the database is busy or away: try again; what was counted already is recognised'), { lang: 'es' });
  await userEvent.type(await screen.findByLabelText(/Motivo/), 'una prueba');
  await userEvent.click(screen.getByRole('button', { name: es.access.block }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('La base de datos está ocupada');
  expect(alert.textContent).toContain('inténtelo de nuevo');
  expect(onClose).not.toHaveBeenCalled();
});

it('shows in English, and says so, what it has no words for', async () => {
  show(refused(422, 'ana.lopez is never denied'), { lang: 'es' });
  await userEvent.type(await screen.findByLabelText(/Motivo/), 'una prueba');
  await userEvent.click(screen.getByRole('button', { name: es.access.block }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Una regla no lo permite');
  expect(alert.textContent).toContain('en inglés: ana.lopez is never denied');
});
