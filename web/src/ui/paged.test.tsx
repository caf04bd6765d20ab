import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { DataTable } from './data-table';
import { usePaged } from './paged';

vi.mock('./url-state', () => ({ useUrl: () => [{}, () => {}] }));

interface Call {
  id: string;
}

/** A server whose page number `found` is the first with a row, of `last` pages. */
function show(found: number, last: number): { asked: string[] } {
  const asked: string[] = [];
  function Calls() {
    const paged = usePaged(['calls'], (cursor) => {
      asked.push(cursor ?? '1');
      const page = Number(cursor ?? '1');
      return Promise.resolve({ rows: page >= found ? [{ id: `call ${page}` }] : [], next: page < last ? String(page + 1) : null });
    }, () => Promise.resolve(''));
    return <DataTable<Call> name="calls" label="Calls" columns={[{ id: 'id', title: 'Id', value: (row) => row.id }]} paged={paged} rowKey={(row) => row.id} />;
  }
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <LanguageProvider lang="en" words={en}><Calls /></LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { asked };
}

it('reads on by itself as long as a page has no row and there is another', async () => {
  const { asked } = show(3, 4);
  await screen.findByText('call 3');
  expect(asked).toEqual(['1', '2', '3']);
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  await screen.findByText('call 4');
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

it('asks whether to go on after many pages without a row, and does not say that there is nothing', async () => {
  const { asked } = show(12, 12);
  await screen.findByText(en.state.emptySoFar);
  expect(screen.queryByText(en.state.empty)).toBeNull();
  expect(asked).toHaveLength(8);
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  await screen.findByText('call 12');
});

it('says that there is nothing when everything was looked at', async () => {
  const { asked } = show(4, 3);
  await screen.findByText(en.state.empty);
  await waitFor(() => expect(asked).toEqual(['1', '2', '3']));
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});
