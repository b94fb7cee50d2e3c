import { sendDownload } from '../files/send.ts';
import * as exporting from '../identity/tenant_export.ts';
import { create, get, list, remove, update } from '../identity/tenant_operations.ts';
import { sendExported } from '../limits/exported.ts';
import { type NativeRoute, route } from './route.ts';

const asLines = { send: sendExported, media: ['application/x-ndjson'] };
const asFile = { send: sendDownload, errors: ['range_not_satisfiable'] } as const;

export const tenantRoutes: readonly NativeRoute[] = [
  route('POST', '/tenants', create, 'Make a tenant', { status: 201, errors: ['already_exists'] }),
  route('GET', '/tenants', list, 'List all tenants'),
  route('GET', '/tenants/:tenant', get, 'Read a tenant'),
  route('PATCH', '/tenants/:tenant', update, 'Change a tenant’s name, limits, settings or activity'),
  route('DELETE', '/tenants/:tenant', remove, 'Delete a tenant and all that is its own', { status: 204 }),
  route('GET', '/tenant/export', exporting.list, 'What an export of this tenant consists of'),
  route('GET', '/tenant/export/:part', exporting.read, 'A part of this tenant, as JSON lines', asLines),
  route('GET', '/tenant/export/files/content', exporting.readFile, 'A file of this tenant', asFile),
  route('GET', '/tenants/:tenant/export', exporting.listIn, 'What an export of a tenant consists of'),
  route('GET', '/tenants/:tenant/export/:part', exporting.readIn, 'A part of a tenant, as JSON lines', asLines),
  route('GET', '/tenants/:tenant/export/files/content', exporting.readFileIn, 'A file of a tenant', asFile),
];
