import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';
import { chartsSearch } from '../charts/search.ts';
import { runsSearch } from '../runs_table/search.ts';

const experiments = createRoute({
  getParentRoute: () => tenant,
  path: '/experiments',
  validateSearch: z.object({
    q: z.optional(z.catch(z.string(), '')),
    /** Deleted experiments in place of active ones. */
    deleted: z.optional(z.catch(z.boolean(), false)),
  }),
  component: lazyRouteComponent(() => import('./experiments_page.tsx'), 'ExperimentsPage'),
});

const experiment = createRoute({
  getParentRoute: () => tenant,
  path: '/experiments/$experimentId',
  validateSearch: z.object({ ...runsSearch, ...chartsSearch }),
  component: lazyRouteComponent(() => import('./experiment_page.tsx'), 'ExperimentPage'),
});

export const experimentRoutes = [experiments, experiment] as const;
