/** Prices of a model from a day on: what an administrator says goes before what is bundled. */
import { Autocomplete, Group, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import 'dayjs/locale/es';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useFormat, useWords, useZone } from '../i18n/language';
import { useToday } from '../ui/now';
import { Choice, FormFrame, useChange, type FormProps } from './form';

type Sheet = Schemas['ModelPrices'];

/** The tag of the model's prices as they were read: a change of somebody else in between is not overwritten. */
const match = (etag: string | undefined) => (etag === undefined ? {} : { header: { 'If-Match': etag } });

const FIELDS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;
type Field = (typeof FIELDS)[number];

/** A decimal as it is sent: digits of the field, never a float's. */
const asText = (value: string | number): string => (typeof value === 'number' ? value.toFixed(6).replace(/\.?0+$/, '') : value.trim());

export function PriceForm({ sheet, models, onClose }: FormProps & { sheet?: Sheet; models: string[] }) {
  const { t, lang } = useWords();
  const format = useFormat();
  const zone = useZone();
  const today = useToday();
  const band = sheet?.bands[0];
  const before = (field: Field): string => band?.[field] ?? '';
  const [model, setModel] = useState(sheet?.model ?? '');
  const [kind, setKind] = useState(sheet?.class ?? 'both');
  const [region, setRegion] = useState(sheet?.regions.length === 1 ? (sheet.regions[0] ?? '*') : '*');
  const [from, setFrom] = useState<string | null>(today);
  const [values, setValues] = useState<Record<Field, string | number>>({
    input: before('input'), output: before('output'), cache_read: before('cache_read'), cache_write_5m: before('cache_write_5m'), cache_write_1h: before('cache_write_1h'),
  });
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const names: Record<Field, string> = {
    input: t.words.input, output: t.words.output, cache_read: t.words.cacheRead, cache_write_5m: t.prices.write5m, cache_write_1h: t.prices.write1h,
  };
  const given = FIELDS.filter((field) => asText(values[field]) !== '');
  const day = from ?? today;
  const set = useChange({
    run: (body: Schemas['NewPrices']) => answered(api.PUT('/api/v1/prices/{model}', { params: { path: { model: model.trim() }, ...match(sheet?.etag) }, body })),
    done: (out) => ({
      title: t.prices.setDone(model.trim(), format.day(day)),
      lines: out.costed > 0 ? [t.prices.costed(out.costed)] : [],
    }),
    onClose,
  });
  const submit = () => {
    setTried(true);
    if (model.trim() === '' || given.length === 0) return;
    set.mutate({
      ...Object.fromEntries(given.map((field) => [field, asText(values[field])])),
      ...(kind !== 'both' && { class: kind }), ...(region.trim() !== '' && { region: region.trim() }), from: day,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    });
  };
  return (
    <FormFrame title={sheet === undefined ? t.prices.set : t.prices.setFor(sheet.name)} submit={t.words.save} pending={set.isPending} error={set.error} onSubmit={submit} onClose={onClose}>
      <Text size="sm" c="dimmed">{t.prices.setHint}</Text>
      {sheet === undefined && (
        <Autocomplete
          label={t.words.model} description={t.prices.modelHint} required value={model} onChange={setModel} data={model.trim() === '' ? [] : models} limit={12}
          error={tried && model.trim() === '' ? t.access.choose : undefined} data-autofocus
        />
      )}
      <Choice label={t.prices.class} value={kind} onChange={setKind} data={[{ value: 'both', label: t.prices.both }, { value: 'regional', label: t.prices.classes['regional'] ?? 'regional' }, { value: 'global', label: t.prices.classes['global'] ?? 'global' }]} />
      <Group grow align="flex-start">
        <TextInput label={t.prices.regions} description={t.prices.regionHint} value={region} onChange={(event) => setRegion(event.currentTarget.value)} />
        <DatePickerInput
          label={t.prices.effective} description={t.range.zone(zone)} value={from} onChange={setFrom} locale={lang} valueFormat="D MMM YYYY" firstDayOfWeek={1}
          popoverProps={{ withinPortal: true }} ariaLabels={{ previousMonth: '‹', nextMonth: '›' }}
        />
      </Group>
      <Text size="sm" c="dimmed">{t.prices.perMillion}</Text>
      <SimpleGrid cols={2} spacing="sm" mt={-8} style={{ alignItems: 'end' }}>
        {FIELDS.map((field) => (
          <NumberInput
            key={field} label={names[field]} value={values[field]} prefix="$" min={0} decimalScale={6} hideControls thousandSeparator={lang === 'es' ? '.' : ','} decimalSeparator={lang === 'es' ? ',' : '.'}
            onChange={(value) => setValues((all) => ({ ...all, [field]: value }))} error={tried && given.length === 0 && field === 'input' ? t.prices.needed : undefined}
          />
        ))}
      </SimpleGrid>
      <TextInput label={t.words.reason} description={t.prices.reasonHint} value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} />
    </FormFrame>
  );
}

/** Takes back what an administrator set for these calls, from a day on. */
export function RemovePrices({ own, etag, onClose }: FormProps & { own: Schemas['SetPrices']; etag: string | undefined }) {
  const { t, lang } = useWords();
  const format = useFormat();
  const zone = useZone();
  const today = useToday();
  const [from, setFrom] = useState<string | null>(today);
  const [reason, setReason] = useState('');
  const day = from ?? today;
  const remove = useChange({
    run: () => answered(api.DELETE('/api/v1/prices/{model}', {
      params: { path: { model: own.model }, query: { class: own.class, region: own.region, from: day, ...(reason.trim() !== '' && { reason: reason.trim() }) }, ...match(etag) },
    })),
    done: () => ({ title: t.prices.removed(own.model, format.day(day)), lines: [] }),
    onClose,
  });
  return (
    <FormFrame title={t.prices.removeFor(own.model)} submit={t.prices.remove} color="red.8" pending={remove.isPending} error={remove.error} onSubmit={() => remove.mutate(undefined)} onClose={onClose}>
      <Text size="sm">{t.prices.classes[own.class] ?? own.class} · {own.region}</Text>
      <Text size="sm" c="dimmed">{t.prices.removeHint}</Text>
      <DatePickerInput
        label={t.prices.removeFrom} description={t.range.zone(zone)} value={from} onChange={setFrom} minDate={today} locale={lang} valueFormat="D MMM YYYY" firstDayOfWeek={1}
        popoverProps={{ withinPortal: true }} ariaLabels={{ previousMonth: '‹', nextMonth: '›' }}
      />
      <TextInput label={t.words.reason} description={t.prices.reasonHint} value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} />
    </FormFrame>
  );
}
