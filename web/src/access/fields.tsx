/** Fields that several forms of administrators have. */
import { ActionIcon, Alert, Autocomplete, Button, CopyButton, Group, PasswordInput, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { CheckIcon, CopyIcon, DicesIcon } from 'lucide-react';
import { useState } from 'react';

import { useText } from '../i18n/language';
import { useTeamNames, useUsersLike } from '../ui/known';

/** Roles, the least first. */
export const ROLES = ['viewer', 'operator', 'admin', 'team', 'developer'] as const;

export function RoleField({ value, onChange, roles = ROLES, description }: { value: string; onChange: (role: string) => void; roles?: readonly string[]; description?: string }) {
  const t = useText();
  const may = t.operators.may;
  return (
    <Select
      label={t.words.role} description={description ?? may[value]} value={value} allowDeselect={false} onChange={(role) => onChange(role ?? value)}
      data={roles.map((role) => ({ value: role, label: (t.nav.role as Record<string, string>)[role] ?? role }))}
    />
  );
}

export function TeamField({ value, onChange, tried }: { value: string; onChange: (team: string) => void; tried: boolean }) {
  const t = useText();
  const teams = useTeamNames();
  return (
    <Autocomplete
      label={t.words.team} required value={value} onChange={onChange} data={teams}
      error={tried && value.trim() === '' ? t.access.choose : undefined}
    />
  );
}

/** The user that a developer is. They need not have called yet. */
export function UserField({ value, onChange, tried }: { value: string; onChange: (user: string) => void; tried: boolean }) {
  const t = useText();
  const users = useUsersLike(value);
  return (
    <Autocomplete
      label={t.words.user} description={t.operators.userHint} required value={value} onChange={onChange} data={users} filter={({ options }) => options}
      error={tried && value.trim() === '' ? t.access.choose : undefined}
    />
  );
}

/** Shortest password (`core::operator::check_password`). */
const SHORTEST = 12;

export function isPassword(text: string): boolean {
  return Array.from(text).length >= SHORTEST;
}

/** 24 letters and digits that are not taken for each other: more than 100 bits. */
function drawn(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  // 248 is the largest multiple of 31 that a byte holds: no letter comes up more often than another.
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(96))).filter((byte) => byte < letters.length * 8);
  return Array.from({ length: 24 }, (_, at) => `${at > 0 && at % 6 === 0 ? '-' : ''}${letters[(bytes[at] ?? 0) % letters.length] ?? ''}`).join('');
}

/** A new password for somebody else: typed, or drawn and then shown so that it can be handed over. */
export function PasswordForSomebody({ value, tried, onChange }: { value: string; tried: boolean; onChange: (password: string) => void }) {
  const t = useText();
  const [visible, setVisible] = useState(false);
  return (
    <Stack gap={6}>
      <PasswordInput
        label={t.setup.password} description={t.setup.passwordHint} required autoComplete="new-password" value={value} visible={visible} onVisibilityChange={setVisible}
        error={tried && !isPassword(value) ? t.operators.passwordBad : undefined} onChange={(event) => onChange(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t.operators.showPassword, 'aria-hidden': undefined, tabIndex: 0 }}
      />
      <Group gap="xs">
        <Button
          size="compact-xs" variant="default" leftSection={<DicesIcon size={13} aria-hidden />}
          onClick={() => {
            onChange(drawn());
            setVisible(true);
          }}
        >
          {t.operators.draw}
        </Button>
        {value !== '' && <Copy value={value} />}
      </Group>
    </Stack>
  );
}

export function Copy({ value }: { value: string }) {
  const t = useText();
  return (
    <CopyButton value={value} timeout={3000}>
      {({ copied, copy }) => (
        <Button
          size="compact-xs" variant="default" onClick={copy} aria-live="polite"
          leftSection={copied ? <CheckIcon size={13} aria-hidden /> : <CopyIcon size={13} aria-hidden />}
        >
          {copied ? t.words.copied : t.words.copy}
        </Button>
      )}
    </CopyButton>
  );
}

/** Something that nobody can show again. */
export function ShownOnce({ secret, text }: { secret: string; text: string }) {
  const t = useText();
  return (
    <Stack gap="sm">
      <Alert variant="light" color="orange" bg="var(--weir-amber-soft)"><Text size="sm" c="var(--mantine-color-text)">{text}</Text></Alert>
      <TextInput
        label={t.operators.secret} value={secret} readOnly classNames={{ input: 'mono' }} onFocus={(event) => event.currentTarget.select()} data-autofocus
        rightSection={
          <CopyButton value={secret} timeout={3000}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? t.words.copied : t.words.copy}>
                <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} onClick={copy} aria-label={copied ? t.words.copied : t.words.copy}>
                  {copied ? <CheckIcon size={16} aria-hidden /> : <CopyIcon size={16} aria-hidden />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        }
      />
    </Stack>
  );
}
