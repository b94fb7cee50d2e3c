import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { signedIn } from '../app/parents.tsx';

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/me',
  component: lazyRouteComponent(() => import('./profile_page.tsx'), 'ProfilePage'),
});

const security = createRoute({
  getParentRoute: () => signedIn,
  path: '/me/security',
  component: lazyRouteComponent(() => import('./security_page.tsx'), 'SecurityPage'),
});

const sessions = createRoute({
  getParentRoute: () => signedIn,
  path: '/me/sessions',
  component: lazyRouteComponent(() => import('./sessions_page.tsx'), 'SessionsPage'),
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/me/keys',
  validateSearch: z.object({ tenant: z.optional(z.catch(z.string(), '')) }),
  component: lazyRouteComponent(() => import('./keys_page.tsx'), 'KeysPage'),
});

const data = createRoute({
  getParentRoute: () => signedIn,
  path: '/me/data',
  component: lazyRouteComponent(() => import('./data_page.tsx'), 'DataPage'),
});

export const accountRoutes = [profile, security, sessions, keys, data] as const;
