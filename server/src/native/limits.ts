import { attention } from '../attention/operations.ts';
import { recountStorage, usage } from '../limits/operations.ts';
import { route } from './route.ts';

export const limitRoutes = [
  route('GET', '/tenant/attention', attention, 'What of the tenant needs somebody, as far as the caller may see it'),
  route('GET', '/tenant/usage', usage, 'What the tenant uses of what it may'),
  route('POST', '/tenants/:tenant/recount-storage', recountStorage, 'Count what a tenant’s files take up'),
];
