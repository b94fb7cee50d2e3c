import { ids, type RouteCase, read, unique } from './route_case.ts';
import type { World } from './route_world.ts';

const admin = 'tenant_admin';
const one = async (world: World) => ({ service_account_id: await world.the('serviceAccount') });

const changed = (thing: 'ownKey' | 'accountKey') => async (world: World) => ({
  params: { key_id: await world.the(thing) },
  json: { name: 'n', allowed_addresses: ['127.0.0.1'] },
});

/** Keys' rotation and change, and service accounts. */
export const machineCases: Record<string, RouteCase> = {
  'POST /api/v1/me/keys/:key_id/rotate': { needs: read, asUser: true, sample: ids('ownKey', 'key_id') },
  'PATCH /api/v1/me/keys/:key_id': { needs: read, asUser: true, sample: changed('ownKey') },
  'PATCH /api/v1/keys/:key_id': { needs: admin, sample: changed('accountKey') },
  'PATCH /api/v1/tenants/:tenant/keys/:key_id': {
    needs: 'operator_key',
    sample: async (world) => ({
      params: { tenant: 'tenant-a', key_id: await world.the('accountKey') },
      json: { name: 'n' },
    }),
  },
  'POST /api/v1/keys/:key_id/rotate': { needs: admin, sample: ids('accountKey', 'key_id') },
  'POST /api/v1/tenants/:tenant/keys/:key_id/rotate': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a', key_id: await world.the('accountKey') } }),
  },
  'POST /api/v1/service-accounts': { needs: admin, sample: () => ({ json: { name: unique() } }) },
  'GET /api/v1/service-accounts': { needs: admin },
  'GET /api/v1/service-accounts/:service_account_id': {
    needs: admin,
    sample: ids('serviceAccount', 'service_account_id'),
  },
  'PATCH /api/v1/service-accounts/:service_account_id': {
    needs: admin,
    sample: async (world) => ({ params: await one(world), json: { is_active: false } }),
  },
  'DELETE /api/v1/service-accounts/:service_account_id': {
    needs: admin,
    sample: ids('serviceAccount', 'service_account_id'),
  },
  'POST /api/v1/tenants/:tenant/service-accounts': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: await world.the('tenant') }, json: { name: unique() } }),
  },
  'GET /api/v1/tenants/:tenant/service-accounts': { needs: 'operator_key', sample: ids('tenant', 'tenant') },
  'GET /api/v1/tenants/:tenant/service-accounts/:service_account_id': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a', ...(await one(world)) } }),
  },
  'PATCH /api/v1/tenants/:tenant/service-accounts/:service_account_id': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a', ...(await one(world)) }, json: { adopt: true } }),
  },
  'DELETE /api/v1/tenants/:tenant/service-accounts/:service_account_id': {
    needs: 'operator_key',
    sample: async (world) => ({ params: { tenant: 'tenant-a', ...(await one(world)) } }),
  },
};
