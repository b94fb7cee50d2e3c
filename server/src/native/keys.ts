import * as key from '../identity/key_operations.ts';
import { route } from './route.ts';

export const keyRoutes = [
  route('POST', '/me/keys', key.createOwn, 'Make an API key of your own in this tenant', { status: 201 }),
  route('GET', '/me/keys', key.listOwn, 'List your own API keys in this tenant'),
  route('PATCH', '/me/keys/:key_id', key.updateOwn, 'Change the name or the addresses of an API key of your own'),
  route('DELETE', '/me/keys/:key_id', key.revokeOwn, 'Revoke an API key of your own', { status: 204 }),
  route('POST', '/me/keys/:key_id/rotate', key.rotateOwn, 'Give an API key of your own a new secret', { status: 201 }),
  route('POST', '/keys', key.create, 'Make an API key of a service account', {
    status: 201,
    errors: ['already_exists'],
  }),
  route('GET', '/keys', key.list, 'List all API keys of this tenant'),
  route('PATCH', '/keys/:key_id', key.update, 'Change the name or the addresses of a service account’s API key'),
  route('DELETE', '/keys/:key_id', key.revokeAny, 'Revoke an API key of this tenant', { status: 204 }),
  route('POST', '/keys/:key_id/rotate', key.rotate, 'Give an API key of a service account a new secret', {
    status: 201,
  }),
  route('POST', '/tenants/:tenant/keys', key.createIn, 'Make a service account’s API key in any tenant', {
    status: 201,
    errors: ['already_exists'],
  }),
  route('GET', '/tenants/:tenant/keys', key.listIn, 'List the API keys of any tenant'),
  route(
    'PATCH',
    '/tenants/:tenant/keys/:key_id',
    key.updateIn,
    'Change the name or the addresses of a key of any tenant',
  ),
  route('DELETE', '/tenants/:tenant/keys/:key_id', key.revokeIn, 'Revoke an API key of any tenant', { status: 204 }),
  route('POST', '/tenants/:tenant/keys/:key_id/rotate', key.rotateIn, 'Give an API key of any tenant a new secret', {
    status: 201,
  }),
];
