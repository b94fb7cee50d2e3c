import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';
import { chartsSearch } from '../charts/search.ts';

const experiments = createRoute({
  getParentRoute: () => tenant,
  path: '/experiments',
  validateSearch: z.object({ q: z.optional(z.catch(z.string(), '')) }),
  component: lazyRouteComponent(() => import('./experiments_page.tsx'), 'ExperimentsPage'),
});

const experiment = createRoute({
  getParentRoute: () => tenant,
  path: '/experiments/$experimentId',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.string(), 'charts')),
    /** A filter in MLflow's language. */
    filter: z.optional(z.catch(z.string(), '')),
    ...chartsSearch,
  }),
  component: lazyRouteComponent(() => import('./experiment_page.tsx'), 'ExperimentPage'),
});

export const experimentRoutes = [experiments, experiment] as const;
