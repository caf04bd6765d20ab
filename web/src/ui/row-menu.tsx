/** What can be done to a row: one small menu, so that the figures keep the width. */
import { ActionIcon, Menu } from '@mantine/core';
import { EllipsisIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import { useText } from '../i18n/language';

export interface Verb {
  label: string;
  icon: ReactNode;
  run: () => void;
}

export function RowMenu({ name, verbs }: { name: string; verbs: Verb[] }) {
  const t = useText();
  if (verbs.length === 0) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t.table.actions}: ${name}`}><EllipsisIcon size={16} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {verbs.map((verb) => <Menu.Item key={verb.label} leftSection={verb.icon} onClick={verb.run}>{verb.label}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}
