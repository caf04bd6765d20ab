import { Anchor, Center, Stack, Title } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';

import { useText } from '../i18n/language';
import { Failed } from '../ui/states';

export function Missing() {
  const t = useText();
  return (
    <Center py={80}>
      <Stack align="center">
        <Title order={1} size="h3">{t.state.notFoundPage}</Title>
        <Anchor renderRoot={(props) => <Link to="/" {...props} />}>{t.state.home}</Anchor>
      </Stack>
    </Center>
  );
}

export function Crashed({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <Center component="main" p="md" py={80}>
      <Failed
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </Center>
  );
}
