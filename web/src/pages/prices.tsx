import { Button, Card, Stack, Text } from '@mantine/core';
import { PlusIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { useMay } from '../session';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { Read } from '../ui/states';
import { Money, Pill, When } from '../ui/values';
import { History } from './history';
import { Section } from './section';

const RemovePrices = lazy(() => import('../access/price-form').then((all) => ({ default: all.RemovePrices })));
const PriceForm = lazy(() => import('../access/price-form').then((all) => ({ default: all.PriceForm })));

type Sheet = Schemas['Prices']['prices'][number];
type Row = Sheet & { band: Sheet['bands'][number] };
type Own = Schemas['Prices']['set'][number];

/** Puts on record that the list was taken. Its file is written here: a line for each band, which the server has in one cell. */
const noted = () => answered(api.GET('/api/v1/prices', asCsv)).then(() => undefined);

export function Page() {
  const t = useText();
  const format = useFormat();
  const may = useMay('change-prices');
  const [open, setOpen] = useState<'new' | Row | null>(null);
  const [removing, setRemoving] = useState<{ own: Own; etag: string | undefined } | null>(null);
  const query = useQuery({ queryKey: ['rules', 'prices'], queryFn: ({ signal }) => answered(api.GET('/api/v1/prices', { signal })) });
  const sources = (words: string) => words.split(', ').map((word) => t.prices.sources[word] ?? word).join(', ');
  const columns: Column<Row>[] = [
    { id: 'model', title: t.words.model, value: (row) => row.model, render: (row) => <Stack gap={0}><Text size="sm">{row.name}</Text>{row.name !== row.model && <Text size="xs" c="dimmed">{row.model}</Text>}</Stack> },
    { id: 'class', title: t.prices.class, value: (row) => row.class, filter: true, named: (word) => t.prices.classes[word] ?? word, render: (row) => t.prices.classes[row.class] ?? row.class },
    { id: 'regions', title: t.prices.regions, value: (row) => row.regions.join(', '), wraps: true },
    { id: 'from', title: t.prices.from, value: (row) => row.band.from_input_tokens, render: (row) => format.count(row.band.from_input_tokens), numeric: true, optional: true },
    { id: 'input', title: t.words.input, value: (row) => row.band.input, render: (row) => <Money fine usd={row.band.input} />, numeric: true },
    { id: 'output', title: t.words.output, value: (row) => row.band.output, render: (row) => <Money fine usd={row.band.output} />, numeric: true },
    { id: 'cache_read', title: t.words.cacheRead, value: (row) => row.band.cache_read, render: (row) => <Money fine usd={row.band.cache_read} />, numeric: true },
    { id: 'write5m', title: t.prices.write5m, value: (row) => row.band.cache_write_5m, render: (row) => <Money fine usd={row.band.cache_write_5m} />, numeric: true },
    { id: 'write1h', title: t.prices.write1h, value: (row) => row.band.cache_write_1h, render: (row) => <Money fine usd={row.band.cache_write_1h} />, numeric: true },
    { id: 'source', title: t.prices.source, value: (row) => row.sources.join(', '), filter: true, named: sources, render: (row) => sources(row.sources.join(', ')) },
    { id: 'effective', title: t.prices.effective, value: (row) => row.effective_from, render: (row) => <When at={row.effective_from} />, optional: true },
  ];
  return (
    <PageFrame title={t.prices.title} beside={may && <Button size="xs" leftSection={<PlusIcon size={14} aria-hidden />} onClick={() => setOpen('new')}>{t.prices.set}</Button>}>
      <Text size="sm" c="dimmed">{t.prices.perMillion}</Text>
      <Card>
        <Read query={query} lines={10}>
          {(data) => (
            <DataTable
              name="prices" label={t.prices.title} columns={columns} rows={data.prices.flatMap((sheet) => sheet.bands.map((band) => ({ ...sheet, band })))}
              rowKey={(row) => `${row.model} ${row.class} ${row.regions.join()} ${row.band.from_input_tokens}`} perPage={30} file={noted}
              {...(may && { actions: (row: Row) => <Button size="compact-xs" variant="subtle" aria-label={`${t.prices.change}: ${row.model} ${row.class}`} onClick={() => setOpen(row)}>{t.prices.change}</Button> })}
            />
          )}
        </Read>
      </Card>
      <Section title={t.prices.setByAdmins}>
        <Read query={query} lines={3}>{(data) => <OwnPrices rows={data.set} onRemove={may ? (own) => setRemoving({ own, etag: data.prices.find((sheet) => sheet.model === own.model)?.etag }) : undefined} />}</Read>
      </Section>
      <History of={['price-set', 'price-unset']} />
      <Suspense fallback={null}>
        {removing !== null && <RemovePrices {...removing} onClose={() => setRemoving(null)} />}
        {open !== null && <PriceForm {...(open !== 'new' && { sheet: open })} models={[...new Set((query.data?.prices ?? []).map((sheet) => sheet.model))]} onClose={() => setOpen(null)} />}
      </Suspense>
    </PageFrame>
  );
}

/** What administrators set, past and to come: the history of prices. */
function OwnPrices({ rows, onRemove }: { rows: Own[]; onRemove: ((row: Own) => void) | undefined }) {
  const t = useText();
  const columns: Column<Own>[] = [
    { id: 'model', title: t.words.model, value: (row) => row.model, wraps: 'anywhere' },
    { id: 'state', title: t.words.state, value: (row) => row.state, filter: true, named: (word) => t.prices.states[word] ?? word, render: (row) => <Pill tone={row.state === 'now' ? 'green' : row.state === 'future' ? 'blue' : 'grey'}>{t.prices.states[row.state] ?? row.state}</Pill> },
    { id: 'class', title: t.prices.class, value: (row) => row.class, filter: true, named: (word) => t.prices.classes[word] ?? word, render: (row) => t.prices.classes[row.class] ?? row.class },
    { id: 'region', title: t.prices.region, value: (row) => row.region },
    { id: 'from', title: t.prices.effective, value: (row) => row.effective_from, render: (row) => <When at={row.effective_from} /> },
    { id: 'until', title: t.prices.ends, value: (row) => row.effective_until, render: (row) => <When at={row.effective_until} /> },
    { id: 'input', title: t.words.input, value: (row) => row.input, render: (row) => <Money fine usd={row.input} />, numeric: true },
    { id: 'output', title: t.words.output, value: (row) => row.output, render: (row) => <Money fine usd={row.output} />, numeric: true },
    { id: 'cache_read', title: t.words.cacheRead, value: (row) => row.cache_read, render: (row) => <Money fine usd={row.cache_read} />, numeric: true },
    { id: 'write5m', title: t.prices.write5m, value: (row) => row.cache_write_5m, render: (row) => <Money fine usd={row.cache_write_5m} />, numeric: true, optional: true },
    { id: 'write1h', title: t.prices.write1h, value: (row) => row.cache_write_1h, render: (row) => <Money fine usd={row.cache_write_1h} />, numeric: true, optional: true },
  ];
  const button = (row: Own) => (row.state === 'past' ? null : (
    <Button size="compact-xs" variant="subtle" color="gray" c="var(--weir-red)" aria-label={`${t.prices.remove}: ${row.model} ${row.class} ${row.region} ${row.effective_from ?? ''}`} onClick={() => onRemove?.(row)}>{t.prices.remove}</Button>
  ));
  return (
    <DataTable
      name="prices-set" label={t.prices.setByAdmins} columns={columns} rows={rows} prefix="s-" empty={t.prices.noneSet}
      rowKey={(row) => `${row.model} ${row.class} ${row.region} ${row.tier} ${row.from_input_tokens} ${row.effective_from ?? ''} ${row.effective_until ?? ''}`}
      {...(onRemove && { actions: button })}
    />
  );
}
