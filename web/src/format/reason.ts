/** Reasons of automatic blocks are stored as one line in English (`decide::headline`): said in the reader's language. */
import type { Texts } from '../i18n/en';
import type { Format } from './format';

const LIMIT = /^(requests|tokens|tokens_all|cost) per (hour|day|month)(?: \((tool|model|team):(.+)\))?: \$?([\d.,]+) of \$?([\d.,]+)$/;

/** Whether a line of a user's reasons says first what is denied, and last that nothing is yet (`engine::status`). */
const FRAME = /^(?:(team|tool|model) ([^ ]+): )?(.*?)(?: \((held|discarded)\))?$/;

/** `requests per day: 350 of 350`; what people wrote stays as it is. */
export function reasonIn(t: Texts, format: Format, reason: string): string {
  const [, kind, whose, line = reason, held] = FRAME.exec(reason) ?? [];
  const said = lineIn(t, format, line);
  const what = kind === undefined || whose === undefined || said.includes(whose) ? '' : `${t.words[kind as 'team' | 'tool' | 'model']} ${whose}: `;
  return `${what}${said}${held === undefined ? '' : ` (${held === 'held' ? t.blocking.held : t.blocking.discarded})`}`;
}

function lineIn(t: Texts, format: Format, reason: string): string {
  const found = LIMIT.exec(reason);
  if (found === null) return t.reasons[reason] ?? reason;
  const [, metric = '', window = '', kind, whose, used = '', limit = ''] = found;
  const amount = (text: string) => {
    const plain = text.replaceAll(',', '');
    return metric === 'cost' ? format.money(plain) : format.count(Number(plain));
  };
  const of = kind === undefined || whose === undefined ? '' : ` (${t.words[kind as 'tool' | 'model' | 'team'].toLowerCase()} ${whose})`;
  return t.access.limitOf(t.metrics[metric] ?? metric, `${t.windows[window] ?? window}${of}`, amount(used), amount(limit));
}
