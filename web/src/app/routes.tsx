import { createRoute, redirect } from '@tanstack/react-router';
import { accountRoutes } from '../account/routes.ts';
import { dashboard } from '../dashboard/routes.ts';
import { experimentRoutes } from '../experiments/routes.ts';
import { insight } from '../insight/routes.ts';
import { libraryRoutes } from '../library/routes.ts';
import { modelRoutes } from '../models/routes.ts';
import { operatorRoutes } from '../operator/routes.ts';
import { projectRoutes } from '../projects/routes.ts';
import { runRoutes } from '../runs/routes.ts';
import { settingsRoutes } from '../settings/routes.ts';
import { signInRoutes } from '../sign_in/routes.ts';
import { savedView } from '../views/routes.ts';
import { homeOf } from './home.ts';
import { root, signedIn, tenant } from './parents.tsx';

// Every address of the interface; each feature's routes.ts says its own. What an address shows is in its path and its
// search parameters, and nowhere else.

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: ({ context, location }) => {
    throw redirect({ href: homeOf(context.me, location.hash) });
  },
});

export const routeTree = root.addChildren([
  ...signInRoutes,
  signedIn.addChildren([
    home,
    ...accountRoutes,
    ...operatorRoutes,
    tenant.addChildren([
      dashboard,
      ...experimentRoutes,
      savedView,
      ...runRoutes,
      ...modelRoutes,
      ...projectRoutes,
      ...libraryRoutes,
      insight,
      ...settingsRoutes,
    ]),
  ]),
]);
