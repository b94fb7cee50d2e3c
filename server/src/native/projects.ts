import * as operations from '../projects/operations.ts';
import { type NativeRoute, route } from './route.ts';

export const projectRoutes: NativeRoute[] = [
  route('POST', '/projects', operations.createProject, 'Create a project', { status: 201, errors: ['already_exists'] }),
  route('GET', '/projects/:project_id', operations.getProject, 'Get a project'),
];
