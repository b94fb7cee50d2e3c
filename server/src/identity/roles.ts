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

/** Every permission there is: the strongest role of a tenant has all of them. */
export const permissions: readonly Permission[] = tenantAdmin;

/** A role of a tenant's own. */
export interface CustomRole {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly permissions: readonly string[];
}
export type CustomRoles = ReadonlyMap<string, CustomRole>;

export const isBuiltIn = (name: string): name is Role => Object.hasOwn(permissionsOf, name);

/**
 * A role and all it inherits from, each once and by a shortest way: the names from the role itself to the one that
 * `own` permissions come from. A role that is not there grants nothing; a circle is walked once.
 */
export function lineageOf(name: string, custom: CustomRoles): { path: readonly string[]; own: readonly string[] }[] {
  const lineage: { path: readonly string[]; own: readonly string[] }[] = [];
  const seen = new Set([name]);
  const waiting: (readonly string[])[] = [[name]];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const last = path.at(-1) as string;
    const role = custom.get(last);
    const own = isBuiltIn(last) ? [...permissionsOf[last]] : (role?.permissions ?? []);
    lineage.push({ path, own });
    for (const parent of isBuiltIn(last) ? [] : (role?.inherits ?? [])) {
      if (!seen.has(parent)) waiting.push([...path, parent]);
      seen.add(parent);
    }
  }
  return lineage;
}

/** All that a role allows, what it inherits included. */
export function permissionsOfRole(name: string, custom: CustomRoles): ReadonlySet<Permission> {
  if (isBuiltIn(name)) return permissionsOf[name];
  return new Set(lineageOf(name, custom).flatMap(({ own }) => own as readonly Permission[]));
}
