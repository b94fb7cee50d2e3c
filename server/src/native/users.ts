import * as erasure from '../identity/erasures.ts';
import * as member from '../identity/member_operations.ts';
import * as deletion from '../identity/user_deletion.ts';
import * as user from '../identity/user_operations.ts';
import { route } from './route.ts';

export const userRoutes = [
  route('POST', '/users', user.create, 'Make a user', {
    status: 201,
    errors: ['already_exists', 'limit_exceeded', 'not_found'],
  }),
  route('GET', '/users', user.list, 'List all users'),
  route('GET', '/users/:user_id', user.get, 'Read a user'),
  route('PATCH', '/users/:user_id', user.update, 'Change or deactivate a user'),
  route('DELETE', '/users/:user_id', deletion.remove, 'Delete a person', { status: 204, errors: ['invalid_state'] }),
  route('GET', '/erasures/:id', erasure.get, 'What became of the deletion of a person or a tenant'),
  route('GET', '/members', member.list, 'List the members of this tenant'),
  route('POST', '/members', member.add, 'Give a user a place in this tenant', {
    status: 201,
    errors: ['already_exists', 'limit_exceeded'],
  }),
  route('PATCH', '/members/:user_id', member.update, 'Change a member’s role'),
  route('DELETE', '/members/:user_id', member.remove, 'Remove a member from this tenant', { status: 204 }),
];
