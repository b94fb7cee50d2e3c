import { downloadModelFile, listModelFiles } from '../files/operations.ts';
import { sendDownload } from '../files/send.ts';
import * as listing from '../tracking/models/listing.ts';
import * as operations from '../tracking/models/operations.ts';
import { type NativeRoute, route } from './route.ts';

const shown = { schema: listing.ModelSchema, of: listing.shownModel };

/** Models that runs logged. Registered models, with names and versions, are another thing. */
export const loggedModelRoutes: NativeRoute[] = [
  route('GET', '/logged-models', listing.listModels, 'Search logged models'),
  route('GET', '/logged-models/:model_id', operations.getLoggedModel, 'Get a logged model', { shown }),
  route(
    'DELETE',
    '/logged-models/:model_id',
    operations.deleteLoggedModel,
    'Delete a logged model; it can be restored',
    {
      status: 204,
    },
  ),
  route('POST', '/logged-models/:model_id/restore', operations.restoreLoggedModel, 'Restore a deleted logged model', {
    status: 204,
  }),
  route('PUT', '/logged-models/:model_id/tags/:key', listing.setModelTag, 'Set a tag of a logged model', {
    status: 204,
  }),
  route(
    'DELETE',
    '/logged-models/:model_id/tags/:key',
    operations.deleteLoggedModelTag,
    'Delete a tag of a logged model',
    {
      status: 204,
    },
  ),
  route('GET', '/logged-models/:model_id/files', listModelFiles, 'The files of a directory of a logged model', {
    id: 'model_file.list',
  }),
  route('GET', '/logged-models/:model_id/files/content', downloadModelFile, 'Download a file of a logged model', {
    send: sendDownload,
    errors: ['range_not_satisfiable'],
  }),
];
