import { gitMetrics } from '../process/code_operations.ts';
import { collaborationAnalytics } from '../process/collaboration_operations.ts';
import { cicdMetrics } from '../process/delivery_operations.ts';
import * as incidents from '../process/incident_operations.ts';
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
  route('GET', '/teams/:project_id/git-metrics', gitMetrics, 'See how a project’s code changes'),
  route('GET', '/teams/:project_id/cicd-metrics', cicdMetrics, 'See how builds go, and DORA’s four keys'),
  route('GET', '/teams/:project_id/collaboration-analytics', collaborationAnalytics, 'See how a team works together'),
  route('GET', '/teams/:project_id/incidents', incidents.listIncidents, 'List the incidents of a project'),
  route('GET', '/teams/:project_id/incidents/:incident_key', incidents.getIncident, 'Read an incident'),
  route('PUT', '/teams/:project_id/incidents/:incident_key', incidents.putIncident, 'Record an incident, or its end', {
    status: 204,
  }),
  route('DELETE', '/teams/:project_id/incidents/:incident_key', incidents.deleteIncident, 'Delete an incident', {
    status: 204,
  }),
];
