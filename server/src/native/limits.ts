import { recountStorage, usage } from '../limits/operations.ts';
import { route } from './route.ts';

export const limitRoutes = [
  route('GET', '/tenant/usage', usage, 'What the tenant uses of what it may'),
  route('POST', '/tenants/:tenant/recount-storage', recountStorage, 'Count what a tenant’s files take up'),
];
