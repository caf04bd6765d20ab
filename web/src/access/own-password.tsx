/** Another password of one's own. Other sessions end; this one goes on. */
import { PasswordInput, Text } from '@mantine/core';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { isPassword } from './fields';
import { FormFrame, useChange, type FormProps } from './form';

export function OwnPasswordForm({ onClose }: FormProps) {
  const t = useText();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [repeat, setRepeat] = useState('');
  const [tried, setTried] = useState(false);
  const set = useChange({
    run: (body: Schemas['OwnPassword']) => answered(api.POST('/api/v1/me/password', { params: { header: { 'X-Weir-CSRF': '1' } }, body })),
    done: () => ({ title: t.ownPassword.done, lines: [] }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (current !== '' && isPassword(password) && password === repeat) set.mutate({ current, password });
  };
  return (
    <FormFrame title={t.ownPassword.title} submit={t.ownPassword.submit} pending={set.isPending} error={set.error} onSubmit={submit} onClose={onClose}>
      <Text size="sm" c="dimmed">{t.ownPassword.lead}</Text>
      <PasswordInput label={t.ownPassword.current} autoComplete="current-password" required value={current} error={tried && current === '' ? t.ownPassword.currentBad : undefined} onChange={(event) => setCurrent(event.currentTarget.value)} data-autofocus />
      <PasswordInput label={t.ownPassword.next} description={t.setup.passwordHint} autoComplete="new-password" required value={password} error={tried && !isPassword(password) ? t.operators.passwordBad : undefined} onChange={(event) => setPassword(event.currentTarget.value)} />
      <PasswordInput label={t.setup.repeat} autoComplete="new-password" required value={repeat} error={tried && password !== repeat ? t.setup.differ : undefined} onChange={(event) => setRepeat(event.currentTarget.value)} />
    </FormFrame>
  );
}
