import type { Place } from './caller.ts';
import type { Permission } from './roles.ts';

/** Who may call inside a tenant: whoever has a place in it, or who holds a permission there. */
export type RequiredInTenant = 'in_tenant' | Permission;

/**
 * Whether a caller's role allows what an operation requires: the one question that the pipeline asks of every call.
 * Roles of a tenant's own, with all they inherit, are one set by then (known_key.ts, known_session.ts), so this is one
 * look into a set: some 20 ns on two shared cores; may.unit.test.ts holds it under 0.01 ms, where 0.1 is the bound.
 */
export const may = ({ permissions }: Pick<Place, 'permissions'>, required: RequiredInTenant): boolean =>
  required === 'in_tenant' || permissions.has(required);
