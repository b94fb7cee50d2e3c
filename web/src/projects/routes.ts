import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';
import { whatIfSearch } from '../prediction/search.ts';
import { processSearch } from '../process/search.ts';

const word = z.optional(z.catch(z.string(), ''));

const projects = createRoute({
  getParentRoute: () => tenant,
  path: '/projects',
  validateSearch: z.object({
    q: word,
    class: word,
    state: z.optional(z.catch(z.enum(['active', 'finished']), 'active')),
    by: z.optional(
      z.catch(
        z.enum(['name', 'start_date', 'completion_date', 'success_score', 'compute_cost', 'updated_at']),
        'updated_at',
      ),
    ),
    ascending: z.optional(z.catch(z.boolean(), false)),
  }),
  component: lazyRouteComponent(() => import('./projects_page.tsx'), 'ProjectsPage'),
});

const project = createRoute({
  getParentRoute: () => tenant,
  path: '/projects/$projectId',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.enum(['work', 'prediction', 'process', 'team', 'artifacts']), 'work')),
    ...processSearch,
    ...whatIfSearch,
  }),
  component: lazyRouteComponent(() => import('./project_page.tsx'), 'ProjectPage'),
});

const importProjects = createRoute({
  getParentRoute: () => tenant,
  path: '/import',
  component: lazyRouteComponent(() => import('../import/import_page.tsx'), 'ImportPage'),
});

export const projectRoutes = [projects, project, importProjects] as const;
