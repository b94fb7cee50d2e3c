import { addExperiment, removeExperiment } from '../projects/experiments.ts';
import { importProjects } from '../projects/import.ts';
import { listProjects } from '../projects/list.ts';
import * as operations from '../projects/operations.ts';
import { type NativeRoute, route } from './route.ts';

export const projectRoutes: NativeRoute[] = [
  route('GET', '/projects', listProjects, 'List projects'),
  route('POST', '/projects', operations.createProject, 'Create a project', { status: 201, errors: ['already_exists'] }),
  route('POST', '/projects/import', importProjects, 'Import projects from CSV or JSON Lines', {
    upload: true,
    errors: ['already_exists'],
  }),
  route('GET', '/projects/:project_id', operations.getProject, 'Get a project'),
  route('PATCH', '/projects/:project_id', operations.updateProject, 'Change a project', { errors: ['already_exists'] }),
  route('PATCH', '/projects/:project_id/success', operations.recordSuccess, 'Record the outcome of a project'),
  route('DELETE', '/projects/:project_id', operations.deleteProject, 'Delete a project', { status: 204 }),
  route('PUT', '/projects/:project_id/experiments/:experiment_id', addExperiment, 'Put an experiment into a project', {
    status: 204,
  }),
  route(
    'DELETE',
    '/projects/:project_id/experiments/:experiment_id',
    removeExperiment,
    'Take an experiment out of a project',
    {
      status: 204,
    },
  ),
];
