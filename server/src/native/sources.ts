import * as operations from '../sources/operations.ts';
import { type NativeRoute, route } from './route.ts';

/** Where what is known of a project's code and builds comes from. */
export const sourceRoutes: NativeRoute[] = [
  route('POST', '/projects/:project_id/code/commits', operations.addCommits, 'Record commits of a repository'),
  route('GET', '/projects/:project_id/code/syncs', operations.getSyncs, 'How far each repository’s history was read'),
  route('PUT', '/projects/:project_id/code/left-out', operations.setLeftOut, 'Leave people out, or let them in again'),
];
