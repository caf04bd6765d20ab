/** What an operator may do to a user or team, from wherever it is shown. */
import { Button, Group } from '@mantine/core';
import { BanIcon, GaugeIcon, LockOpenIcon, ShieldIcon, ShieldOffIcon, TrendingUpIcon } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';

import { useText } from '../i18n/language';
import { useMay } from '../session';
import { RowMenu } from '../ui/row-menu';

const load = () => import('./forms');
const BlockForm = lazy(() => load().then((all) => ({ default: all.BlockForm })));
const UnblockForm = lazy(() => load().then((all) => ({ default: all.UnblockForm })));
const ProtectForm = lazy(() => load().then((all) => ({ default: all.ProtectForm })));
const UnprotectForm = lazy(() => load().then((all) => ({ default: all.UnprotectForm })));
const RaiseForm = lazy(() => import('./raise-form').then((all) => ({ default: all.RaiseForm })));
const QuotaForm = lazy(() => import('./quota-form').then((all) => ({ default: all.QuotaForm })));

type Verb = 'block' | 'unblock' | 'protect' | 'unprotect' | 'raise' | 'quota';

const ICONS: Record<Verb, ReactNode> = {
  block: <BanIcon size={15} aria-hidden />,
  unblock: <LockOpenIcon size={15} aria-hidden />,
  protect: <ShieldIcon size={15} aria-hidden />,
  unprotect: <ShieldOffIcon size={15} aria-hidden />,
  raise: <TrendingUpIcon size={15} aria-hidden />,
  quota: <GaugeIcon size={15} aria-hidden />,
};

/** What makes sense for somebody in a state. */
function verbs(state: string | undefined, mayBlock: boolean, mayQuota: boolean): Verb[] {
  const found: Verb[] = [];
  if (mayBlock) {
    if (state === undefined) found.push('block');
    else if (state.startsWith('BLOCKED')) found.push('unblock', 'block', 'protect');
    else found.push('block', state === 'ACTIVE_ADM' ? 'unprotect' : 'protect');
  }
  if (mayQuota && state !== undefined) found.push('raise');
  if (mayQuota) found.push('quota');
  return found;
}

export function Actions({ user, team, state, compact = false }: { user?: string; team?: string; state?: string; compact?: boolean }) {
  const t = useText();
  const [open, setOpen] = useState<Verb | null>(null);
  const can = verbs(user === undefined ? undefined : state, useMay('block'), useMay('change-quotas'));
  if (can.length === 0) return null;
  const close = () => setOpen(null);
  const name = user ?? team ?? '';
  return (
    <>
      {compact ? (
        <RowMenu name={name} verbs={can.map((verb) => ({ label: t.access[verb], icon: ICONS[verb], run: () => setOpen(verb) }))} />
      ) : (
        <Group gap="xs">
          {can.map((verb, at) => (
            <Button key={verb} size="xs" variant={at === 0 ? 'filled' : 'default'} {...(verb === 'block' && at === 0 && { color: 'red.8' })} leftSection={ICONS[verb]} onClick={() => setOpen(verb)}>
              {t.access[verb]}
            </Button>
          ))}
        </Group>
      )}
      <Suspense fallback={null}>
        {open === 'block' && <BlockForm {...(user !== undefined && { user })} {...(team !== undefined && { team })} onClose={close} />}
        {open === 'unblock' && user !== undefined && <UnblockForm user={user} onClose={close} />}
        {open === 'protect' && user !== undefined && <ProtectForm user={user} onClose={close} />}
        {open === 'unprotect' && user !== undefined && <UnprotectForm user={user} onClose={close} />}
        {open === 'raise' && user !== undefined && <RaiseForm user={user} onClose={close} />}
        {open === 'quota' && <QuotaForm scope={user === undefined ? `team:${name}` : `user:${name}`} onClose={close} />}
      </Suspense>
    </>
  );
}

export function BlockSomebody() {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" color="red.8" leftSection={ICONS.block} onClick={() => setOpen(true)}>{t.blocking.blockUser}</Button>
      <Suspense fallback={null}>{open && <BlockForm onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
