import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';
import { fileSearch } from '../files/search.ts';

const optionalText = z.optional(z.catch(z.string(), ''));

/** The orders of the list: by what, and which way. */
export const modelOrders = ['creation_time DESC', 'creation_time ASC', 'name ASC', 'name DESC'] as const;

/** Models that runs logged, and those of the registry. */
export const modelTabs = ['logged', 'registered'] as const;

const models = createRoute({
  getParentRoute: () => tenant,
  path: '/models',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.enum(modelTabs), 'logged')),
    /** Part of the name. */
    q: optionalText,
    /** The id of an experiment. */
    experiment: z.optional(z.catch(z.number(), 0)),
    /** One of `modelOrders`, or `metrics.<key> DESC` or `ASC`. */
    sort: optionalText,
  }),
  component: lazyRouteComponent(() => import('./models_page.tsx'), 'ModelsPage'),
});

const model = createRoute({
  getParentRoute: () => tenant,
  path: '/models/$modelId',
  validateSearch: z.object({
    /** The file that is shown. */
    path: optionalText,
    ...fileSearch,
  }),
  component: lazyRouteComponent(() => import('./model_page.tsx'), 'ModelPage'),
});

export const modelRoutes = [models, model] as const;
