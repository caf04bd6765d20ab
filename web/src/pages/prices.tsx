import { Card, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, api, type Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { Read } from '../ui/states';
import { Money, When } from '../ui/values';

type Sheet = Schemas['Prices']['prices'][number];
type Row = Sheet & { band: Sheet['bands'][number] };

export function Page() {
  const t = useText();
  const format = useFormat();
  const query = useQuery({ queryKey: ['rules', 'prices'], queryFn: ({ signal }) => answered(api.GET('/api/v1/prices', { signal })) });
  const columns: Column<Row>[] = [
    { id: 'model', title: t.words.model, value: (row) => row.model, render: (row) => <><Text size="sm">{row.name}</Text>{row.name !== row.model && <Text size="xs" c="dimmed">{row.model}</Text>}</> },
    { id: 'class', title: t.prices.class, value: (row) => row.class, filter: true },
    { id: 'regions', title: t.prices.regions, value: (row) => row.regions.join(', '), wraps: true },
    { id: 'from', title: t.prices.from, value: (row) => row.band.from_input_tokens, render: (row) => format.count(row.band.from_input_tokens), numeric: true, optional: true },
    { id: 'input', title: t.words.input, value: (row) => row.band.input, render: (row) => <Money usd={row.band.input} />, numeric: true },
    { id: 'output', title: t.words.output, value: (row) => row.band.output, render: (row) => <Money usd={row.band.output} />, numeric: true },
    { id: 'cache_read', title: t.words.cacheRead, value: (row) => row.band.cache_read, render: (row) => <Money usd={row.band.cache_read} />, numeric: true },
    { id: 'write5m', title: t.prices.write5m, value: (row) => row.band.cache_write_5m, render: (row) => <Money usd={row.band.cache_write_5m} />, numeric: true },
    { id: 'write1h', title: t.prices.write1h, value: (row) => row.band.cache_write_1h, render: (row) => <Money usd={row.band.cache_write_1h} />, numeric: true },
    { id: 'source', title: t.prices.source, value: (row) => row.sources.join(', '), filter: true },
    { id: 'effective', title: t.prices.effective, value: (row) => row.effective_from, render: (row) => <When at={row.effective_from} />, optional: true },
  ];
  return (
    <PageFrame title={t.prices.title}>
      <Text size="sm" c="dimmed">{t.prices.perMillion}</Text>
      <Card>
        <Read query={query} lines={10}>
          {(data) => (
            <DataTable
              name="prices" label={t.prices.title} columns={columns} rows={data.prices.flatMap((sheet) => sheet.bands.map((band) => ({ ...sheet, band })))}
              rowKey={(row) => `${row.model} ${row.class} ${row.regions.join()} ${row.band.from_input_tokens}`} perPage={30}
            />
          )}
        </Read>
      </Card>
    </PageFrame>
  );
}
