/** Who may see what: set-up, sign-in, or the pages. */
import { Center } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';

import { ZoneContext } from '../i18n/language';
import { MeContext, useSession } from '../session';
import { AheadContext } from '../ui/now';
import { Busy, Failed } from '../ui/states';
import { Frame } from './frame';
import { Setup } from './setup';
import { SignIn } from './sign-in';

export function App() {
  const session = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const queries = useQueryClient();
  const wasIn = queries.getQueryData(['was-in']) === true;
  useEffect(() => {
    if (session.data) queries.setQueryData(['was-in'], true);
  }, [queries, session.data]);
  // The server told its time when it was asked.
  const ahead = session.data ? Date.parse(session.data.now) - session.dataUpdatedAt : 0;
  if (path === '/setup') return <Setup />;
  if (session.data) {
    return (
      <MeContext value={session.data}>
        <ZoneContext value={session.data.zone}>
          <AheadContext value={ahead}>
            <Frame />
          </AheadContext>
        </ZoneContext>
      </MeContext>
    );
  }
  if (session.data === null) return <SignIn again={wasIn} />;
  return (
    <Center component="main" mih="100vh" p="md">
      {session.isError ? <Failed error={session.error} retry={() => void session.refetch()} /> : <Busy />}
    </Center>
  );
}
