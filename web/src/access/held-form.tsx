/** What the breaker holds: applied or discarded, and whom it concerns said before. */
import { Checkbox, ScrollArea, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, api, type Schemas } from '../api/client';
import { useText } from '../i18n/language';
import { FormFrame, isReason, Reason, useChange, type FormProps } from './form';
import { Effect } from './quota-form';

type Block = Schemas['Block'];

/** Whose a held block is, in the words of the API. */
export function whose(block: Block): string {
  return block.user_id ? `user:${block.user_id}` : `team:${block.team ?? ''}`;
}

export function HeldForm({ blocks, decision, onClose }: FormProps & { blocks: Block[]; decision: 'apply' | 'discard' }) {
  const t = useText();
  const all = [...new Set(blocks.map(whose))].sort();
  const [chosen, setChosen] = useState(all);
  const [reason, setReason] = useState('');
  const [seen, setSeen] = useState('');
  const [tried, setTried] = useState(false);
  const send = (query: { dry_run?: boolean; yes?: boolean }) =>
    answered(api.POST('/api/v1/blocks/held', { params: { query }, body: { whose: chosen, decision, reason: reason.trim() } }));
  const preview = useMutation({ mutationFn: () => send({ dry_run: true }), onSuccess: () => setSeen(chosen.join()) });
  const decide = useChange({ run: () => send({ yes: true }), done: () => ({ title: decision === 'apply' ? t.held.applied : t.held.discarded, lines: [] }), onClose });
  const looked = preview.data !== undefined && seen === chosen.join();
  const submit = () => {
    setTried(true);
    if (chosen.length === 0 || !isReason(reason)) return;
    if (looked) decide.mutate(undefined);
    else preview.mutate();
  };
  return (
    <FormFrame
      title={decision === 'apply' ? t.held.applyTitle : t.held.discardTitle} submit={looked ? (decision === 'apply' ? t.held.apply : t.held.discard) : t.quotas.preview}
      {...(decision === 'apply' && looked && { color: 'red.8' })} pending={preview.isPending || decide.isPending} error={decide.error ?? preview.error} onSubmit={submit} onClose={onClose}
    >
      <Text size="sm" c="dimmed">{decision === 'apply' ? t.held.applyHint : t.held.discardHint}</Text>
      <Checkbox.Group label={t.access.whom} value={chosen} onChange={setChosen} error={tried && chosen.length === 0 ? t.access.choose : undefined}>
        <ScrollArea.Autosize mah={180} mt={4}>
          <Stack gap={6} p={2}>{all.map((one) => <Checkbox key={one} value={one} label={one.startsWith('team:') ? `${t.words.team} ${one.slice(5)}` : one.slice(5)} />)}</Stack>
        </ScrollArea.Autosize>
      </Checkbox.Group>
      <Reason value={reason} tried={tried} onChange={setReason} />
      {looked && <Effect changed={{ ...preview.data, held: [], quota: null }} />}
    </FormFrame>
  );
}
