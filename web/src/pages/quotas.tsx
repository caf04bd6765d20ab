import { Button, Card, Stack, Text } from '@mantine/core';
import { PencilIcon, PlusIcon, Trash2Icon, TrendingUpIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { useMay } from '../session';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { RowMenu } from '../ui/row-menu';
import { Read } from '../ui/states';
import { Pill } from '../ui/values';
import { History } from './history';
import { Amount, Scope } from './quota-table';

const QuotaForm = lazy(() => import('../access/quota-form').then((all) => ({ default: all.QuotaForm })));
const RaiseForm = lazy(() => import('../access/raise-form').then((all) => ({ default: all.RaiseForm })));
const RemoveQuota = lazy(() => import('../access/quota-form').then((all) => ({ default: all.RemoveQuota })));

type Quota = Schemas['Quotas']['quotas'][number];

export function Page() {
  const t = useText();
  const format = useFormat();
  const may = useMay('change-quotas');
  const [open, setOpen] = useState<{ what: 'set' } | { what: 'edit' | 'remove' | 'raise'; quota: Quota } | null>(null);
  const close = () => setOpen(null);
  const query = useQuery({ queryKey: ['rules', 'quotas'], queryFn: ({ signal }) => answered(api.GET('/api/v1/quotas', { signal })) });
  const amount = (text: string | null | undefined) => (text === null || text === undefined ? t.words.unlimited : Number(text));
  const columns: Column<Quota>[] = [
    {
      id: 'scope', title: t.words.scope, value: (row) => row.scope, wraps: 'anywhere',
      // On a phone it says what is limited, which has no columns of its own there.
      render: (row) => <><Scope scope={row.scope} /><Text size="xs" c="dimmed" hiddenFrom="sm">{t.metrics[row.metric] ?? row.metric}, {t.windows[row.window] ?? row.window}</Text></>,
    },
    { id: 'metric', title: t.words.metric, value: (row) => row.metric, roomy: true, filter: true, named: (metric) => t.metrics[metric] ?? metric, render: (row) => t.metrics[row.metric] ?? row.metric },
    { id: 'window', title: t.words.window, value: (row) => row.window, roomy: true, filter: true, named: (window) => t.windows[window] ?? window, render: (row) => t.windows[row.window] ?? row.window },
    { id: 'limit', title: t.words.limit, value: (row) => amount(row.limit), render: (row) => <Amount metric={row.metric} value={row.limit} />, numeric: true },
    { id: 'limit_now', title: t.quotas.limitNow, value: (row) => amount(row.limit_now), render: (row) => <Amount metric={row.metric} value={row.limit_now} />, numeric: true, optional: true },
    {
      id: 'additions', title: t.quotas.additions, value: (row) => row.additions.map((one) => `+${one.amount} ${t.words.until.toLowerCase()} ${one.until}`).join('; '),
      render: (row) => (row.additions.length === 0 ? '–' : <Stack gap={0}>{row.additions.map((one) => <Text key={one.until} size="sm">+<Amount metric={row.metric} value={one.amount} /> {t.words.until.toLowerCase()} {format.instant(one.until)}</Text>)}</Stack>),
    },
    { id: 'action', title: t.words.action, value: (row) => row.action, filter: true, named: (action) => t.actions[action] ?? action, render: (row) => <Pill tone={row.action === 'block' ? 'red' : 'grey'}>{t.actions[row.action] ?? row.action}</Pill> },
    { id: 'warn', title: t.words.warn, value: (row) => row.warn.map((percent) => `${percent} %`).join(', ') },
    { id: 'author', title: t.words.author, value: (row) => row.author, render: (row) => (row.author === 'built-in' ? <Text span size="sm" c="dimmed">{t.quotas.builtIn}</Text> : row.author) },
  ];
  const actions = (quota: Quota) => {
    const name = `${quota.scope} ${quota.metric} ${quota.window}`;
    const user = quota.scope.startsWith('user:') && quota.limit !== null && quota.limit !== undefined;
    // What every team has until one is set can be replaced, and not removed.
    const set = quota.author !== 'built-in' || !quota.scope.startsWith('team:');
    const raise = { label: t.access.raise, icon: <TrendingUpIcon size={15} aria-hidden />, run: () => setOpen({ what: 'raise', quota }) };
    return (
      <RowMenu
        name={name}
        verbs={[
          { label: t.quotas.edit, icon: <PencilIcon size={15} aria-hidden />, run: () => setOpen({ what: 'edit', quota }) },
          ...(user ? [raise] : []),
          ...(set ? [{ label: t.quotas.remove, icon: <Trash2Icon size={15} aria-hidden />, run: () => setOpen({ what: 'remove' as const, quota }) }] : []),
        ]}
      />
    );
  };
  return (
    <PageFrame title={t.quotas.title} beside={may && <Button size="xs" leftSection={<PlusIcon size={14} aria-hidden />} onClick={() => setOpen({ what: 'set' })}>{t.quotas.set}</Button>}>
      <Card>
        <Read query={query} lines={8}>
          {(data) => <DataTable name="quotas" label={t.quotas.title} columns={columns} rows={data.quotas} rowKey={(row) => `${row.scope} ${row.metric} ${row.window}`} file={() => answered(api.GET('/api/v1/quotas', asCsv))} {...(may && { actions })} />}
        </Read>
      </Card>
      <History of={['quota-set', 'quota-unset']} />
      <Suspense fallback={null}>
        {open?.what === 'set' && <QuotaForm onClose={close} />}
        {open?.what === 'edit' && <QuotaForm quota={open.quota} onClose={close} />}
        {open?.what === 'raise' && <RaiseForm user={open.quota.scope.slice('user:'.length)} onClose={close} />}
        {open?.what === 'remove' && <RemoveQuota quota={open.quota} onClose={close} />}
      </Suspense>
    </PageFrame>
  );
}
