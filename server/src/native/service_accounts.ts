import * as account from '../identity/account_operations.ts';
import { route } from './route.ts';

const taken = { errors: ['already_exists'] } as const;

export const serviceAccountRoutes = [
  route('POST', '/service-accounts', account.create, 'Make a service account in this tenant', {
    status: 201,
    ...taken,
  }),
  route('GET', '/service-accounts', account.list, 'List the service accounts of this tenant'),
  route('GET', '/service-accounts/:service_account_id', account.get, 'Read a service account'),
  route(
    'PATCH',
    '/service-accounts/:service_account_id',
    account.update,
    'Rename, change, close, reopen or take over a service account',
    taken,
  ),
  route('DELETE', '/service-accounts/:service_account_id', account.remove, 'Delete a service account with its keys', {
    status: 204,
  }),
  route('POST', '/tenants/:tenant/service-accounts', account.createIn, 'Make a service account in any tenant', {
    status: 201,
    ...taken,
  }),
  route('GET', '/tenants/:tenant/service-accounts', account.listIn, 'List the service accounts of any tenant'),
  route(
    'GET',
    '/tenants/:tenant/service-accounts/:service_account_id',
    account.getIn,
    'Read a service account of any tenant',
  ),
  route(
    'PATCH',
    '/tenants/:tenant/service-accounts/:service_account_id',
    account.updateIn,
    'Change a service account of any tenant',
    taken,
  ),
  route(
    'DELETE',
    '/tenants/:tenant/service-accounts/:service_account_id',
    account.removeIn,
    'Delete a service account of any tenant with its keys',
    { status: 204 },
  ),
];
