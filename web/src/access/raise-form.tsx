/** More for a while: an addition to a limit that ends by itself. */
import { NumberInput, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useFormat, useWords } from '../i18n/language';
import { Empty, Failed, Waiting } from '../ui/states';
import { Choice, End, FormFrame, isReason, local, Reason, useChange, type FormProps } from './form';

/** Scopes whose limit is a user's own: what a team or tool may use is not raised for one person. */
const OWN = /^(user:|defaults$|team-defaults:)/;

export function RaiseForm({ user, onClose }: FormProps & { user: string }) {
  const { t, lang } = useWords();
  const query = useQuery({
    queryKey: ['usage', 'user', user],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/users/{user}', { params: { path: { user } }, signal })),
  });
  const format = useFormat();
  const limits = (query.data?.quotas ?? []).filter((quota) => OWN.test(quota.scope) && quota.limit !== null && quota.limit !== undefined);
  const [which, setWhich] = useState<string | null>(null);
  const [amount, setAmount] = useState<string | number>('');
  const [term, setTerm] = useState('1d');
  const [end, setEnd] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const key = (quota: { metric: string; window: string }) => `${quota.metric}/${quota.window}`;
  // What is used up most is most likely meant.
  const fullest = limits.reduce<(typeof limits)[number] | undefined>((best, one) => (best === undefined || (one.percent ?? 0) > (best.percent ?? 0) ? one : best), undefined);
  const chosen = limits.find((quota) => key(quota) === which) ?? fullest;
  const shown = (metric: string, value: string) => (metric === 'cost' ? format.money(value) : format.count(Number(value)));
  const raise = useChange({
    run: (body: Schemas['NewRaise']) => answered(api.POST('/api/v1/users/{user}/raise', { params: { path: { user }, query: { yes: true } }, body })),
    done: (out) => ({ title: t.access.raiseDone(user), lines: out.released.length > 0 ? [t.access.unblockDone(user)] : [] }),
    onClose,
  });
  const enough = typeof amount === 'number' && amount > 0;
  const submit = () => {
    setTried(true);
    if (chosen === undefined || !enough || !isReason(reason) || (term === 'custom' && end === null)) return;
    raise.mutate({
      metric: chosen.metric, window: chosen.window, amount: String(amount), reason: reason.trim(),
      ...(term === 'custom' && end !== null ? { until: local(end) } : { for: term }),
    });
  };
  return (
    <FormFrame title={t.access.raiseTitle(user)} submit={t.access.raise} pending={raise.isPending} error={raise.error} onSubmit={submit} onClose={onClose}>
      {query.isError ? <Failed error={query.error} /> : query.isPending ? <Waiting lines={3} /> : chosen === undefined ? <Empty text={t.access.noLimit} /> : (
        <>
          <Select
            label={t.words.limit} value={key(chosen)} allowDeselect={false} onChange={setWhich}
            data={limits.map((quota) => ({
              value: key(quota),
              label: t.access.limitOf(t.metrics[quota.metric] ?? quota.metric, t.windows[quota.window] ?? quota.window, shown(quota.metric, quota.used), shown(quota.metric, quota.limit ?? '0')),
            }))}
          />
          <NumberInput
            label={t.access.more} value={amount} onChange={setAmount} min={0} allowNegative={false} required data-autofocus hideControls
            prefix={chosen.metric === 'cost' ? '+$' : '+'} decimalScale={chosen.metric === 'cost' ? 6 : 0}
            thousandSeparator={lang === 'es' ? '.' : ','} decimalSeparator={lang === 'es' ? ',' : '.'} error={tried && !enough ? t.access.moreBad : undefined}
          />
          {enough && <Text size="sm" c="dimmed" mt={-8}>{t.access.becomes(shown(chosen.metric, String(Number(chosen.limit) + amount)))}</Text>}
          <Choice
            label={t.access.howLong} value={term} onChange={setTerm}
            data={[{ value: '1d', label: t.access.day1 }, { value: '7d', label: t.access.days7 }, { value: '30d', label: t.access.days30 }, { value: 'custom', label: t.access.custom }]}
          />
          {term === 'custom' && <End value={end} tried={tried} onChange={setEnd} />}
          <Reason value={reason} tried={tried} hint={t.access.reasonRecord} onChange={setReason} />
        </>
      )}
    </FormFrame>
  );
}
