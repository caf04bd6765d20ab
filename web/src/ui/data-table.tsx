/** The one table. Its rows are all here, or come in pages from the server. */
import { Button, Checkbox, CloseButton, Group, Menu, Pagination, Select, Stack, Table, Text, TextInput, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { ArrowDownIcon, ArrowUpDownIcon, ArrowUpIcon, Columns3Icon, DownloadIcon, SearchIcon } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';

import { csv, download } from '../format/csv';
import { useFormat, useText, useWords } from '../i18n/language';
import { chosen, keyed, viewOf, visible, type Column, type View } from './columns';
import classes from './data-table.module.css';
import { useNow } from './now';
import { Empty, Failed, told, Waiting } from './states';
import { useUrl } from './url-state';

/** Rows of the server, read page by page. */
export interface Paged<Row> {
  rows: Row[] | undefined;
  total?: number | undefined;
  more: boolean;
  busy: boolean;
  error: unknown;
  next: () => void;
  retry: () => void;
  /** Every row there is, as CSV. */
  file: () => Promise<string>;
}

interface Props<Row> {
  /** What the file is called. */
  name: string;
  label: string;
  columns: Column<Row>[];
  rows?: Row[];
  paged?: Paged<Row>;
  /** The list as the server writes it, which notes on record who took it; nothing if it is only noted. */
  file?: () => Promise<string | undefined>;
  rowKey: (row: Row) => string;
  /** Two tables on one page have a prefix each. */
  prefix?: string;
  /** More filters, beside the search. */
  filters?: ReactNode;
  actions?: (row: Row) => ReactNode;
  /** A last row about all of them: its cell of a column. */
  footer?: (column: string) => ReactNode;
  empty?: string;
  searchHint?: string;
  searchable?: boolean;
  perPage?: number;
}

export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, rows, paged, rowKey, prefix = '', actions, empty, perPage = 25 } = props;
  const { t, lang } = useWords();
  const format = useFormat();
  const [search, change] = useUrl();
  const filterable = useMemo(() => columns.filter((one) => one.filter === true && !paged).map((one) => one.id), [columns, paged]);
  const view = viewOf(search, prefix, filterable);
  const order = useMemo(() => new Intl.Collator(lang, { numeric: true, sensitivity: 'base' }), [lang]);
  const found = paged ? paged.rows : chosen(rows ?? [], columns, view, order);
  const pages = paged || !found ? 1 : Math.max(1, Math.ceil(found.length / perPage));
  const page = Math.min(view.page, pages);
  const shown = paged ? found : found?.slice((page - 1) * perPage, page * perPage);
  const narrow = useMediaQuery('(max-width: 48em)');
  const seen = visible(columns, view, narrow);
  const isFiltered = view.q !== '' || Object.keys(view.filters).length > 0;
  const set = (next: Record<string, string | undefined>) => change(keyed(prefix, next));
  // A server that found nothing so far may still find something further on.
  const unread = paged?.more === true;
  const clear = () => set({ q: undefined, ...Object.fromEntries(filterable.map((id) => [`f-${id}`, undefined])) });

  return (
    <Stack gap="sm">
      {/* There is nothing to search, choose or take away in a table that is empty anyway. */}
      {(shown === undefined || shown.length > 0 || isFiltered || props.filters !== undefined) && (
        <Toolbar {...props} view={view} set={set} seen={seen} found={found ?? []} filterable={filterable} />
      )}
      {paged?.error !== undefined && paged.error !== null && <Failed error={paged.error} retry={paged.retry} />}
      {shown === undefined || (shown.length === 0 && unread && paged.busy) ? (paged?.error ? null : <Waiting lines={8} />) : shown.length === 0 ? (
        <Empty text={unread ? t.state.emptySoFar : isFiltered ? t.state.emptyFilter : (empty ?? t.state.empty)}>
          {unread && <Button size="xs" variant="default" onClick={paged.next}>{t.table.more}</Button>}
          {isFiltered && <Button size="xs" variant="default" onClick={clear}>{t.state.clear}</Button>}
        </Empty>
      ) : (
        <div className={classes.scroll} role="region" aria-label={`${label}: ${t.table.scroll}`} tabIndex={0}>
          <Table highlightOnHover className={classes.table}>
            <Table.Caption className={classes.caption}>{label}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                {seen.map((one) => <Head key={one.id} column={one} view={view} set={set} server={paged !== undefined} />)}
                {actions && <Table.Th className={classes.actions}><VisuallyHidden>{t.table.actions}</VisuallyHidden></Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((row) => (
                <Table.Tr key={rowKey(row)}>
                  {seen.map((one) => (
                    <Table.Td key={one.id} className={one.numeric === true ? classes.numeric : one.wraps === 'anywhere' ? classes.breaks : one.wraps === true ? classes.wraps : undefined}>
                      {one.render ? one.render(row) : (one.value(row) ?? <Text span inherit c="dimmed">–</Text>)}
                    </Table.Td>
                  ))}
                  {actions && <Table.Td className={classes.actions}>{actions(row)}</Table.Td>}
                </Table.Tr>
              ))}
            </Table.Tbody>
            {props.footer && (
              <Table.Tfoot>
                <Table.Tr className={classes.footer}>
                  {seen.map((one) => <Table.Td key={one.id} className={one.numeric === true ? classes.numeric : undefined}>{props.footer?.(one.id)}</Table.Td>)}
                  {actions && <Table.Td className={classes.actions} />}
                </Table.Tr>
              </Table.Tfoot>
            )}
          </Table>
        </div>
      )}
      {shown !== undefined && shown.length > 0 && (
        <Group justify="space-between" gap="sm">
          <Text size="sm" c="dimmed" aria-live="polite">
            {paged
              ? paged.total === undefined ? t.table.count(format.count(shown.length)) : t.table.rows(format.count(shown.length), format.count(paged.total))
              : t.table.rows(format.count(shown.length), format.count(found?.length ?? 0))}
          </Text>
          {paged?.more === true && <Button variant="default" size="xs" loading={paged.busy} onClick={paged.next}>{t.table.more}</Button>}
          {pages > 1 && (
            <Pagination
              size="sm" total={pages} value={page} aria-label={t.table.page} siblings={1}
              getItemProps={(at) => ({ 'aria-label': String(at) })}
              getControlProps={(control) => ({ 'aria-label': control })}
              onChange={(at) => set({ page: at === 1 ? undefined : String(at) })}
            />
          )}
        </Group>
      )}
    </Stack>
  );
}

type Set = (next: Record<string, string | undefined>) => void;

function Head<Row>({ column, view, set, server }: { column: Column<Row>; view: View; set: Set; server: boolean }) {
  const t = useText();
  const key = server ? column.sortKey : column.id;
  const sorted = key !== undefined && view.sort === key;
  const className = column.numeric === true ? classes.numeric : undefined;
  if (key === undefined) return <Table.Th scope="col" className={className}>{column.title}</Table.Th>;
  const icon = !sorted ? <ArrowUpDownIcon size={13} className={classes.idle} aria-hidden />
    : view.descending ? <ArrowDownIcon size={13} aria-hidden /> : <ArrowUpIcon size={13} aria-hidden />;
  // Numbers begin with the largest, texts with A.
  const press = () => {
    if (!sorted) set({ sort: key, dir: column.numeric === true ? 'desc' : undefined });
    else set({ sort: key, dir: view.descending ? undefined : 'desc' });
  };
  return (
    <Table.Th scope="col" className={className} aria-sort={sorted ? (view.descending ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton className={classes.sort} onClick={press} title={t.table.sortBy(column.title)}>
        <span>{column.title}</span>{icon}
      </UnstyledButton>
    </Table.Th>
  );
}

function Toolbar<Row>(props: Props<Row> & { view: View; set: Set; seen: Column<Row>[]; found: Row[]; filterable: string[] }) {
  const { name, label, columns, rows, paged, file: taken, filters, view, set, seen, found, filterable, searchHint, searchable = true } = props;
  const { t, lang } = useWords();
  const [exporting, setExporting] = useState(false);
  const now = useNow();
  const format = useFormat();
  const toggle = (id: string) => {
    const shown = seen.map((one) => one.id);
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : columns.map((one) => one.id).filter((one) => one === id || shown.includes(one));
    if (next.length > 0) set({ cols: next.join(',') });
  };
  const save = async () => {
    setExporting(true);
    try {
      const file = `${name}-${format.stamp(new Date(now()))}.csv`;
      const titles = columns.map((one) => one.title);
      const whole = await (paged?.file ?? taken)?.();
      // What is narrowed down here leaves narrowed down; the server noted that the list was taken.
      const narrowed = !paged && found.length < (rows ?? []).length;
      download(file, whole === undefined || narrowed ? csv(titles, found.map((row) => columns.map((one) => one.value(row)))) : whole);
      notifications.show({ message: t.table.exported(file), closeButtonProps: { 'aria-label': t.words.close } });
    } catch (error) {
      const { title, hint } = told(error, t);
      notifications.show({ color: 'red', title, message: hint, closeButtonProps: { 'aria-label': t.words.close } });
    } finally {
      setExporting(false);
    }
  };
  const choices = (id: string) => {
    const column = columns.find((one) => one.id === id);
    const values = new Set((rows ?? []).map((row) => String(column?.value(row) ?? '')).filter((value) => value !== ''));
    return [...values].sort(new Intl.Collator(lang, { numeric: true }).compare)
      .map((value) => ({ value, label: column?.named?.(value) ?? value }));
  };
  return (
    <Group gap="xs" align="flex-end" className={classes.toolbar}>
      {searchable && <SearchBox key={view.q === '' ? 'empty' : 'full'} label={label} value={view.q} hint={searchHint} onChange={(q) => set({ q })} />}
      {filterable.map((id) => {
        const title = columns.find((one) => one.id === id)?.title ?? id;
        return (
          <Select
            key={id} size="xs" className={classes.choice} aria-label={title} placeholder={title} clearable searchable
            clearButtonProps={{ 'aria-label': t.state.clear }}
            data={choices(id)} value={view.filters[id] ?? null} onChange={(value) => set({ [`f-${id}`]: value ?? undefined })}
          />
        );
      })}
      {filters}
      <Group gap="xs" ml="auto" wrap="nowrap">
        <Menu closeOnItemClick={false} position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<Columns3Icon size={14} aria-hidden />}>{t.table.columns}</Button>
          </Menu.Target>
          <Menu.Dropdown mah={360} className={classes.menu}>
            {columns.map((one) => {
              const checked = seen.includes(one);
              return (
                <Menu.Item key={one.id} role="menuitemcheckbox" aria-checked={checked} onClick={() => toggle(one.id)}>
                  <Group gap="xs" wrap="nowrap">
                    <Checkbox.Indicator checked={checked} size="xs" aria-hidden />{one.title}
                  </Group>
                </Menu.Item>
              );
            })}
          </Menu.Dropdown>
        </Menu>
        <Button
          size="xs" variant="default" loading={exporting} onClick={() => void save()} title={t.table.exportHint}
          leftSection={<DownloadIcon size={14} aria-hidden />}
        >
          {t.table.export}
        </Button>
      </Group>
    </Group>
  );
}

function SearchBox({ label, value, hint, onChange }: { label: string; value: string; hint: string | undefined; onChange: (value: string | undefined) => void }) {
  const t = useText();
  const [text, setText] = useState(value);
  const send = useDebouncedCallback(onChange, 250);
  const type = (next: string) => {
    setText(next);
    send(next === '' ? undefined : next);
  };
  return (
    <TextInput
      size="xs" className={classes.search} aria-label={`${t.table.search}: ${label}`} placeholder={hint ?? t.table.search} value={text}
      leftSection={<SearchIcon size={14} aria-hidden />} onChange={(event) => type(event.currentTarget.value)}
      rightSection={text === '' ? null : <CloseButton size="xs" aria-label={t.state.clear} onClick={() => type('')} />}
    />
  );
}
