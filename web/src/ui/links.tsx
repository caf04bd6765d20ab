import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

export function UserLink({ id, person }: { id: string; person?: string | null | undefined }) {
  const link = <Anchor size="sm" renderRoot={(props) => <Link to="/users/$user" params={{ user: id }} {...props} />}>{person ? person : id}</Anchor>;
  if (!person) return link;
  return (
    <Stack gap={0}>
      {link}
      <Text size="xs" c="dimmed">{id}</Text>
    </Stack>
  );
}

export function TeamLink({ team }: { team: string }) {
  return <Anchor size="sm" renderRoot={(props) => <Link to="/teams/$team" params={{ team }} {...props} />}>{team}</Anchor>;
}
