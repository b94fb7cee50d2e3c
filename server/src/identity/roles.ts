/** What may be done to what. A permission is `resource:action`. */
export const resources = ['tenant', 'member', 'key', 'audit', 'experiment', 'run', 'model'] as const;
export type Resource = (typeof resources)[number];
export type Permission = `${Resource}:${'read' | 'write' | 'delete'}`;

export const roles = ['viewer', 'data_scientist', 'ml_engineer', 'tenant_admin'] as const;
export type Role = (typeof roles)[number];

const viewer: readonly Permission[] = ['tenant:read', 'experiment:read', 'run:read', 'model:read'];
const dataScientist: readonly Permission[] = [
  ...viewer,
  'experiment:write',
  'run:write',
  'run:delete',
  'model:write',
  'model:delete',
];
const mlEngineer: readonly Permission[] = [...dataScientist, 'experiment:delete'];
const tenantAdmin: readonly Permission[] = [
  ...mlEngineer,
  'tenant:write',
  'member:read',
  'member:write',
  'member:delete',
  'key:read',
  'key:write',
  'key:delete',
  'audit:read',
];

const granted: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(viewer),
  data_scientist: new Set(dataScientist),
  ml_engineer: new Set(mlEngineer),
  tenant_admin: new Set(tenantAdmin),
};

export const may = (role: Role, permission: Permission): boolean => granted[role].has(permission);
