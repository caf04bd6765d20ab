/** Cost quotas of teams and of the organisation, and how full they are now. */
import { Card, Group, Progress, Stack, Text, Title } from '@mantine/core';

import type { Schemas } from '../api/client';
import { useFormat, useText } from '../i18n/language';
import { Empty } from '../ui/states';
import { BARS, Money, toneOf } from '../ui/values';

export function Budgets({ budgets }: { budgets: Schemas['Overview']['budgets'] }) {
  const t = useText();
  const format = useFormat();
  return (
    <Card component="section" aria-label={t.overview.budgets}>
      <Title order={2} size="h5" mb="sm">{t.overview.budgets}</Title>
      {budgets.length === 0 ? <Empty text={t.overview.noBudgets} /> : (
        <Stack gap="md">
          {budgets.map((budget) => {
            const name = budget.scope === 'organisation' ? t.overview.organisation : budget.scope.replace(/^team:/, '');
            const percent = budget.percent ?? 0;
            return (
              <div key={`${budget.scope} ${budget.window}`}>
                <Group justify="space-between" gap="xs" mb={4}>
                  <Text size="sm" fw={600}>{name} <Text span size="xs" c="dimmed" fw={400}>{t.windows[budget.window]}</Text></Text>
                  <Text size="sm" className="number"><Money usd={budget.used} /> <Text span size="xs" c="dimmed">/ {format.money(budget.limit)}</Text></Text>
                </Group>
                <Progress.Root size="md" radius="xl">
                  <Progress.Section
                    value={Math.min(100, percent)} color={BARS[toneOf(percent)] ?? 'weir.5'}
                    aria-label={name} aria-valuetext={t.overview.ofBudget(format.percent(percent))}
                  />
                </Progress.Root>
              </div>
            );
          })}
        </Stack>
      )}
    </Card>
  );
}
