import { Card } from '@mantine/core';

import { Actions } from '../access/actions';
import { answered, api, asCsv } from '../api/client';
import type { operations } from '../api/schema';
import { useFormat, useText } from '../i18n/language';
import { Chart } from '../ui/chart';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { usePaged } from '../ui/paged';
import { StateFilter, type Standing } from '../ui/state-filter';
import { useUrl } from '../ui/url-state';
import { DaysBySomething, LINES } from './days-by';
import { useUserColumns } from './user-columns';

type Asked = NonNullable<operations['users_list']['parameters']['query']>;
type Sort = NonNullable<Asked['sort']>;

export function Page() {
  const t = useText();
  const format = useFormat();
  const [search] = useUrl();
  const columns = useUserColumns();
  const sort = (search['sort'] ?? 'cost_month') as Sort;
  const order = search['sort'] === undefined || search['dir'] === 'desc' ? ('desc' as const) : ('asc' as const);
  const only = {
    ...(search['q'] !== undefined && { search: search['q'] }),
    ...(search['team'] !== undefined && { team: search['team'] }),
    ...(search['state'] !== undefined && { state: search['state'] as Standing }),
  };
  const asked = { sort, order, ...only };
  const paged = usePaged(['usage', 'users', asked], async (cursor: string | undefined, limit: number, signal?: AbortSignal) => {
    const query = { ...asked, limit, ...(cursor !== undefined && { cursor }) };
    const page = await answered(api.GET('/api/v1/users', { params: { query }, ...(signal && { signal }) }));
    return { ...page, rows: page.users };
  }, () => answered(api.GET('/api/v1/users', { params: { query: asked }, ...asCsv })));
  const distribution = paged.first?.distribution ?? [];
  const counts: Record<string, number | undefined> | undefined = paged.first?.states;
  return (
    <PageFrame title={t.users.title}>
      <Card>
        <DataTable
          name="users" label={t.users.title} columns={columns} paged={paged} rowKey={(row) => row.user_id} searchHint={t.users.searchHint}
          filters={<StateFilter counts={counts} />}
          actions={(row) => <Actions user={row.user_id} state={row.state} compact />}
        />
      </Card>
      <DaysBySomething of="user" title={t.users.lines(format.count(LINES))} kind="line" only={only} />
      {distribution.length > 0 && (
        <Chart
          title={t.users.distribution} axis="%" kind="bar" by="percent" height={200} valued={format.count}
          data={distribution.map((bucket) => ({ percent: bucket.from_percent >= 100 ? '≥ 100 %' : `${bucket.from_percent}–${bucket.from_percent + 9} %`, users: bucket.users }))}
          series={[{ name: 'users', label: t.users.distributionUsers, color: 'weir.5' }]}
        />
      )}
    </PageFrame>
  );
}
