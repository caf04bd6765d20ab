/** What the record has of the things of a page, for whoever may read the record. */
import { useText } from '../i18n/language';
import { useMay } from '../session';
import { Entries } from './audit-entries';
import { Section } from './section';

export function History({ of }: { of: string[] }) {
  const t = useText();
  if (!useMay('read-audit')) return null;
  return <Section title={t.blocking.history}><Entries of={of} /></Section>;
}
