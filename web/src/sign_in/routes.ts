import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { root } from '../app/parents.tsx';

/** A path inside Maestro to go to after signing in: never another site's. */
const returnPath = z.optional(z.catch(z.string().check(z.regex(/^\/(?![/\\])/)), '/'));

export const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ to: returnPath }),
  component: lazyRouteComponent(() => import('./sign_in_page.tsx'), 'SignInPage'),
});
