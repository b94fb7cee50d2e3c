import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenant } from '../app/parents.tsx';

const settings = createRoute({
  getParentRoute: () => tenant,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings_page.tsx'), 'SettingsPage'),
});

export const settingsRoutes = [settings] as const;
