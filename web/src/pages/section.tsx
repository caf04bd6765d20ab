import { Card, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of a page with a heading of its own. */
export function Section({ title, children, beside }: { title: string; children: ReactNode; beside?: ReactNode }) {
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb="sm" gap="sm"><Title order={2} size="h5">{title}</Title>{beside}</Group>
      {children}
    </Card>
  );
}
