import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { LanguagesIcon, MoonIcon, SunIcon } from 'lucide-react';

import { useWords } from '../i18n/language';

export function SchemeChoice() {
  const { t } = useWords();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <ActionIcon
      variant="subtle" color="gray" size="lg" aria-label={t.nav.scheme} title={t.nav.scheme}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      {scheme === 'dark' ? <SunIcon size={18} aria-hidden /> : <MoonIcon size={18} aria-hidden />}
    </ActionIcon>
  );
}

export function LanguageChoice() {
  const { t, lang, setLang } = useWords();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.nav.language} title={t.nav.language}>
          <LanguagesIcon size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {([['en', 'English'], ['es', 'Español']] as const).map(([code, name]) => (
          <Menu.Item key={code} lang={code} role="menuitemradio" aria-checked={lang === code} fw={lang === code ? 650 : 400} onClick={() => setLang(code)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
