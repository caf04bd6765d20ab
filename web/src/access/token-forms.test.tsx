import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { MeContext, type Me } from '../session';
import { NewTokenForm } from './token-forms';

afterEach(() => vi.unstubAllGlobals());

const ME: Me = { name: 'ana', role: 'operator', permissions: ['read-usage', 'block'], zone: 'Europe/Madrid', now: '2026-11-20T10:00:00Z', mode: 'iam', version: '0' };
const MADE = { id: 't1', label: 'nightly', operator: 'ana', role: 'viewer', created_at: '2026-11-20T10:00:00Z', expires_at: '2027-02-18T10:00:00Z' };

function show(made: unknown): { asked: Request[]; onClose: () => void } {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request);
    return Promise.resolve(Response.json(made, { status: 201 }));
  });
  const onClose = vi.fn();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <LanguageProvider lang="en" words={en}><MeContext value={ME}><NewTokenForm onClose={onClose} /></MeContext></LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { asked, onClose };
}

async function make() {
  await userEvent.type(await screen.findByLabelText(/Label/), 'nightly');
  await userEvent.click(screen.getByRole('button', { name: 'Make a token' }));
}

it('asks for no more than one may, once, and shows the secret until it is taken', async () => {
  const { asked, onClose } = show({ ...MADE, secret: 'weir_secret' });
  await make();
  expect((await screen.findByLabelText<HTMLInputElement>('Secret')).value).toBe('weir_secret');
  expect(asked).toHaveLength(1);
  expect(asked[0]?.headers.get('Idempotency-Key')).toMatch(/\S{8}/);
  expect(await asked[0]?.json()).toEqual({ label: 'nightly', for: '90d', role: 'viewer' });
  // Nobody else's name is offered to whoever may not.
  expect(screen.queryByLabelText(/In the name of/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'I have it' }));
  expect(onClose).toHaveBeenCalled();
});

it('says so if the secret was shown by an answer that was lost', async () => {
  show({ ...MADE, secret: null });
  await make();
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('its secret is not shown twice'));
});
