/** What may be done to what. A permission is `resource:action`. */
export const resources = [
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
export type Resource = (typeof resources)[number];
export type Permission = `${Resource}:${'read' | 'write' | 'delete'}`;

export const roles = ['viewer', 'data_scientist', 'ml_engineer', 'tenant_admin'] as const;
/** A role that every tenant has. */
export type Role = (typeof roles)[number];

const viewer: readonly Permission[] = [
  'tenant:read',
  'project:read',
  'experiment:read',
  'run:read',
  'model:read',
  'artifact:read',
];
const dataScientist: readonly Permission[] = [
  ...viewer,
  'project:write',
  'experiment:write',
  'run:write',
  'run:delete',
  'model:write',
  'model:delete',
  'artifact:write',
];
const mlEngineer: readonly Permission[] = [...dataScientist, 'project:delete', 'experiment:delete', 'artifact:delete'];
const tenantAdmin: readonly Permission[] = [
  ...mlEngineer,
  'tenant:write',
  'member:read',
  'member:write',
  'member:delete',
  'role:read',
  'role:write',
  'role:delete',
  'key:read',
  'key:write',
  'key:delete',
  'audit:read',
];

/** What each role that every tenant has allows. */
export const permissionsOf: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(viewer),
  data_scientist: new Set(dataScientist),
  ml_engineer: new Set(mlEngineer),
  tenant_admin: new Set(tenantAdmin),
};
