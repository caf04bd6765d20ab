/** Which language, which zone, and the words and formats that follow from them. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

import { makeFormat, type Format, type Lang } from '../format/format';
import { en, type Texts } from './en';

const STORED = 'weir-language';

interface Words {
  lang: Lang;
  t: Texts;
  setLang: (lang: Lang) => void;
}

const Context = createContext<Words>({ lang: 'en', t: en, setLang: () => {} });

/** What the reader chose, else what the browser speaks. */
export function firstLanguage(): Lang {
  const asked = new URLSearchParams(window.location.search).get('lang');
  if (asked === 'en' || asked === 'es') return asked;
  try {
    const stored = localStorage.getItem(STORED);
    if (stored === 'en' || stored === 'es') return stored;
  } catch {
    // Without storage the browser's language decides each time.
  }
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en';
}

/** The words of a language: English is always there, Spanish is loaded when it is wanted. */
export async function wordsOf(lang: Lang): Promise<Texts> {
  return lang === 'es' ? (await import('./es')).es : en;
}

export function LanguageProvider({ lang: first, words, children }: { lang: Lang; words: Texts; children: ReactNode }) {
  const [{ lang, t }, set] = useState({ lang: first, t: words });
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
  const value = useMemo<Words>(
    () => ({
      lang,
      t,
      setLang: (next) => {
        try {
          localStorage.setItem(STORED, next);
        } catch {
          // It holds until the page is left.
        }
        void wordsOf(next).then((loaded) => set({ lang: next, t: loaded }));
      },
    }),
    [lang, t],
  );
  return <Context value={value}>{children}</Context>;
}

export function useWords(): Words {
  return useContext(Context);
}

export function useText(): Texts {
  return useContext(Context).t;
}

/** The business zone, which the server tells. */
export const ZoneContext = createContext('UTC');

export function useZone(): string {
  return useContext(ZoneContext);
}

export function useFormat(): Format {
  const { lang } = useContext(Context);
  const zone = useZone();
  return useMemo(() => makeFormat(lang, zone), [lang, zone]);
}
