import './mantine';
import '@mantine/notifications/styles.css';
import './global.css';

import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ApiError } from './api/client';
import { somebody, watchFor } from './api/person';
import { firstLanguage, LanguageProvider, wordsOf } from './i18n/language';
import { router } from './router';
import { meQuery } from './session';
import { theme, variables } from './theme';

// Styles that are made while the page runs carry it; the policy of the page allows no others.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
setNonce(nonce);

watchFor(somebody, window);

/** A session that is over: the page asks to sign in, and stays where it is. */
function over(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(meQuery.queryKey, null);
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: over }),
  mutationCache: new MutationCache({ onError: over }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server said no to does not become a yes.
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
    },
  },
});

const lang = firstLanguage();
const words = await wordsOf(lang);
const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root');
createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}
      colorSchemeManager={localStorageColorSchemeManager({ key: 'weir-scheme' })}
    >
      <QueryClientProvider client={queries}>
        <LanguageProvider lang={lang} words={words}>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
