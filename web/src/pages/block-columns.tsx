/** Blocks in a table. */
import { Group, Stack, Text } from '@mantine/core';

import type { Schemas } from '../api/client';
import { reasonIn } from '../format/reason';
import { useFormat, useText } from '../i18n/language';
import type { Column } from '../ui/columns';
import { TeamLink, UserLink } from '../ui/links';
import { Pill, When } from '../ui/values';
import { Amount } from './quota-table';

export type Block = Schemas['Block'];

export function useBlockColumns(whose: boolean): Column<Block>[] {
  const t = useText();
  const format = useFormat();
  // All of Bedrock, unless it says what.
  const part = (row: Block) => row.tool ?? row.model;
  const columns: Column<Block>[] = [
    {
      id: 'subject', title: t.words.subject, value: (row) => row.user_id ?? row.team,
      render: (row) => (row.user_id ? <UserLink id={row.user_id} /> : row.team ? <Group gap={4}><Text span size="sm">{t.words.team}</Text><TeamLink team={row.team} /></Group> : '–'),
    },
    {
      id: 'kind', title: t.words.kind, value: (row) => row.kind, filter: true, named: (kind) => t.blocking.kind[kind] ?? kind,
      render: (row) => (
        <Stack gap={2}>
          <Group gap={4} wrap="nowrap">
            <Pill tone={row.kind === 'manual' ? 'red' : 'amber'}>{t.blocking.kind[row.kind] ?? row.kind}</Pill>
            {row.held && <Pill tone="grey">{t.blocking.held}</Pill>}
            {row.discarded && <Pill tone="grey">{t.blocking.discarded}</Pill>}
          </Group>
          {part(row) && <Text size="xs" c="dimmed">{part(row)}</Text>}
        </Stack>
      ),
    },
    { id: 'since', title: t.words.since, value: (row) => row.since, sortKey: 'at', render: (row) => <When at={row.since} /> },
    { id: 'until', title: t.words.until, value: (row) => row.until ?? t.words.indefinite, render: (row) => (row.until ? <When at={row.until} /> : t.words.indefinite) },
    { id: 'reason', title: t.words.reason, value: (row) => reasonIn(t, format, row.reason), wraps: true },
    { id: 'denies', title: t.blocking.denies, optional: true, value: (row) => part(row) ?? 'Bedrock' },
    { id: 'author', title: t.words.author, value: (row) => row.author },
    {
      id: 'overshoot', title: t.blocking.overshoot, numeric: true, optional: true, value: (row) => (row.overshoot ? Number(row.overshoot) : null),
      render: (row) => (row.overshoot ? <Amount metric={row.evidence[0]?.metric ?? ''} value={row.overshoot} /> : <Text span inherit c="dimmed">–</Text>),
    },
    { id: 'requested', title: t.blocking.requested, optional: true, value: (row) => row.requested_at, render: (row) => <When at={row.requested_at} /> },
    { id: 'verified', title: t.blocking.verified, optional: true, value: (row) => row.verified_at, render: (row) => <When at={row.verified_at} /> },
    { id: 'first_denied', title: t.blocking.firstDenied, optional: true, value: (row) => row.first_denied_at, render: (row) => <When at={row.first_denied_at} /> },
    { id: 'lifted', title: t.blocking.lifted, value: (row) => row.lifted_at, render: (row) => <When at={row.lifted_at} /> },
    { id: 'lifted_by', title: t.blocking.liftedBy, value: (row) => row.lifted_by, render: (row) => (row.lifted_by ? <Stack gap={0}><Text size="sm">{row.lifted_by}</Text>{row.lifted_why && <Text size="xs" c="dimmed">{reasonIn(t, format, row.lifted_why)}</Text>}</Stack> : <Text span inherit c="dimmed">–</Text>) },
  ];
  return whose ? columns : columns.filter((column) => column.id !== 'subject');
}
