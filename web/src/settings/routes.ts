import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';

const words = z.optional(z.catch(z.string(), ''));

const frame = createRoute({
  getParentRoute: () => tenant,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings_frame.tsx'), 'SettingsFrame'),
});

const general = createRoute({
  getParentRoute: () => frame,
  path: '/',
  component: lazyRouteComponent(() => import('./general_page.tsx'), 'GeneralPage'),
});

const members = createRoute({
  getParentRoute: () => frame,
  path: '/members',
  validateSearch: z.object({ q: words }),
  component: lazyRouteComponent(() => import('./members_page.tsx'), 'MembersPage'),
});

const roles = createRoute({
  getParentRoute: () => frame,
  path: '/roles',
  component: lazyRouteComponent(() => import('./roles_page.tsx'), 'RolesPage'),
});

const access = createRoute({
  getParentRoute: () => frame,
  path: '/access',
  validateSearch: z.object({ user: words, account: words, permission: words, kind: words, resource: words }),
  component: lazyRouteComponent(() => import('./access_page.tsx'), 'AccessPage'),
});

const grants = createRoute({
  getParentRoute: () => frame,
  path: '/grants',
  component: lazyRouteComponent(() => import('./grants_page.tsx'), 'GrantsPage'),
});

const machines = createRoute({
  getParentRoute: () => frame,
  path: '/machines',
  component: lazyRouteComponent(() => import('./machines_page.tsx'), 'MachinesPage'),
});

const signIn = createRoute({
  getParentRoute: () => frame,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./sign_in_page.tsx'), 'SignInSettingsPage'),
});

const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  validateSearch: z.object({ q: words }),
  component: lazyRouteComponent(() => import('./audit_page.tsx'), 'AuditPage'),
});

const webhooks = createRoute({
  getParentRoute: () => frame,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./webhooks_page.tsx'), 'WebhooksPage'),
});

const danger = createRoute({
  getParentRoute: () => frame,
  path: '/danger',
  component: lazyRouteComponent(() => import('./danger_page.tsx'), 'DangerPage'),
});

export const settingsRoutes = [
  frame.addChildren([general, members, roles, access, grants, machines, signIn, audit, webhooks, danger]),
] as const;
