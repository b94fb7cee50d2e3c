import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { signedIn } from '../app/parents.tsx';

const words = z.optional(z.catch(z.string(), ''));

const first = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator',
  beforeLoad: () => {
    throw redirect({ to: '/operator/tenants', replace: true });
  },
});

const tenants = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/tenants',
  validateSearch: z.object({ q: words }),
  component: lazyRouteComponent(() => import('./tenants_page.tsx'), 'TenantsPage'),
});

const users = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/users',
  validateSearch: z.object({ q: words }),
  component: lazyRouteComponent(() => import('./users_page.tsx'), 'UsersPage'),
});

const health = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/health',
  component: lazyRouteComponent(() => import('./health_page.tsx'), 'HealthPage'),
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/keys',
  component: lazyRouteComponent(() => import('./keys_page.tsx'), 'KeysPage'),
});

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/audit',
  validateSearch: z.object({ q: words }),
  component: lazyRouteComponent(() => import('./audit_page.tsx'), 'AuditPage'),
});

export const operatorRoutes = [first, tenants, users, health, keys, audit] as const;
