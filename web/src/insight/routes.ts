import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';

export const insight = createRoute({
  getParentRoute: () => tenant,
  path: '/insight',
  validateSearch: z.object({
    outcome: z.optional(z.catch(z.enum(['success_score', 'duration_days', 'cost']), 'success_score')),
  }),
  component: lazyRouteComponent(() => import('./insight_page.tsx'), 'InsightPage'),
});
