import type { Database, TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Place } from './caller.ts';
import { customRoles } from './role_queries.ts';
import { type CustomRoles, isBuiltIn, type Permission, permissionsOfRole, roles } from './roles.ts';

/** At most this many roles of a tenant's own: they are read whole. */
export const rolesMax = 200;

/** Throws `invalid_parameter` where the tenant has no role of that name; `field` is the one that names it. */
export function checkKnownRole(name: string, custom: CustomRoles, field = 'role'): void {
  if (isBuiltIn(name) || custom.has(name)) return;
  throw invalid(
    `${field}: there is no role '${name}' in this tenant; expected ${roles.join(', ')}, or one that GET /roles lists`,
    field,
  );
}

/** The permissions among `asked` that the author does not hold. */
export const beyond = (author: Pick<Place, 'permissions'>, asked: Iterable<string>): string[] =>
  [...asked].filter((permission) => !author.permissions.has(permission as Permission));

/**
 * Nobody gives, or takes from somebody, more than they hold. Throws `permission_denied`, with the permissions that the
 * author lacks.
 */
export function checkNotBeyond(author: Place, asked: Iterable<string>, what: string): void {
  const lacking = beyond(author, asked);
  if (lacking.length === 0) return;
  throw new MaestroError(
    'permission_denied',
    `${what} includes more than your own role (${author.role}) does: ${lacking.join(', ')}.`,
  );
}

/**
 * A role that a caller gives to somebody: it is there, and no stronger than the caller's own (`author`; the operator key
 * has none, and may give any). Throws as `checkKnownRole` and `checkNotBeyond` do.
 */
export function checkGivenRole(author: Place | undefined, name: string, custom: CustomRoles): void {
  checkKnownRole(name, custom);
  if (author) checkNotBeyond(author, permissionsOfRole(name, custom), `role: '${name}'`);
}

/** The tenant's own roles where one of `names` is none of every tenant's; else none are looked up. */
export async function rolesNamed(db: Database, tenantId: string, names: readonly string[]): Promise<CustomRoles> {
  return names.every(isBuiltIn) ? new Map() : db.inTenant(tenantId, customRoles);
}

/** As `checkGivenRole`, in a tenant's transaction. */
export async function checkGivenRoleIn(tx: TenantTx, author: Place | undefined, name: string): Promise<void> {
  checkGivenRole(author, name, isBuiltIn(name) ? new Map() : await customRoles(tx));
}
