import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

export const dashboard = createRoute({
  getParentRoute: () => tenant,
  path: '/',
  component: lazyRouteComponent(() => import('./dashboard_page.tsx'), 'DashboardPage'),
});
