import { health } from '../health_report.ts';
import * as grant from '../identity/grant_operations.ts';
import * as operatorSwitch from '../identity/operator_switch.ts';
import * as ownTenant from '../identity/own_tenant.ts';
import * as comers from '../identity/providers/comer_operations.ts';
import * as role from '../identity/role_operations.ts';
import { why } from '../identity/why.ts';
import { route } from './route.ts';

/** Who may do what: roles, grants, their explanation, and operators' stays. */
export const accessRoutes = [
  route('GET', '/roles', role.list, 'List the roles of this tenant, those of every tenant first'),
  route('POST', '/roles', role.create, 'Make a role of this tenant’s own', {
    status: 201,
    errors: ['already_exists', 'limit_exceeded'],
  }),
  route('GET', '/roles/:role', role.get, 'Read a role'),
  route('PATCH', '/roles/:role', role.update, 'Change a role for all who have it'),
  route('DELETE', '/roles/:role', role.remove, 'Delete a role that nobody has', { status: 204 }),
  route('GET', '/grants', grant.list, 'List what is granted on single things'),
  route('POST', '/grants', grant.create, 'Grant permissions on one experiment, project or model', {
    status: 201,
    errors: ['already_exists', 'limit_exceeded'],
  }),
  route('DELETE', '/grants/:grant_id', grant.remove, 'Take a grant back', { status: 204 }),
  route('GET', '/access/why', why, 'What somebody may do in this tenant, and by what; without a name: the caller'),
  route('GET', '/tenant', ownTenant.get, 'Read this tenant'),
  route('PATCH', '/tenant', ownTenant.update, 'Change this tenant’s name and settings'),
  route('GET', '/tenant/sign-in', comers.get, 'Read what holds for people who come by an identity provider'),
  route('PATCH', '/tenant/sign-in', comers.update, 'Change what holds for people who come by an identity provider'),
  route('POST', '/operator/switch', operatorSwitch.begin, 'Go into a tenant as an operator, for some minutes', {
    status: 201,
    errors: ['not_found'],
  }),
  route('DELETE', '/operator/switch', operatorSwitch.end, 'Leave the tenant', { status: 204 }),
  route('GET', '/operator/health', health, 'How this Maestro is, and what it does behind requests'),
  route('GET', '/operator/switches', operatorSwitch.list, 'Which operators are in which tenants now'),
];
