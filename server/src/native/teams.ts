import * as operations from '../process/team_operations.ts';
import { type NativeRoute, route } from './route.ts';

export const teamRoutes: NativeRoute[] = [
  route('GET', '/teams/:project_id/members', operations.listMembers, 'List the team of a project'),
  route('POST', '/teams/:project_id/members', operations.addMember, 'Put somebody on the team of a project', {
    status: 201,
    errors: ['already_exists'],
  }),
  route('PATCH', '/teams/:project_id/members/:member_id', operations.updateMember, 'Change a member of a team', {
    errors: ['already_exists'],
  }),
  route('DELETE', '/teams/:project_id/members/:member_id', operations.removeMember, 'Take somebody off a team', {
    status: 204,
  }),
];
