import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

const projects = createRoute({
  getParentRoute: () => tenant,
  path: '/projects',
  component: lazyRouteComponent(() => import('./projects_page.tsx'), 'ProjectsPage'),
});

const project = createRoute({
  getParentRoute: () => tenant,
  path: '/projects/$projectId',
  component: lazyRouteComponent(() => import('./project_page.tsx'), 'ProjectPage'),
});

const importProjects = createRoute({
  getParentRoute: () => tenant,
  path: '/import',
  component: lazyRouteComponent(() => import('./import_page.tsx'), 'ImportPage'),
});

export const projectRoutes = [projects, project, importProjects] as const;
