/** Header, menu and the page. */
import { ActionIcon, Alert, AppShell, Badge, Burger, Group, Menu, NavLink, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  HeartPulseIcon, BanIcon, BookOpenIcon, ClockIcon, CircleDollarSignIcon, GaugeIcon, InfoIcon, KeyIcon, LayoutDashboardIcon, LockIcon, LogOutIcon, SquareTerminalIcon,
  TableIcon, TagIcon, UserIcon, CircleUserIcon, UsersRoundIcon,
} from 'lucide-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';

import { answered, api } from '../api/client';
import { useText, useZone } from '../i18n/language';
import { PAGES } from '../router';
import { meQuery, useMay, useMe } from '../session';
import { LanguageChoice, SchemeChoice } from './choices';
import { Live } from './live';
import { Logo } from './logo';

const OwnPasswordForm = lazy(() => import('../access/own-password').then((all) => ({ default: all.OwnPasswordForm })));

const ICONS: Record<(typeof PAGES)[number]['text'], ReactNode> = {
  my: <UserIcon size={18} aria-hidden />,
  overview: <LayoutDashboardIcon size={18} aria-hidden />,
  users: <UserIcon size={18} aria-hidden />,
  teams: <UsersRoundIcon size={18} aria-hidden />,
  details: <TableIcon size={18} aria-hidden />,
  costs: <CircleDollarSignIcon size={18} aria-hidden />,
  blocking: <BanIcon size={18} aria-hidden />,
  quotas: <GaugeIcon size={18} aria-hidden />,
  prices: <TagIcon size={18} aria-hidden />,
  audit: <BookOpenIcon size={18} aria-hidden />,
  operators: <KeyIcon size={18} aria-hidden />,
  system: <HeartPulseIcon size={18} aria-hidden />,
};

export function Frame() {
  const t = useText();
  const zone = useZone();
  const me = useMe();
  const [opened, { toggle, close }] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // Whoever has a single page needs no menu, and is taken to it from anywhere.
  const mine = PAGES.filter((page) => me.permissions.includes(page.needs));
  const only = mine.length === 1 ? mine[0] : undefined;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // Whoever follows a link by keyboard or screen reader goes on in the new page.
  useEffect(() => {
    close();
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path, close]);
  return (
    <>
      <a className="skip" href="#main">{t.skip}</a>
      <AppShell
        header={{ height: 56 }} padding="md" withBorder
        navbar={{ width: 216, breakpoint: 'md', collapsed: { mobile: !opened, desktop: only !== undefined } }}
      >
        <AppShell.Header bg="var(--weir-card)">
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              {only === undefined && <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label={t.nav.menu} aria-expanded={opened} />}
              <Logo />
            </Group>
            <Group gap={4} wrap="nowrap">
              <Live />
              <Tooltip label={t.nav.zone(zone)}>
                <Badge visibleFrom="sm" variant="default" tt="none" fw={500} leftSection={<ClockIcon size={12} aria-hidden />} tabIndex={0}>{zone}</Badge>
              </Tooltip>
              <LanguageChoice />
              <SchemeChoice />
              <Account />
            </Group>
          </Group>
        </AppShell.Header>
        {only === undefined && <AppShell.Navbar p="sm" aria-label={t.nav.label} bg="var(--weir-card)">
          {(['groupUse', 'groupControl', 'groupHouse'] as const).map((group) => {
            const pages = mine.filter((page) => page.group === group);
            if (pages.length === 0) return null;
            return (
              <div key={group}>
                <Text size="xs" fw={600} c="dimmed" px="sm" pt="sm" pb={4}>{t.nav[group]}</Text>
                {pages.map((page) => {
                  const active = page.to === '/' ? path === '/' : path.startsWith(page.to);
                  return (
                    <NavLink
                      key={page.to} label={t.nav[page.text]} leftSection={ICONS[page.text]} active={active}
                      aria-current={active ? 'page' : undefined} renderRoot={(props) => <Link to={page.to as '/'} {...props} />}
                      styles={{ root: { borderRadius: 'var(--mantine-radius-md)' } }}
                    />
                  );
                })}
              </div>
            );
          })}
          <Text size="xs" c="dimmed" mt="auto" px="sm" hiddenFrom="sm">{t.nav.zone(zone)}</Text>
        </AppShell.Navbar>}
        <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
          {only === undefined && <Mode />}
          {only !== undefined && path !== only.to ? <Navigate to={only.to as '/'} replace /> : <Outlet />}
        </AppShell.Main>
      </AppShell>
    </>
  );
}

/** What is not made real in AWS must be known on every page. */
function Mode() {
  const t = useText();
  const { mode } = useMe();
  if (mode === 'iam') return null;
  return (
    <Alert role="note" variant="light" color="gray" mb="md" py={8} icon={<InfoIcon aria-hidden />}>
      <Text size="sm" c="var(--mantine-color-text)">{mode === 'off' ? t.mode.off : t.mode.dryRun}</Text>
    </Alert>
  );
}

function Account() {
  const t = useText();
  const me = useMe();
  const queries = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => answered(api.POST('/api/v1/logout', { params: { header: { 'X-Weir-CSRF': '1' } } })),
    onSettled: () => {
      queries.setQueryData(meQuery.queryKey, null);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    },
  });
  const mayTokens = useMay('make-tokens');
  const [changing, setChanging] = useState(false);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.nav.account(me.name)} title={me.name}>
            <CircleUserIcon size={20} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {me.name} · {(t.nav.role as Record<string, string>)[me.role] ?? me.role}{me.team ? ` ${me.team}` : ''}{me.user ? ` ${me.user}` : ''}
          </Menu.Label>
          {mayTokens && <Menu.Item leftSection={<SquareTerminalIcon size={16} aria-hidden />} renderRoot={(props) => <Link to="/tokens" {...props} />}>{t.operators.myTokens}</Menu.Item>}
          {me.has_password && <Menu.Item leftSection={<LockIcon size={16} aria-hidden />} onClick={() => setChanging(true)}>{t.ownPassword.title}</Menu.Item>}
          <Menu.Divider />
          <Menu.Item leftSection={<LogOutIcon size={16} aria-hidden />} onClick={() => signOut.mutate()}>{t.nav.signOut}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>{changing && <OwnPasswordForm onClose={() => setChanging(false)} />}</Suspense>
    </>
  );
}
