import { Text } from '@mantine/core';

import { useText } from '../i18n/language';
import { PageFrame } from '../ui/page';
import { Tokens } from './token-table';

/** The tokens of whoever is signed in, in any role. */
export function Page() {
  const t = useText();
  return (
    <PageFrame title={t.operators.tokens}>
      <Text size="sm" c="dimmed" maw={720}>{t.operators.tokensLead} {t.operators.tokensLogin(window.location.origin)}</Text>
      <Tokens />
    </PageFrame>
  );
}
