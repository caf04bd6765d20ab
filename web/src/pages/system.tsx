import { Accordion, Alert, Group, Stack, Tabs, Text } from '@mantine/core';
import { TriangleAlertIcon, CircleCheckIcon, CircleXIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';

import { answered, api, asCsv, type Schemas } from '../api/client';
import { useFormat, useText, useWords } from '../i18n/language';
import type { Column } from '../ui/columns';
import { DataTable } from '../ui/data-table';
import { PageFrame } from '../ui/page';
import { Read } from '../ui/states';
import { useTab } from '../ui/tabs';
import { Pill, When } from '../ui/values';
import { Section } from './section';

const TABS = ['doctor', 'dead', 'resets'] as const;

export function Page() {
  const t = useText();
  const [tab, open] = useTab(TABS);
  return (
    <PageFrame title={t.system.title}>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((one) => <Tabs.Tab key={one} value={one}>{t.system[one]}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="doctor"><Doctor /></Tabs.Panel>
        <Tabs.Panel value="dead"><DeadLetters /></Tabs.Panel>
        <Tabs.Panel value="resets"><Resets /></Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

const LEVELS = { ok: 2, warn: 1, fail: 0 } as Record<string, number>;

/** The names of checks are words in the middle of a line. */
function sentence(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function Doctor() {
  const { t, lang } = useWords();
  const query = useQuery({ queryKey: ['system', 'doctor', lang], queryFn: ({ signal }) => answered(api.GET('/api/v1/doctor', { params: { query: { language: lang } }, signal })) });
  return (
    <Section title={t.system.doctor}>
      <Read query={query} lines={6}>
        {({ checks }) => {
          const wrong = checks.filter((check) => check.level !== 'ok').sort((a, b) => (LEVELS[a.level] ?? 0) - (LEVELS[b.level] ?? 0));
          const good = checks.filter((check) => check.level === 'ok');
          return (
            <Stack gap="sm">
              {wrong.length === 0 && <Text size="sm">{t.system.healthy}</Text>}
              {wrong.map((check) => (
                <Alert
                  key={`${check.name} ${check.found}`} variant="light" color={check.level === 'fail' ? 'red' : 'orange'} py="xs"
                  bg={check.level === 'fail' ? 'var(--weir-red-soft)' : 'var(--weir-amber-soft)'}
                  icon={check.level === 'fail' ? <CircleXIcon aria-hidden /> : <TriangleAlertIcon aria-hidden />}
                  title={<Text size="sm" fw={650} c="var(--mantine-color-text)">{sentence(check.name)}</Text>}
                >
                  <Text size="sm" c="var(--mantine-color-text)">{check.found}</Text>
                  {check.remedy && <Text size="sm" mt={4} c="var(--mantine-color-text)"><b>{t.system.todo}:</b> {check.remedy}</Text>}
                </Alert>
              ))}
              {good.length > 0 && (
                <Accordion variant="contained">
                  <Accordion.Item value="good">
                    <Accordion.Control icon={<CircleCheckIcon size={18} color="var(--weir-green)" aria-hidden />}>
                      <Text size="sm">{t.system.fine(good.length)}</Text>
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Stack gap={6}>
                        {good.map((check) => (
                          <Group key={`${check.name} ${check.found}`} gap="xs" wrap="nowrap" align="flex-start">
                            <CircleCheckIcon size={16} color="var(--weir-green)" aria-hidden />
                            <Text size="sm"><b>{sentence(check.name)}</b> {check.found}</Text>
                          </Group>
                        ))}
                      </Stack>
                    </Accordion.Panel>
                  </Accordion.Item>
                </Accordion>
              )}
            </Stack>
          );
        }}
      </Read>
    </Section>
  );
}

function DeadLetters() {
  const t = useText();
  const query = useQuery({ queryKey: ['system', 'dead-letters'], queryFn: ({ signal }) => answered(api.GET('/api/v1/dead-letters', { signal })) });
  const columns: Column<Schemas['DeadLetter']>[] = [
    { id: 'id', title: '#', value: (row) => row.id, numeric: true },
    { id: 'first', title: t.words.since, value: (row) => row.first_seen, render: (row) => <When at={row.first_seen} /> },
    { id: 'count', title: t.words.count, value: (row) => row.count, numeric: true },
    { id: 'source', title: t.words.source, value: (row) => row.source },
    { id: 'reason', title: t.words.reason, value: (row) => row.reason, wraps: true },
    { id: 'shape', title: t.system.shape, value: (row) => row.shape, wraps: 'anywhere', optional: true },
  ];
  return (
    <Section title={t.system.dead}>
      <Read query={query}>
        {(data) => <DataTable name="dead-letters" label={t.system.dead} columns={columns} rows={data.dead_letters} rowKey={(row) => String(row.id)} file={() => answered(api.GET('/api/v1/dead-letters', asCsv))} empty={t.system.noDead} />}
      </Read>
    </Section>
  );
}

function Resets() {
  const t = useText();
  const format = useFormat();
  const query = useQuery({ queryKey: ['system', 'resets'], queryFn: ({ signal }) => answered(api.GET('/api/v1/resets', { signal })) });
  const count = (row: Schemas['Reset'], key: string): number | null => {
    const counts = row.counts as Record<string, unknown> | null;
    const value = counts?.[key];
    return typeof value === 'number' ? value : null;
  };
  const columns: Column<Schemas['Reset']>[] = [
    { id: 'date', title: t.words.day, value: (row) => row.date, render: (row) => format.day(row.date) },
    { id: 'started', title: t.system.started, value: (row) => row.started_at, render: (row) => <When at={row.started_at} /> },
    { id: 'ended', title: t.system.ended, value: (row) => row.finished_at, render: (row) => <When at={row.finished_at} />, optional: true },
    { id: 'runs', title: t.system.runs, value: (row) => row.runs, numeric: true },
    { id: 'lifted', title: t.system.lifted, value: (row) => count(row, 'expired'), numeric: true },
    { id: 'evaluated', title: t.system.evaluated, value: (row) => count(row, 'evaluated'), numeric: true },
    { id: 'blocked', title: t.system.blocked, value: (row) => count(row, 'blocked'), numeric: true },
    { id: 'released', title: t.system.released, value: (row) => count(row, 'released'), numeric: true },
    { id: 'removed', title: t.system.removed, value: (row) => count(row, 'removed'), numeric: true, optional: true },
    {
      id: 'errors', title: t.system.errors, value: (row) => row.errors.join('; '), wraps: true,
      render: (row) => (row.errors.length === 0 ? <Pill tone="green">0</Pill> : <Text span size="sm" c="var(--weir-red)">{row.errors.join('; ')}</Text>),
    },
  ];
  return (
    <Section title={t.system.resets}>
      <Read query={query}>
        {(data) => <DataTable name="resets" label={t.system.resets} columns={columns} rows={data.resets} rowKey={(row) => row.date} file={() => answered(api.GET('/api/v1/resets', asCsv))} empty={t.system.noResets} perPage={10} />}
      </Read>
    </Section>
  );
}
