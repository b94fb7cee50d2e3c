import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';
import { chartsSearch } from '../charts/search.ts';
import { fileSearch } from '../files/search.ts';

/** The tabs of a run, in the order of their keys 1 to 6. */
export const runTabs = ['overview', 'charts', 'system', 'files', 'models', 'logs'] as const;
export type RunTab = (typeof runTabs)[number];

const optionalText = z.optional(z.catch(z.string(), ''));

const run = createRoute({
  getParentRoute: () => tenant,
  path: '/runs/$runId',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.enum(runTabs), 'overview')),
    /** Part of the keys of metrics, params and tags. */
    q: optionalText,
    /** The file that is shown. */
    path: optionalText,
    ...fileSearch,
    ...chartsSearch,
  }),
  component: lazyRouteComponent(() => import('./run_page.tsx'), 'RunPage'),
});

/** What is compared of runs. */
export const comparedParts = ['metrics', 'params', 'tags', 'code', 'environment', 'charts'] as const;
export type ComparedPart = (typeof comparedParts)[number];

const compare = createRoute({
  getParentRoute: () => tenant,
  path: '/compare',
  validateSearch: z.object({
    /** Ids, with commas between them. */
    runs: optionalText,
    /** In place of `runs`: the name of a longer list. */
    set: optionalText,
    part: z.optional(z.catch(z.enum(comparedParts), 'metrics')),
    /** Also what all have alike. */
    all: z.optional(z.catch(z.boolean(), false)),
    /** The run that the others are held against. */
    base: optionalText,
    /** Metrics whose direction is not the one that their name tells. */
    turned: z.optional(z.catch(z.array(z.string()), [])),
    q: optionalText,
    /** The run whose environment is held against the baseline's. */
    other: optionalText,
    ...chartsSearch,
  }),
  component: lazyRouteComponent(() => import('../compare/compare_page.tsx'), 'ComparePage'),
});

export const runRoutes = [run, compare] as const;
