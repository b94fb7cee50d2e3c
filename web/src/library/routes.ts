import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

const library = createRoute({
  getParentRoute: () => tenant,
  path: '/library',
  component: lazyRouteComponent(() => import('./library_page.tsx'), 'LibraryPage'),
});

const artifact = createRoute({
  getParentRoute: () => tenant,
  path: '/library/$artifactId',
  component: lazyRouteComponent(() => import('./artifact_page.tsx'), 'ArtifactPage'),
});

export const libraryRoutes = [library, artifact] as const;
