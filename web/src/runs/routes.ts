import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

const run = createRoute({
  getParentRoute: () => tenant,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./run_page.tsx'), 'RunPage'),
});

const compare = createRoute({
  getParentRoute: () => tenant,
  path: '/compare',
  component: lazyRouteComponent(() => import('./compare_page.tsx'), 'ComparePage'),
});

export const runRoutes = [run, compare] as const;
