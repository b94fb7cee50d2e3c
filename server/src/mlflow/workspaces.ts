import type { FastifyRequest } from 'fastify';
import { invalid } from '../errors.ts';
import { reservedSlugs } from '../identity/schemas.ts';
import * as operations from '../identity/workspaces.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

/** A name that cannot be a workspace's is refused as the genuine server refuses it, before it is looked for. */
function checkedName(request: FastifyRequest): string {
  const { name } = request.params as { name: string };
  const pattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
  if (name.length < 2 || name.length > 63) {
    throw invalid(`Workspace name '${name}' must be between 2 and 63 characters.`);
  }
  if (!pattern.test(name)) {
    throw invalid(
      `Workspace name '${name}' must match the pattern ${pattern.source} (lowercase alphanumeric with optional internal hyphens).`,
    );
  }
  if (reservedSlugs.includes(name)) {
    throw invalid(`Workspace name '${name}' is reserved and cannot be used.`);
  }
  return name;
}

const nothing = () => ({});

/** Workspaces are tenants. The client asks for them below `/api/3.0` only. */
export const workspaceRoutes: MlflowRoute[] = [
  mlflowRoute('GET', '/server-info', operations.serverInfo, nothing, (info) => info),
  mlflowRoute('GET', '/workspaces', operations.list, nothing, (workspaces) => ({ workspaces })),
  mlflowRoute(
    'GET',
    '/workspaces/:name',
    operations.get,
    (request) => ({ name: checkedName(request) }),
    (workspace) => ({ workspace }),
  ),
  mlflowRoute('POST', '/workspaces', operations.change, nothing, nothing),
  mlflowRoute('PATCH', '/workspaces/:name', operations.change, nothing, nothing),
  mlflowRoute('DELETE', '/workspaces/:name', operations.change, nothing, nothing),
];
