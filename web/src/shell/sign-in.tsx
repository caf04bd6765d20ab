import { Alert, Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { answered, api } from '../api/client';
import { useText } from '../i18n/language';
import { meQuery } from '../session';
import { Failed } from '../ui/states';
import { FrontDoor } from './front-door';

export function SignIn({ again }: { again: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const ways = useQuery({ queryKey: ['ways'], queryFn: ({ signal }) => answered(api.GET('/api/v1/login', { signal })), staleTime: Infinity });
  const sso = ways.data?.sso;
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: (body: { name: string; password: string }) =>
      answered(api.POST('/api/v1/login', { body, params: { header: { 'X-Weir-CSRF': '1' } } })),
    onSuccess: (me) => {
      // Nothing that somebody else saw is shown.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
      queries.setQueryData(meQuery.queryKey, me);
    },
    onError: () => setPassword(''),
  });
  useEffect(() => {
    document.title = `${t.signIn.submit} · Weir`;
  }, [t]);
  return (
    <FrontDoor title={t.signIn.title} lead={t.signIn.lead}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate({ name, password });
        }}
      >
        <Stack>
          {again && !signIn.isError && <Alert color="weir" variant="light">{t.signIn.again}</Alert>}
          {signIn.isError && <Failed error={signIn.error} />}
          {sso && (
            <>
              <Button component="a" href={sso.start} variant="default" fullWidth>{t.signIn.sso(sso.label ?? undefined)}</Button>
              <Divider label={t.signIn.or} />
            </>
          )}
          <TextInput label={t.signIn.name} autoComplete="username" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <PasswordInput label={t.signIn.password} autoComplete="current-password" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
          <Button type="submit" loading={signIn.isPending} fullWidth>{t.signIn.submit}</Button>
          <Text size="xs" c="dimmed">{t.signIn.none}</Text>
        </Stack>
      </form>
    </FrontDoor>
  );
}
