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

/** Inside a text, a colour alone does not tell what is a link. */
export function TeamLink({ team, inText = false }: { team: string; inText?: boolean }) {
  return <Anchor size="sm" td={inText ? 'underline' : 'none'} renderRoot={(props) => <Link to="/teams/$team" params={{ team }} {...props} />}>{team}</Anchor>;
}
