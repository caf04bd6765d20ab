/** Sets or removes a quota; whoever would lose or regain access is named before it is done. */
import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { Failed } from '../ui/states';
import { Choice, FormFrame, useChange, type FormProps } from './form';
import { isScope, ScopeField } from './scope-field';

type Changed = Schemas['QuotaChanged'];
type Quota = Schemas['QuotaSet'];

/** The tag of the quota as it was read: a change of somebody else in between is not overwritten. */
function match(quota: Quota | undefined) {
  return quota?.etag === undefined ? {} : { header: { 'If-Match': quota.etag } };
}

export function QuotaForm({ scope: fixed, quota, onClose }: FormProps & { scope?: string; quota?: Quota }) {
  const t = useText();
  const [scope, setScope] = useState(quota?.scope ?? fixed ?? 'user:');
  const [metric, setMetric] = useState(quota?.metric ?? 'requests');
  const [window, setWindow] = useState(quota?.window ?? 'day');
  const [limit, setLimit] = useState(quota === undefined ? '' : (quota.limit ?? t.words.unlimited));
  const [action, setAction] = useState(quota?.action ?? 'block');
  const [warn, setWarn] = useState((quota?.warn ?? [80, 95]).join(', '));
  const [seen, setSeen] = useState('');
  const [tried, setTried] = useState(false);
  const body: Schemas['NewQuota'] = {
    limit: limit.trim().toLowerCase() === t.words.unlimited ? 'unlimited' : limit.trim(), action, warn: warn.split(/[,;\s]+/).filter((text) => text !== '').map(Number),
  };
  const path = { scope: scope.trim(), metric, window };
  const send = (query: { dry_run?: boolean; yes?: boolean }) =>
    answered(api.PUT('/api/v1/quotas/{scope}/{metric}/{window}', { params: { path, query, ...match(quota) }, body }));
  const now = JSON.stringify([path, body]);
  const preview = useMutation({ mutationFn: () => send({ dry_run: true }), onSuccess: () => setSeen(now) });
  const set = useChange({ run: () => send({ yes: true }), done: () => ({ title: t.quotas.setDone, lines: [] }), onClose });
  // What is done is what was looked at.
  const looked = preview.data !== undefined && seen === now;
  const submit = () => {
    setTried(true);
    if (!isScope(scope) || limit.trim() === '') return;
    if (looked) set.mutate(undefined);
    else preview.mutate();
  };
  return (
    <FormFrame
      title={quota === undefined ? (fixed === undefined ? t.quotas.set : t.quotas.setFor(fixed.slice(fixed.indexOf(':') + 1))) : `${t.quotas.edit}: ${quota.scope}, ${t.metrics[quota.metric] ?? quota.metric} / ${t.windows[quota.window] ?? quota.window}`} submit={looked ? t.words.save : t.quotas.preview}
      pending={preview.isPending || set.isPending} error={set.error ?? preview.error} onSubmit={submit} onClose={onClose}
    >
      {quota === undefined && (
        <>
          {fixed === undefined && <ScopeField value={scope} tried={tried} onChange={setScope} />}
          <Group grow>
            <Select label={t.words.metric} value={metric} allowDeselect={false} onChange={(value) => setMetric(value ?? metric)} data={['requests', 'tokens', 'tokens_all', 'cost'].map((value) => ({ value, label: t.metrics[value] ?? value }))} />
            <Select label={t.words.window} value={window} allowDeselect={false} onChange={(value) => setWindow(value ?? window)} data={['hour', 'day', 'month'].map((value) => ({ value, label: t.windows[value] ?? value }))} />
          </Group>
        </>
      )}
      <TextInput label={t.words.limit} description={t.quotas.limitHint} value={limit} required inputMode="decimal" onChange={(event) => setLimit(event.currentTarget.value)} error={tried && limit.trim() === '' ? t.quotas.limitBad : undefined} {...(quota !== undefined && { 'data-autofocus': true })} />
      <Choice label={t.quotas.atLimit} value={action} onChange={setAction} data={[{ value: 'block', label: t.quotas.doBlock }, { value: 'notify', label: t.quotas.doNotify }]} />
      <TextInput label={`${t.words.warn}, %`} value={warn} onChange={(event) => setWarn(event.currentTarget.value)} />
      {looked && <Effect changed={preview.data} />}
    </FormFrame>
  );
}

export function Effect({ changed }: { changed: Changed }) {
  const t = useText();
  const { blocked_in_part: lost = [], released_in_part: regained = [], held_in_part: kept = [] } = changed;
  const lists = [
    [t.quotas.wouldBlock, [...changed.blocked, ...lost, ...changed.held, ...kept, ...changed.teams], 'amber'],
    [t.quotas.wouldRelease, [...changed.released, ...regained], 'green'],
  ] as const;
  return (
    <Stack gap="xs" aria-live="polite">
      {lists.map(([title, names, color]) => (
        <Alert key={title} variant="light" color="gray" py="xs" {...(names.length > 0 && { bg: `var(--weir-${color}-soft)` })}>
          <Text size="sm" c="var(--mantine-color-text)"><b>{title}:</b> {names.length === 0 ? t.words.nobody : names.join(', ')}</Text>
        </Alert>
      ))}
    </Stack>
  );
}

export function RemoveQuota({ quota, onClose }: FormProps & { quota: Quota }) {
  const t = useText();
  const path = { scope: quota.scope, metric: quota.metric, window: quota.window };
  const send = (query: { dry_run?: boolean; yes?: boolean }) =>
    answered(api.DELETE('/api/v1/quotas/{scope}/{metric}/{window}', { params: { path, query, ...match(quota) } }));
  const preview = useMutation({ mutationFn: () => send({ dry_run: true }) });
  const remove = useChange({ run: () => send({ yes: true }), done: () => ({ title: t.quotas.removeDone, lines: [] }), onClose });
  return (
    <FormFrame
      title={`${t.quotas.remove}: ${quota.scope} ${t.metrics[quota.metric] ?? quota.metric} / ${t.windows[quota.window] ?? quota.window}`}
      submit={preview.data === undefined ? t.quotas.preview : t.quotas.remove} pending={preview.isPending || remove.isPending} error={remove.error ?? preview.error}
      onSubmit={() => (preview.data === undefined ? preview.mutate() : remove.mutate(undefined))} onClose={onClose}
    >
      {preview.isError && <Failed error={preview.error} />}
      {preview.data ? <Effect changed={preview.data} /> : <Button variant="subtle" onClick={() => preview.mutate()}>{t.quotas.preview}</Button>}
    </FormFrame>
  );
}
