/** The first operator, by the link that the server printed: the token is behind `#`, which no log sees. */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { answered, api } from '../api/client';
import { useText } from '../i18n/language';
import { meQuery } from '../session';
import { Empty, Failed } from '../ui/states';
import { FrontDoor } from './front-door';

const header = { 'X-Weir-CSRF': '1' };

export function Setup() {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(() => window.location.hash.slice(1));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [repeat, setRepeat] = useState('');
  const [differ, setDiffer] = useState(false);
  const make = useMutation({
    mutationFn: async () => {
      await answered(api.POST('/api/v1/setup', { body: { token, name, password }, params: { header } }));
      return answered(api.POST('/api/v1/login', { body: { name, password }, params: { header } }));
    },
    onSuccess: (me) => {
      queries.setQueryData(meQuery.queryKey, me);
      void navigate({ to: '/', replace: true });
    },
  });
  useEffect(() => {
    document.title = `${t.setup.title} · Weir`;
  }, [t]);
  if (token === '') {
    return <FrontDoor title={t.setup.title} lead={t.setup.lead}><Empty text={t.setup.noToken} /></FrontDoor>;
  }
  return (
    <FrontDoor title={t.setup.title} lead={t.setup.lead}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setDiffer(password !== repeat);
          if (password === repeat) make.mutate();
        }}
      >
        <Stack>
          {make.isError && <Failed error={make.error} />}
          <TextInput label={t.setup.name} description={t.setup.nameHint} autoComplete="username" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <PasswordInput label={t.setup.password} description={t.setup.passwordHint} autoComplete="new-password" minLength={12} required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
          <PasswordInput label={t.setup.repeat} autoComplete="new-password" required withAsterisk={false} error={differ && t.setup.differ} value={repeat} onChange={(event) => setRepeat(event.currentTarget.value)} />
          <Button type="submit" loading={make.isPending} fullWidth>{t.setup.submit}</Button>
        </Stack>
      </form>
    </FrontDoor>
  );
}
