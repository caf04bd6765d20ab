/** What the forms of this directory share: a window, a reason, an end, and what happens after. */
import { Button, Group, Input, Modal, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import 'dayjs/locale/es';
import { notifications } from '@mantine/notifications';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { Schemas } from '../api/client';
import { useText, useWords, useZone } from '../i18n/language';
import { useToday } from '../ui/now';
import { Failed } from '../ui/states';

export interface FormProps {
  onClose: () => void;
}

/** Shortest and longest reason (rules B2). */
const REASON = { least: 3, most: 500 };

export function isReason(text: string): boolean {
  const length = Array.from(text.trim()).length;
  return length >= REASON.least && length <= REASON.most;
}

export function Reason({ value, tried, hint, onChange }: { value: string; tried: boolean; hint?: string; onChange: (value: string) => void }) {
  const t = useText();
  return (
    <Textarea
      label={t.access.reason} description={hint ?? t.access.reasonHint} autosize minRows={2} maxRows={6} required value={value}
      error={tried && !isReason(value) ? t.access.reasonBad : undefined} onChange={(event) => onChange(event.currentTarget.value)} data-autofocus
    />
  );
}

/** A local date and time, as the server reads it in the business zone. */
export function End({ value, tried, onChange }: { value: string | null; tried: boolean; onChange: (value: string | null) => void }) {
  const { t, lang } = useWords();
  const zone = useZone();
  const today = useToday();
  return (
    <DateTimePicker
      label={t.access.end} description={t.range.zone(zone)} value={value} onChange={onChange} locale={lang} valueFormat="D MMM YYYY HH:mm" minDate={today}
      firstDayOfWeek={1} clearable error={tried && value === null ? t.access.endNeeded : undefined} clearButtonProps={{ 'aria-label': t.state.clear }}
      popoverProps={{ withinPortal: true }}
    />
  );
}

export function Choice({ label, value, data, onChange }: { label: string; value: string; data: { value: string; label: string }[]; onChange: (value: string) => void }) {
  // Five words side by side are wider than a phone.
  const narrow = useMediaQuery('(max-width: 30em)');
  return (
    <div>
      <Input.Label component="div" mb={4}>{label}</Input.Label>
      <SegmentedControl
        fullWidth size="xs" orientation={narrow && data.length > 4 ? 'vertical' : 'horizontal'} aria-label={label}
        value={value} data={data} onChange={onChange}
      />
    </div>
  );
}

/** `2026-11-20 18:00:00` as the server takes it. */
export function local(value: string): string {
  return value.replace(' ', 'T').slice(0, 16);
}

type Now = Schemas['Now'];

/** Carries a change out, says what became of it, and has everything it touches read again. */
export function useChange<In, Out>({ run, done, onClose }: { run: (input: In) => Promise<Out>; done: (out: Out) => { title: string; lines: string[] }; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (out) => {
      const { title, lines } = done(out);
      notifications.show({ title, message: lines.length > 0 ? lines.join('\n') : undefined, autoClose: lines.length > 0 ? 12_000 : 5_000, closeButtonProps: { 'aria-label': t.words.close } });
      onClose();
      await queries.invalidateQueries();
    },
  });
}

/** What remains, in lines. */
export function remains(now: Now, t: { access: { remains: string } }): string[] {
  const lines = [...now.reasons, ...now.after_protection];
  return lines.length === 0 ? [] : [`${t.access.remains}: ${lines.join('; ')}`];
}

export function FormFrame({ title, submit, pending, error, color, onSubmit, onClose, children }: {
  title: string;
  submit: string;
  pending: boolean;
  error: unknown;
  color?: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useText();
  return (
    <Modal opened onClose={onClose} title={<Text span fw={650}>{title}</Text>} closeButtonProps={{ 'aria-label': t.words.close }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack>
          {children}
          {error !== null && error !== undefined && <Failed error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t.words.cancel}</Button>
            <Button type="submit" loading={pending} {...(color !== undefined && { color })}>{submit}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
