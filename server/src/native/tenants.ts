import { create, get, list, remove, update } from '../identity/tenant_operations.ts';
import { route } from './route.ts';

export const tenantRoutes = [
  route('POST', '/tenants', create, 'Make a tenant', { status: 201, errors: ['already_exists'] }),
  route('GET', '/tenants', list, 'List all tenants'),
  route('GET', '/tenants/:tenant', get, 'Read a tenant'),
  route('PATCH', '/tenants/:tenant', update, 'Change a tenant’s name, limits, settings or activity'),
  route('DELETE', '/tenants/:tenant', remove, 'Delete a tenant and all that is its own', { status: 204 }),
];
