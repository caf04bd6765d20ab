/** Loading, empty, and what went wrong with what to do. */
import { Alert, Button, Center, Group, Loader, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import { TriangleAlertIcon, CloudOffIcon, InboxIcon, LockIcon } from 'lucide-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ApiError, Unreachable } from '../api/client';
import type { Texts } from '../i18n/en';
import { useText } from '../i18n/language';

/** What the server says, in the language of the page as far as it knows the sentence. */
function said(detail: string, t: Texts): string {
  return t.said[detail] ?? (detail === '' ? '' : t.state.quoted(detail));
}

/** What somebody is told of an error: a line, and what to do. */
export function told(error: unknown, t: Texts): { title: string; hint: string } {
  if (error instanceof Unreachable) return { title: t.state.unreachable, hint: t.state.unreachableHint };
  if (error instanceof ApiError) {
    const hint = said(error.message, t);
    if (error.status === 403) return { title: t.state.forbidden, hint: error.message.startsWith('the role ') || hint === '' ? t.state.forbiddenHint : hint };
    if (error.status === 404) return { title: t.state.notFound, hint };
    if (error.status >= 500 && error.id !== undefined) return { title: t.state.fault(error.id), hint };
    return { title: t.refused[error.status] ?? t.state.wrong, hint: hint || error.title };
  }
  return { title: t.state.crashed, hint: error instanceof Error ? error.message : String(error) };
}

export function Failed({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const t = useText();
  const { title, hint } = told(error, t);
  const forbidden = error instanceof ApiError && error.status === 403;
  const icon = error instanceof Unreachable ? <CloudOffIcon /> : forbidden ? <LockIcon /> : <TriangleAlertIcon />;
  return (
    <Alert role="alert" color={forbidden ? 'gray' : 'red'} variant="light" title={title} icon={icon}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="var(--mantine-color-text)">{hint}</Text>
        {retry !== undefined && !forbidden && (
          <Button size="xs" variant="default" onClick={retry}>{t.state.retry}</Button>
        )}
      </Stack>
    </Alert>
  );
}

export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap="xs">
        <InboxIcon aria-hidden size={28} strokeWidth={1.4} color="var(--mantine-color-dimmed)" />
        <Text c="dimmed" size="sm" ta="center">{text}</Text>
        {children}
      </Stack>
    </Center>
  );
}

/** Grey lines where something will be. */
export function Waiting({ lines = 4 }: { lines?: number }) {
  const t = useText();
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{t.state.loading}</VisuallyHidden>
      {Array.from({ length: lines }, (_, at) => (
        <Skeleton key={at} h={18} w={`${92 - ((at * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

export function Busy() {
  const t = useText();
  return (
    <Center py="xl" role="status">
      <Group gap="sm">
        <Loader size="sm" aria-hidden />
        <Text size="sm" c="dimmed">{t.state.loading}</Text>
      </Group>
    </Center>
  );
}

/** A query in all its states; what was read before stays while it is read again. */
export function Read<T>({ query, lines, children }: {
  query: UseQueryResult<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  const retry = () => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <Failed error={query.error} retry={retry} />}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <Failed error={query.error} retry={retry} />;
  return <Waiting lines={lines ?? 4} />;
}
