import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { tenant } from '../app/parents.tsx';

const word = z.optional(z.catch(z.string(), ''));

const library = createRoute({
  getParentRoute: () => tenant,
  path: '/library',
  validateSearch: z.object({
    q: word,
    type: word,
    tags: z.optional(z.catch(z.array(z.string()), [])),
    order: z.optional(z.catch(z.enum(['best', 'relevance', 'uses', 'impact', 'created_at']), 'best')),
    impact: z.optional(z.catch(z.number(), 0)),
    deprecated: z.optional(z.catch(z.boolean(), false)),
  }),
  component: lazyRouteComponent(() => import('./library_page.tsx'), 'LibraryPage'),
});

const artifact = createRoute({
  getParentRoute: () => tenant,
  path: '/library/$artifactId',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.enum(['versions', 'lineage', 'usages']), 'versions')),
  }),
  component: lazyRouteComponent(() => import('./artifact_page.tsx'), 'ArtifactPage'),
});

export const libraryRoutes = [library, artifact] as const;
