import { deleteRunFile, downloadRunFile, listRunFiles, uploadRunFile } from '../files/operations.ts';
import { sendDownload } from '../files/send.ts';
import { type NativeRoute, route } from './route.ts';

export const fileRoutes: NativeRoute[] = [
  route(
    'GET',
    '/runs/:run_id/files',
    listRunFiles,
    "The files of a directory of a run; of the run's root without a path.",
  ),
  route('GET', '/runs/:run_id/files/content', downloadRunFile, 'Downloads a file, or a range of it.', {
    send: sendDownload,
    errors: ['range_not_satisfiable'],
  }),
  route('PUT', '/runs/:run_id/files/content', uploadRunFile, 'Uploads a file, replacing what was there.', {
    upload: true,
  }),
  route('DELETE', '/runs/:run_id/files/content', deleteRunFile, 'Removes a file, or a directory with all below it.'),
];
