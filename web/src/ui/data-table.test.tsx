import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { download } from '../format/csv';
import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { DataTable } from './data-table';

const at = vi.hoisted((): { search: Record<string, string> } => ({ search: {} }));
vi.mock('./url-state', () => ({ useUrl: () => [at.search, () => {}] }));
vi.mock('../format/csv', async (original) => ({ ...(await original<object>()), download: vi.fn() }));

afterEach(() => vi.mocked(download).mockClear());

/** What is downloaded of two teams, whose list the server can write too. */
async function taken(search: Record<string, string>): Promise<{ text: string | undefined; noted: number }> {
  at.search = search;
  const file = vi.fn(() => Promise.resolve('of,the,server\r\n'));
  render(
    <MantineProvider env="test">
      <LanguageProvider lang="en" words={en}>
        <DataTable name="teams" label="Teams" columns={[{ id: 'team', title: 'Team', value: (row: string) => row }]} rows={['sap', 'data']} rowKey={(row) => row} file={file} />
      </LanguageProvider>
    </MantineProvider>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'CSV' }));
  await waitFor(() => expect(download).toHaveBeenCalled());
  return { text: vi.mocked(download).mock.calls[0]?.[1], noted: file.mock.calls.length };
}

it('takes the file of the server, which notes who took it', async () => {
  expect(await taken({})).toEqual({ text: 'of,the,server\r\n', noted: 1 });
});

it('takes what is narrowed down as it is shown, and has it noted all the same', async () => {
  const { text, noted } = await taken({ q: 'sap' });
  expect(text).toContain('sap');
  expect(text).not.toContain('data');
  expect(noted).toBe(1);
});
