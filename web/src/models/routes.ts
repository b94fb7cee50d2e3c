import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

const models = createRoute({
  getParentRoute: () => tenant,
  path: '/models',
  component: lazyRouteComponent(() => import('./models_page.tsx'), 'ModelsPage'),
});

const model = createRoute({
  getParentRoute: () => tenant,
  path: '/models/$modelId',
  component: lazyRouteComponent(() => import('./model_page.tsx'), 'ModelPage'),
});

export const modelRoutes = [models, model] as const;
