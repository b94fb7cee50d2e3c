import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

export const insight = createRoute({
  getParentRoute: () => tenant,
  path: '/insight',
  component: lazyRouteComponent(() => import('./insight_page.tsx'), 'InsightPage'),
});
