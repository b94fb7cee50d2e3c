import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/parents.tsx';

const tenants = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/tenants',
  component: lazyRouteComponent(() => import('./tenants_page.tsx'), 'TenantsPage'),
});

export const operatorRoutes = [tenants] as const;
