import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/parents.tsx';

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/me',
  component: lazyRouteComponent(() => import('./account_page.tsx'), 'AccountPage'),
});

export const accountRoutes = [account] as const;
