import type { Permission } from './rights.ts';

const actions = ['read', 'write', 'delete'] as const;
const resources = [
  'tenant',
  'member',
  'role',
  'key',
  'audit',
  'project',
  'experiment',
  'run',
  'model',
  'artifact',
] as const;

/** What there is not: nobody may write or delete the audit log, and operators alone delete tenants. */
const none: readonly string[] = ['tenant:delete', 'audit:write', 'audit:delete'];

/** Every permission, a row for each resource and a cell for each action; undefined where there is none. */
export const permissionRows: readonly {
  readonly resource: (typeof resources)[number];
  readonly cells: readonly (Permission | undefined)[];
}[] = resources.map((resource) => ({
  resource,
  cells: actions
    .map((action) => `${resource}:${action}`)
    .map((name) => (none.includes(name) ? undefined : (name as Permission))),
}));

export const permissionActions = actions;
export const allPermissions: readonly Permission[] = permissionRows.flatMap(({ cells }) =>
  cells.filter((permission) => permission !== undefined),
);
