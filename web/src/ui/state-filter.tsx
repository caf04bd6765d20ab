/** Of users: only those in a state, which the address keeps. */
import { Select } from '@mantine/core';

import type { operations } from '../api/schema';
import { useText } from '../i18n/language';
import { useUrl } from './url-state';

export type Standing = NonNullable<NonNullable<operations['users_list']['parameters']['query']>['state']>;

const STATES = ['ACTIVE', 'ACTIVE_ADM', 'BLOCKED', 'BLOCKED_ADM'] as const;

export function StateFilter({ counts }: { counts?: Record<string, number | undefined> | undefined }) {
  const t = useText();
  const [search, change] = useUrl();
  return (
    <Select
      size="xs" w={190} aria-label={t.words.state} placeholder={t.words.state} clearable clearButtonProps={{ 'aria-label': t.state.clear }}
      value={search['state'] ?? null} onChange={(value) => change({ state: value ?? undefined })}
      data={STATES.map((value) => ({ value, label: `${t.states[value]}${counts?.[value] === undefined ? '' : ` (${counts[value]})`}` }))}
    />
  );
}
