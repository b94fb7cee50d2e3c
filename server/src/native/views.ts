import * as operations from '../views/operations.ts';
import { type NativeRoute, route } from './route.ts';

export const viewRoutes: NativeRoute[] = [
  route('GET', '/views', operations.listViews, 'List saved views of an experiment, or of no one'),
  route('POST', '/views', operations.createView, 'Save a view of a page', { status: 201, errors: ['invalid_state'] }),
  route('GET', '/views/:view_id', operations.getView, 'Get a saved view'),
  route('PATCH', '/views/:view_id', operations.updateView, 'Change a saved view'),
  route('DELETE', '/views/:view_id', operations.deleteView, 'Delete a saved view', { status: 204 }),
];
