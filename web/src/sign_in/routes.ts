import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { root } from '../app/parents.tsx';

/** A path inside Maestro to go to after signing in: never another site's. */
const returnPath = z.optional(z.catch(z.string().check(z.regex(/^\/(?![/\\])/)), '/'));

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ to: returnPath, tenant: z.optional(z.catch(z.string(), '')) }),
  component: lazyRouteComponent(() => import('./sign_in_page.tsx'), 'SignInPage'),
});

const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./forgot_page.tsx'), 'ForgotPage'),
});

/** What links of mails open; what they are for is in their fragment (fragment.ts). */
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./link_page.tsx'), 'LinkPage'),
});

export const signInRoutes = [signIn, forgotPassword, account] as const;
