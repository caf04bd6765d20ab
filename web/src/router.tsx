/** Which page is at which address. Each is loaded when it is first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';

import type { Permission } from './session';
import { App } from './shell/app';
import { Crashed, Missing } from './shell/missing';
import { readSearch, writeSearch, type Search } from './ui/url-state';

const root = createRootRoute({
  component: App,
  notFoundComponent: Missing,
  errorComponent: Crashed,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(Object.entries(search).map(([key, value]) => [key, String(value)])),
});

const at = <const Path extends string>(path: Path, load: () => Promise<{ Page: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, 'Page') });

const tree = root.addChildren([
  at('/', () => import('./pages/overview')),
  at('/users', () => import('./pages/users')),
  at('/users/$user', () => import('./pages/user')),
  at('/teams', () => import('./pages/teams')),
  at('/teams/$team', () => import('./pages/team')),
  at('/details', () => import('./pages/details')),
  at('/costs', () => import('./pages/costs')),
  at('/quotas', () => import('./pages/quotas')),
  at('/prices', () => import('./pages/prices')),
  at('/blocking', () => import('./pages/blocking')),
  at('/audit', () => import('./pages/audit')),
  at('/operators', () => import('./pages/operators')),
  at('/my', () => import('./pages/my-usage')),
  at('/tokens', () => import('./pages/tokens')),
  at('/system', () => import('./pages/system')),
]);

/** The pages of the menu, and what it takes to see them. */
export const PAGES: { to: string; text: 'overview' | 'my' | 'users' | 'teams' | 'details' | 'costs' | 'blocking' | 'quotas' | 'prices' | 'audit' | 'operators' | 'system'; group: 'groupUse' | 'groupControl' | 'groupHouse'; needs: Permission }[] = [
  { to: '/my', text: 'my', group: 'groupUse', needs: 'read-own' },
  { to: '/', text: 'overview', group: 'groupUse', needs: 'read-usage' },
  { to: '/users', text: 'users', group: 'groupUse', needs: 'read-usage' },
  { to: '/teams', text: 'teams', group: 'groupUse', needs: 'read-usage' },
  { to: '/details', text: 'details', group: 'groupUse', needs: 'read-usage' },
  { to: '/costs', text: 'costs', group: 'groupUse', needs: 'read-usage' },
  { to: '/blocking', text: 'blocking', group: 'groupControl', needs: 'read-usage' },
  { to: '/quotas', text: 'quotas', group: 'groupControl', needs: 'read-usage' },
  { to: '/prices', text: 'prices', group: 'groupControl', needs: 'read-prices' },
  { to: '/audit', text: 'audit', group: 'groupHouse', needs: 'read-audit' },
  { to: '/operators', text: 'operators', group: 'groupHouse', needs: 'manage-operators' },
  { to: '/system', text: 'system', group: 'groupHouse', needs: 'read-system' },
];

export const router = createRouter({
  routeTree: tree,
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
