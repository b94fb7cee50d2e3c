import { createRootRoute, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query_client.ts';
import { MissingPage } from './states.tsx';
import { TenantGate } from './tenant_gate.tsx';

export const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage });

const shell = lazyRouteComponent(() => import('./shell.tsx'), 'Shell');

/** Above everything that takes somebody who is signed in. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    // What is around every page comes beside the answer on who asks; where it fails, the route tries again.
    void shell.preload?.();
    const me = await queryClient.ensureQueryData(meQuery);
    if (me === null) throw redirect({ to: '/sign-in', search: { to: location.href } });
    return { me };
  },
  component: shell,
});

/** Above everything of one tenant, whose slug is in the address. */
export const tenant = createRoute({ getParentRoute: () => signedIn, path: '/t/$tenant', component: TenantGate });
