/** A page: its title, and what belongs beside it. */
import { Group, Stack, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';

export function PageFrame({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Weir`;
  }, [title]);
  return (
    <Stack gap="md" maw={1480} mx="auto">
      <Group justify="space-between" align="center" gap="sm" mih={36}>
        <Title order={1} size="h3">{title}</Title>
        {beside !== undefined && <Group gap="xs">{beside}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
