/** Make, change and shut out operators; set somebody's password. */
import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { isPassword, PasswordForSomebody, RoleField, TeamField, UserField } from './fields';
import { FormFrame, useChange, type FormProps } from './form';

type Operator = Schemas['Operator'];

/** As `core::operator::OperatorName`. */
const NAME = /^[a-z0-9._@-]{1,64}$/;

/** Two roles are for something: a team, or a user. */
function lacks(role: string, team: string, user: string): boolean {
  return (role === 'team' && team.trim() === '') || (role === 'developer' && user.trim() === '');
}

function of(role: string, team: string, user: string) {
  return { ...(role === 'team' && { team: team.trim() }), ...(role === 'developer' && { user: user.trim() }) };
}

export function NewOperatorForm({ onClose }: FormProps) {
  const t = useText();
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [team, setTeam] = useState('');
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const make = useChange({
    run: (body: Schemas['NewOperator']) => answered(api.POST('/api/v1/operators', { body })),
    done: (made) => ({ title: t.operators.made(made.name), lines: [t.operators.madeHint] }),
    onClose,
  });
  const known = name.trim().toLowerCase();
  const submit = () => {
    setTried(true);
    if (!NAME.test(known) || !isPassword(password) || lacks(role, team, user)) return;
    make.mutate({ name: known, role, password, ...of(role, team, user) });
  };
  return (
    <FormFrame title={t.operators.add} submit={t.operators.add} pending={make.isPending} error={make.error} onSubmit={submit} onClose={onClose}>
      <TextInput
        label={t.words.name} description={t.setup.nameHint} required autoComplete="off" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus
        error={tried && !NAME.test(known) ? t.operators.nameBad : undefined}
      />
      <RoleField value={role} onChange={setRole} />
      {role === 'team' && <TeamField value={team} onChange={setTeam} tried={tried} />}
      {role === 'developer' && <UserField value={user} onChange={setUser} tried={tried} />}
      <PasswordForSomebody value={password} onChange={setPassword} tried={tried} />
    </FormFrame>
  );
}

export function RoleForm({ operator, onClose }: FormProps & { operator: Operator }) {
  const t = useText();
  const [role, setRole] = useState(operator.role);
  const [team, setTeam] = useState(operator.team ?? '');
  const [user, setUser] = useState(operator.user ?? '');
  const [tried, setTried] = useState(false);
  const set = useChange({
    run: (body: Schemas['OperatorEdit']) => answered(api.PATCH('/api/v1/operators/{operator}', { params: { path: { operator: operator.name } }, body })),
    done: () => ({ title: t.operators.roleDone(operator.name), lines: [] }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (lacks(role, team, user)) return;
    set.mutate({ role, ...of(role, team, user) });
  };
  return (
    <FormFrame title={t.operators.roleTitle(operator.name)} submit={t.words.save} pending={set.isPending} error={set.error} onSubmit={submit} onClose={onClose}>
      <RoleField value={role} onChange={setRole} />
      {role === 'team' && <TeamField value={team} onChange={setTeam} tried={tried} />}
      {role === 'developer' && <UserField value={user} onChange={setUser} tried={tried} />}
    </FormFrame>
  );
}

export function PasswordForm({ operator, onClose }: FormProps & { operator: Operator }) {
  const t = useText();
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const set = useChange({
    run: (body: Schemas['NewPassword']) => answered(api.POST('/api/v1/operators/{operator}/password', { params: { path: { operator: operator.name } }, body })),
    done: () => ({ title: t.operators.passwordDone(operator.name), lines: [] }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (isPassword(password)) set.mutate({ password });
  };
  return (
    <FormFrame title={t.operators.passwordTitle(operator.name)} submit={t.words.save} pending={set.isPending} error={set.error} onSubmit={submit} onClose={onClose}>
      <Text size="sm" c="dimmed">{t.operators.passwordEnds}</Text>
      <PasswordForSomebody value={password} onChange={setPassword} tried={tried} />
    </FormFrame>
  );
}

/** Shuts an operator out, or lets them in again. */
export function ShutOutForm({ operator, onClose }: FormProps & { operator: Operator }) {
  const t = useText();
  const out = operator.disabled_at === null || operator.disabled_at === undefined;
  const set = useChange({
    run: () => answered(api.PATCH('/api/v1/operators/{operator}', { params: { path: { operator: operator.name } }, body: { disabled: out } })),
    done: () => ({ title: out ? t.operators.shutOutDone(operator.name) : t.operators.letInDone(operator.name), lines: [] }),
    onClose,
  });
  return (
    <FormFrame
      title={out ? t.operators.shutOutTitle(operator.name) : t.operators.letInTitle(operator.name)} submit={out ? t.operators.shutOut : t.operators.letIn}
      {...(out && { color: 'red.8' })} pending={set.isPending} error={set.error} onSubmit={() => set.mutate(undefined)} onClose={onClose}
    >
      <Text size="sm">{out ? t.operators.shutOutHint : t.operators.letInHint}</Text>
    </FormFrame>
  );
}
