/** Blocks in a table. */
import { Group, Text } from '@mantine/core';

import type { Schemas } from '../api/client';
import { useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { TeamLink, UserLink } from '../ui/links';
import { Pill, When } from '../ui/values';

export type Block = Schemas['Block'];

export function useBlockColumns(whose: boolean): Column<Block>[] {
  const t = useText();
  const denies = (row: Block) => row.tool ?? row.model ?? 'Bedrock';
  const columns: Column<Block>[] = [
    {
      id: 'subject', title: t.words.subject, value: (row) => row.user_id ?? row.team,
      render: (row) => (row.user_id ? <UserLink id={row.user_id} /> : row.team ? <Group gap={4}><Text span size="sm">{t.words.team}</Text><TeamLink team={row.team} /></Group> : '–'),
    },
    {
      id: 'kind', title: t.words.kind, value: (row) => row.kind, filter: true, named: (kind) => t.blocking.kind[kind] ?? kind,
      render: (row) => (
        <Group gap={4} wrap="nowrap">
          <Pill tone={row.kind === 'manual' ? 'red' : 'amber'}>{t.blocking.kind[row.kind] ?? row.kind}</Pill>
          {row.held && <Pill tone="grey">{t.blocking.held}</Pill>}
          {row.discarded && <Pill tone="grey">{t.blocking.discarded}</Pill>}
        </Group>
      ),
    },
    { id: 'denies', title: t.blocking.denies, value: denies },
    { id: 'reason', title: t.words.reason, value: (row) => row.reason, wraps: true },
    { id: 'author', title: t.words.author, value: (row) => row.author },
    { id: 'since', title: t.words.since, value: (row) => row.since, render: (row) => <When at={row.since} /> },
    { id: 'until', title: t.words.until, value: (row) => row.until ?? t.words.indefinite, render: (row) => (row.until ? <When at={row.until} /> : t.words.indefinite) },
    { id: 'lifted', title: t.blocking.lifted, value: (row) => row.lifted_at, render: (row) => <When at={row.lifted_at} /> },
    { id: 'lifted_by', title: t.blocking.liftedBy, value: (row) => row.lifted_by },
  ];
  return whose ? columns : columns.filter((column) => column.id !== 'subject');
}
