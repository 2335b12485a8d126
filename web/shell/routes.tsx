import {
  IconChartBar,
  IconHeartbeat,
  IconHistory,
  IconKey,
  IconMail,
  IconReport,
  IconSettings,
  IconStack2,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { type ComponentType, lazy } from 'react';
import type { Permission } from '../generated/graphql.js';
import type en from './en.json';

/** A page, and where it is. The server knows the same addresses: src/transport/pages.ts. */
export interface Route {
  path: string;
  page: ComponentType;
}

/** Each page is loaded with the first look at it. */
export const ROUTES: readonly Route[] = [
  { path: '/', page: lazy(() => import('../mailings/mailings-page.js')) },
  { path: '/mailings/new', page: lazy(() => import('../editor/new-mailing-page.js')) },
  { path: '/mailings/:id/edit', page: lazy(() => import('../editor/edit-mailing-page.js')) },
  { path: '/mailings/:id', page: lazy(() => import('../mailing/mailing-page.js')) },
  { path: '/clients', page: lazy(() => import('../clients/clients-page.js')) },
  { path: '/clients/import', page: lazy(() => import('../import/import-page.js')) },
  { path: '/clients/:id', page: lazy(() => import('../clients/client-page.js')) },
  { path: '/statistics', page: lazy(() => import('../statistics/statistics-page.js')) },
  { path: '/reports', page: lazy(() => import('../daily-reports/daily-reports-page.js')) },
  { path: '/tokens', page: lazy(() => import('../access/tokens-page.js')) },
  { path: '/users', page: lazy(() => import('../access/users-page.js')) },
  { path: '/audit', page: lazy(() => import('../access/audit-page.js')) },
  { path: '/jobs', page: lazy(() => import('../operations/jobs-page.js')) },
  { path: '/health', page: lazy(() => import('../operations/health-page.js')) },
  { path: '/settings', page: lazy(() => import('../operations/settings-page.js')) },
];

/** What the navigation offers, to whom. */
export interface Place {
  path: string;
  /** A word of the shell. */
  word: Extract<keyof typeof en, `nav.${string}`>;
  icon: typeof IconMail;
  needs?: Permission;
}

export const PLACES: readonly Place[] = [
  { path: '/', word: 'nav.mailings', icon: IconMail, needs: 'MAILINGS_READ' },
  { path: '/clients', word: 'nav.clients', icon: IconUsersGroup, needs: 'CLIENTS_READ' },
  { path: '/statistics', word: 'nav.statistics', icon: IconChartBar, needs: 'MAILINGS_READ' },
  { path: '/reports', word: 'nav.reports', icon: IconReport, needs: 'MAILINGS_READ' },
  { path: '/jobs', word: 'nav.jobs', icon: IconStack2, needs: 'CLIENTS_READ' },
  { path: '/health', word: 'nav.health', icon: IconHeartbeat },
  { path: '/settings', word: 'nav.settings', icon: IconSettings },
  { path: '/tokens', word: 'nav.tokens', icon: IconKey },
  { path: '/users', word: 'nav.users', icon: IconUsers, needs: 'ACCESS_ADMIN' },
  { path: '/audit', word: 'nav.audit', icon: IconHistory, needs: 'ACCESS_ADMIN' },
];
