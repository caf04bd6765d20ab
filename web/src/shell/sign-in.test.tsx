import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { meQuery } from '../session';
import { SignIn } from './sign-in';

afterEach(() => vi.unstubAllGlobals());

function show(answer: Response, sso: { label: string | null; start: string } | null = null): { queries: QueryClient; asked: Request[] } {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    if (request.method === 'GET') return Promise.resolve(Response.json({ sso }));
    asked.push(request);
    return Promise.resolve(answer);
  });
  const queries = new QueryClient();
  render(
    <MantineProvider>
      <QueryClientProvider client={queries}>
        <LanguageProvider lang="en" words={en}><SignIn again={false} /></LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { queries, asked };
}

async function signIn() {
  await userEvent.type(screen.getByLabelText('Name'), 'ana');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse battery');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

it('sends the header that no other site can send, and keeps who it is', async () => {
  const me = { name: 'ana', role: 'admin', permissions: [], has_password: true, zone: 'Europe/Madrid', now: '2026-11-20T10:00:00Z', mode: 'iam', version: '0' };
  const { queries, asked } = show(Response.json(me));
  await signIn();
  await waitFor(() => expect(queries.getQueryData(meQuery.queryKey)).toMatchObject({ name: 'ana' }));
  expect(asked[0]?.headers.get('X-Weir-CSRF')).toBe('1');
  expect(await asked[0]?.json()).toEqual({ name: 'ana', password: 'correct horse battery' });
});

it('says what the server says, and forgets the password', async () => {
  const problem = { title: 'Unauthorized', status: 401, detail: 'the name or the password is wrong' };
  show(new Response(JSON.stringify(problem), { status: 401, headers: { 'content-type': 'application/problem+json' } }));
  await signIn();
  expect((await screen.findByRole('alert')).textContent).toContain('the name or the password is wrong');
  expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('');
});

it('offers single sign-on by the name of its provider, where there is one', async () => {
  show(new Response(), { label: 'Acme', start: '/sso/start' });
  expect((await screen.findByRole('link', { name: 'Sign in with Acme' })).getAttribute('href')).toBe('/sso/start');
  expect(screen.getByLabelText('Name')).toBeTruthy();
});
