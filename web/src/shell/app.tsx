/** Who may see what: set-up, sign-in, or the pages. */
import { Center } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';

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
  const [wasIn, setWasIn] = useState(false);
  useEffect(() => {
    if (session.data) setWasIn(true);
  }, [session.data]);
  const ahead = useMemo(() => (session.data ? Date.parse(session.data.now) - Date.now() : 0), [session.data]);
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
