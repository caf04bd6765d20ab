/** The record of everything, the newest first. */
import { ActionIcon, Code, Group, Modal, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { FileTextIcon } from 'lucide-react';
import { useState } from 'react';

import { answered, api, asCsv, type Schemas } from '../api/client';
import type { operations } from '../api/schema';
import { reasonIn } from '../format/reason';
import { useFormat, useText, useWords } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { TeamLink, UserLink } from '../ui/links';
import { usePaged } from '../ui/paged';
import { oldestFirst, useUrl } from '../ui/url-state';
import { When } from '../ui/values';

type Entry = Schemas['Entry'];
type Asked = NonNullable<operations['audit_list']['parameters']['query']>;

interface Which {
  /** Only about this. */
  subject?: string;
  /** Only one of these operations, of which one is chosen. */
  of?: string[];
  /** Whether it is the page of the record, where anything is asked for. */
  filters?: boolean;
}

export function Entries({ subject, of, filters = false }: Which) {
  const { t, lang } = useWords();
  const [search, change] = useUrl();
  const [open, setOpen] = useState<Entry | null>(null);
  const prefix = filters ? '' : 'a-';
  const about = subject ?? (filters ? search['subject'] : undefined);
  const chosen = search[`${prefix}operation`];
  const operation = filters ? chosen : of === undefined ? undefined : (of.find((one) => one === chosen) ?? of[0]);
  const text = search[`${prefix}text`];
  const wanted = {
    ...(about !== undefined && { subject: about }),
    ...(operation !== undefined && { operation }),
    ...(text !== undefined && { text }),
  };
  const format = useFormat();
  const order = new Intl.Collator(lang);
  const operations = Object.entries(t.operations).map(([value, label]) => ({ value, label })).sort((a, b) => order.compare(a.label, b.label));
  const { order: direction } = oldestFirst(search, prefix);
  const paged = usePaged(['audit', about, operation, text, direction], async (cursor, limit, signal) => {
    const read = (query: Asked) => answered(api.GET('/api/v1/audit', { params: { query: { limit, ...wanted, ...query } }, ...(signal && { signal }) }));
    if (direction === 'asc') {
      const page = await read(cursor === undefined ? { after: 0 } : { cursor });
      return { rows: page.entries, next: page.entries.length < limit ? null : page.next };
    }
    const page = await read(cursor === undefined ? {} : { older: cursor });
    return { rows: [...page.entries].reverse(), next: page.older };
  }, () => answered(api.GET('/api/v1/audit', { params: { query: wanted }, ...asCsv })));
  const columns: Column<Entry>[] = [
    { id: 'seq', title: '#', value: (row) => row.seq, numeric: true },
    { id: 'at', title: t.words.when, value: (row) => row.at, sortKey: 'at', render: (row) => <When at={row.at} /> },
    { id: 'operation', title: t.words.operation, value: (row) => row.operation, render: (row) => <Operation word={row.operation} /> },
    { id: 'subject', title: t.words.subject, value: (row) => row.subject, render: (row) => <Subject of={row.subject} />, wraps: 'anywhere' },
    { id: 'reason', title: t.words.reason, value: (row) => reasonIn(t, format, row.reason), wraps: true },
    { id: 'actor', title: t.audit.actor, value: (row) => row.actor, render: (row) => (row.claimed_by ? `${row.actor} (${t.audit.claimed} ${row.claimed_by})` : row.actor), wraps: true },
    { id: 'origin', title: t.audit.origin, value: (row) => row.origin, optional: true },
    { id: 'expires', title: t.words.until, value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} />, optional: true },
    { id: 'before', title: t.audit.before, value: (row) => row.before, optional: true, wraps: 'anywhere' },
    { id: 'after', title: t.audit.after, value: (row) => row.after, optional: true, wraps: 'anywhere' },
    { id: 'evidence', title: t.audit.evidence, value: (row) => row.evidence, optional: true, wraps: 'anywhere' },
    { id: 'hash', title: t.audit.hash, value: (row) => row.hash, optional: true },
  ];
  const visible = subject === undefined ? columns : columns.filter((column) => column.id !== 'subject');
  return (
    <>
      <DataTable
        name="audit" label={t.audit.title} columns={visible} paged={paged} rowKey={(row) => String(row.seq)} searchable={false} prefix={prefix}
        filters={
          <>
            <Exactly label={t.audit.textHint} placeholder={t.audit.textHint} value={text ?? ''} onChange={(value) => change({ [`${prefix}text`]: value })} />
            {of !== undefined && (
              <Select
                size="xs" w={190} aria-label={t.words.operation} allowDeselect={false} data={of.map((value) => ({ value, label: t.operations[value] ?? value }))}
                value={operation ?? null} onChange={(value) => change({ 'a-operation': value ?? undefined })}
              />
            )}
            {filters && (
              <>
                <Exactly label={t.words.subject} placeholder={t.audit.subjectHint} value={search['subject'] ?? ''} onChange={(value) => change({ subject: value })} />
                <Select
                  size="xs" w={190} aria-label={t.words.operation} placeholder={t.words.operation} searchable clearable clearButtonProps={{ 'aria-label': t.state.clear }}
                  data={operations} value={operation ?? null} onChange={(value) => change({ operation: value ?? undefined })}
                />
              </>
            )}
          </>
        }
        actions={(row) => (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t.audit.entry} ${row.seq}`} title={t.audit.open} onClick={() => setOpen(row)}>
            <FileTextIcon size={16} aria-hidden />
          </ActionIcon>
        )}
      />
      <Modal opened={open !== null} onClose={() => setOpen(null)} size="lg" title={<Text span fw={650}>{open === null ? '' : `${t.audit.entry} ${open.seq}`}</Text>} closeButtonProps={{ 'aria-label': t.words.close }}>
        {open !== null && <Detail entry={open} />}
      </Modal>
    </>
  );
}

/** A filter that takes effect when it is left, or by Enter. */
function Exactly({ label, placeholder, value, onChange }: { label: string; placeholder: string; value: string; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState(value);
  const send = () => {
    if (text.trim() !== value) onChange(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <TextInput
      size="xs" w={230} aria-label={label} placeholder={placeholder} value={text} onChange={(event) => setText(event.currentTarget.value)} onBlur={send}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send();
      }}
    />
  );
}

/** What was done in the reader's words, with the word of the record. */
function Operation({ word }: { word: string }) {
  const t = useText();
  return <span title={word}>{t.operations[word] ?? word}</span>;
}

/** Users and teams are a step away. */
function Subject({ of }: { of: string }) {
  const [kind, ...rest] = of.split(':');
  const name = rest.join(':');
  if (kind === 'user' && name !== '') return <UserLink id={name} />;
  if (kind === 'team' && name !== '') return <TeamLink team={name} />;
  return <>{of}</>;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Detail({ entry }: { entry: Entry }) {
  const t = useText();
  const parts = [[t.audit.before, entry.before], [t.audit.after, entry.after], [t.audit.evidence, entry.evidence]] as const;
  return (
    <Stack gap="sm">
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {([
            [t.words.when, <When key="at" at={entry.at} />], [t.words.operation, <Operation key="operation" word={entry.operation} />], [t.words.subject, <Subject key="subject" of={entry.subject} />], [t.words.reason, entry.reason || '–'],
            [t.audit.actor, entry.claimed_by ? `${entry.actor} (${t.audit.claimed} ${entry.claimed_by})` : entry.actor], [t.audit.origin, entry.origin],
          ] as const).map(([name, value]) => (
            <Table.Tr key={name}><Table.Th w={120}>{name}</Table.Th><Table.Td>{value}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {parts.map(([name, text]) => text && (
        <div key={name}><Text size="xs" c="dimmed">{name}</Text><Code block tabIndex={0}>{pretty(text)}</Code></div>
      ))}
      <Group gap={4}><Text size="xs" c="dimmed">{t.audit.hash}</Text><Text size="xs" className="mono">{entry.hash}</Text></Group>
    </Stack>
  );
}
