/** What the pages before signing in have in common. */
import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { LanguageChoice, SchemeChoice } from './choices';
import { Logo } from './logo';

export function FrontDoor({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="space-between">
          <Logo />
          <Group gap={4}><LanguageChoice /><SchemeChoice /></Group>
        </Group>
        <Paper withBorder p="xl" radius="lg" bg="var(--weir-card)">
          <Title order={1} size="h3" mb={4}>{title}</Title>
          <Text c="dimmed" size="sm" mb="lg">{lead}</Text>
          {children}
        </Paper>
      </Stack>
    </Center>
  );
}
