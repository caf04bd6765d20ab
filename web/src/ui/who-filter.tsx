/** One user, found by a part of the name and then meant exactly: the server's lists are read along an index. */
import { Autocomplete, CloseButton } from '@mantine/core';
import { UserSearchIcon } from 'lucide-react';
import { useState } from 'react';

import { useText } from '../i18n/language';
import { useUsersLike } from './known';

export function WhoFilter({ value, onChange }: { value: string; onChange: (user: string | undefined) => void }) {
  const t = useText();
  const [text, setText] = useState(value);
  const users = useUsersLike(text, { chosen: value });
  const send = (next: string) => {
    if (next !== value) onChange(next === '' ? undefined : next);
  };
  return (
    <Autocomplete
      size="xs" w={230} aria-label={t.words.user} placeholder={t.table.whom} value={text} data={users} filter={({ options }) => options}
      leftSection={<UserSearchIcon size={14} aria-hidden />} comboboxProps={{ withinPortal: true, width: 'max-content', position: 'bottom-start' }}
      rightSection={text === '' ? null : <CloseButton size="xs" aria-label={t.state.clear} onClick={() => { setText(''); send(''); }} />}
      onChange={setText} onOptionSubmit={send}
      onKeyDown={(event) => {
        // Enter takes the only one that fits, else what was typed.
        if (event.key === 'Enter') send(users.length === 1 ? (users[0] ?? text.trim()) : text.trim());
      }}
    />
  );
}
