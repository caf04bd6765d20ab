import { expect, it } from 'vitest';

import { en } from '../i18n/en';
import { es } from '../i18n/es';
import { makeFormat } from './format';
import { reasonIn } from './reason';

const [english, spanish] = [makeFormat('en', 'Europe/Madrid'), makeFormat('es', 'Europe/Madrid')];

it.each([
  ['requests per day: 372 of 350', 'requests per day: 372 of 350', 'peticiones por día: 372 de 350'],
  ['requests per month (model:anthropic.claude-opus-5-5): 1310 of 1200', 'requests per month (model anthropic.claude-opus-5-5): 1,310 of 1,200', 'peticiones por mes (modelo anthropic.claude-opus-5-5): 1.310 de 1.200'],
  ['cost per month: $3.69 of $3.50', 'cost per month: $3.69 of $3.50', 'coste por mes: 3,69 $ de 3,50 $'],
  ['model m1: requests per day (model:m1): 120 of 120', 'requests per day (model m1): 120 of 120', 'peticiones por día (modelo m1): 120 de 120'],
  ['team sap: cost per month: $9 of $8 (held)', 'Team sap: cost per month: $9.00 of $8.00 (held)', 'Equipo sap: coste por mes: 9,00 $ de 8,00 $ (retenido)'],
  ['expired', 'its end was reached', 'llegó a su fin'],
  ['key found in public', 'key found in public', 'key found in public'],
])('%s', (stored, inEnglish, inSpanish) => {
  expect(reasonIn(en, english, stored)).toBe(inEnglish);
  expect(reasonIn(es, spanish, stored).replaceAll('\u00a0', ' ')).toBe(inSpanish);
});
