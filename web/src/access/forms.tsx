/** Block, unblock, protect, and end a protection. */
import { Autocomplete, Checkbox, NumberInput, Text } from '@mantine/core';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { useMay } from '../session';
import { useTeamNames, useUsersLike } from '../ui/known';
import { Choice, End, FormFrame, isReason, local, Reason, remains, useChange, type FormProps } from './form';

/** The end that a choice names, in the fields of the API. */
function ending(choice: string, end: string | null) {
  if (choice === 'indefinite') return { indefinite: true };
  if (choice === 'custom') return { until: end === null ? null : local(end) };
  return choice === 'day' ? {} : { for: choice };
}

export function BlockForm({ user, team, onClose }: FormProps & { user?: string; team?: string }) {
  const t = useText();
  const mayForce = useMay('lift-others-block');
  const open = user === undefined && team === undefined;
  const [kind, setKind] = useState(team === undefined ? 'user' : 'team');
  const [name, setName] = useState(user ?? team ?? '');
  const [term, setTerm] = useState('1d');
  const [end, setEnd] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const [tried, setTried] = useState(false);
  const block = useChange({
    run: (body: Schemas['NewBlock']) => answered(api.POST('/api/v1/blocks', { body })),
    done: (out) => ({
      title: out.users.length === 1 ? t.access.blockDone(out.users[0]?.user_id ?? name) : t.access.blockDone(`${name} (${out.users.length})`),
      lines: out.refused.map((one) => `${one.user_id}: ${one.detail}`),
    }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (!isReason(reason) || name.trim() === '' || (term === 'custom' && end === null)) return;
    block.mutate({ [kind]: name.trim(), reason: reason.trim(), ...ending(term, end), force });
  };
  return (
    <FormFrame title={open ? t.blocking.blockUser : t.access.blockTitle(name)} submit={t.access.block} color="red.8" pending={block.isPending} error={block.error} onSubmit={submit} onClose={onClose}>
      {open && (
        <>
          <Choice label={t.access.whom} value={kind} onChange={setKind} data={[{ value: 'user', label: t.access.aUser }, { value: 'team', label: t.access.aTeam }]} />
          <Whom kind={kind} value={name} tried={tried} onChange={setName} />
        </>
      )}
      <Choice
        label={t.access.howLong} value={term} onChange={setTerm}
        data={[
          { value: '1d', label: t.access.day1 }, { value: '30d', label: t.access.days30 }, { value: '90d', label: t.access.days90 },
          { value: 'custom', label: t.access.custom }, { value: 'indefinite', label: t.access.indefinite },
        ]}
      />
      {term === 'custom' && <End value={end} tried={tried} onChange={setEnd} />}
      <Reason value={reason} tried={tried} onChange={setReason} />
      {mayForce && <Checkbox checked={force} onChange={(event) => setForce(event.currentTarget.checked)} label={t.access.force} description={t.access.forceHint} />}
    </FormFrame>
  );
}

/** A user or team, found by a part of the name. */
function Whom({ kind, value, tried, onChange }: { kind: string; value: string; tried: boolean; onChange: (value: string) => void }) {
  const t = useText();
  const users = useUsersLike(value, { wanted: kind === 'user' });
  const teams = useTeamNames(kind === 'team');
  const data = kind === 'team' ? teams : users;
  return (
    <Autocomplete
      label={kind === 'team' ? t.words.team : t.words.user} required value={value} onChange={onChange} data={data} filter={({ options }) => options}
      placeholder={kind === 'team' ? undefined : t.users.searchHint} data-autofocus error={tried && value.trim() === '' ? t.access.choose : undefined}
    />
  );
}

export function UnblockForm({ user, onClose }: FormProps & { user: string }) {
  const t = useText();
  const [term, setTerm] = useState('day');
  const [end, setEnd] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const unblock = useChange({
    run: (body: Schemas['Unblock']) => answered(api.POST('/api/v1/users/{user}/unblock', { params: { path: { user } }, body })),
    done: (now) => ({ title: t.access.unblockDone(user), lines: remains(now, t) }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (!isReason(reason) || (term === 'custom' && end === null)) return;
    const protection = term === 'none' ? { no_protect: true } : term === 'custom' && end !== null ? { protect_until: local(end) } : {};
    unblock.mutate({ reason: reason.trim(), ...protection });
  };
  return (
    <FormFrame title={t.access.unblockTitle(user)} submit={t.access.unblock} pending={unblock.isPending} error={unblock.error} onSubmit={submit} onClose={onClose}>
      <Reason value={reason} tried={tried} onChange={setReason} />
      <Choice
        label={t.access.protection} value={term} onChange={setTerm}
        data={[{ value: 'day', label: t.access.protectDay }, { value: 'custom', label: t.access.protectCustom }, { value: 'none', label: t.access.protectNone }]}
      />
      {term === 'none' && <Text size="sm" c="dimmed">{t.access.protectHint}</Text>}
      {term === 'custom' && <End value={end} tried={tried} onChange={setEnd} />}
    </FormFrame>
  );
}

export function ProtectForm({ user, onClose }: FormProps & { user: string }) {
  const t = useText();
  const [term, setTerm] = useState('day');
  const [end, setEnd] = useState<string | null>(null);
  const [upTo, setUpTo] = useState<string | number>('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const protect = useChange({
    run: (body: Schemas['NewProtection']) => answered(api.PUT('/api/v1/users/{user}/protection', { params: { path: { user } }, body })),
    done: (now) => ({ title: t.access.protectDone(user), lines: remains(now, t) }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (!isReason(reason) || (term === 'custom' && end === null)) return;
    protect.mutate({ reason: reason.trim(), ...ending(term, end), ...(typeof upTo === 'number' && { up_to_percent: upTo }) });
  };
  return (
    <FormFrame title={t.access.protectTitle(user)} submit={t.access.protect} pending={protect.isPending} error={protect.error} onSubmit={submit} onClose={onClose}>
      <Reason value={reason} tried={tried} onChange={setReason} />
      <Choice
        label={t.access.howLong} value={term} onChange={setTerm}
        data={[{ value: 'day', label: t.access.protectDay }, { value: 'custom', label: t.access.protectCustom }, { value: 'indefinite', label: t.access.protectIndefinite }]}
      />
      {term === 'custom' && <End value={end} tried={tried} onChange={setEnd} />}
      <NumberInput label={t.access.upTo} description={t.access.upToHint} value={upTo} onChange={setUpTo} min={101} max={10_000} allowDecimal={false} suffix=" %" />
    </FormFrame>
  );
}

export function UnprotectForm({ user, onClose }: FormProps & { user: string }) {
  const t = useText();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const end = useChange({
    run: (why: string) => answered(api.DELETE('/api/v1/users/{user}/protection', { params: { path: { user }, query: { reason: why } } })),
    done: (now) => ({ title: t.access.unprotectDone(user), lines: remains(now, t) }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (isReason(reason)) end.mutate(reason.trim());
  };
  return (
    <FormFrame title={t.access.unprotectTitle(user)} submit={t.access.unprotect} pending={end.isPending} error={end.error} onSubmit={submit} onClose={onClose}>
      <Reason value={reason} tried={tried} onChange={setReason} />
    </FormFrame>
  );
}
