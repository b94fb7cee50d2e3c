import { sendDownload } from '../files/send.ts';
import { lineage, projectArtifacts } from '../library/lineage.ts';
import * as artifacts from '../library/operations.ts';
import { promote } from '../library/promotion.ts';
import { listArtifacts, searchArtifacts } from '../library/search.ts';
import { analytics, listUsages, topArtifacts, useArtifact } from '../library/usages.ts';
import * as versions from '../library/versions.ts';
import { type NativeRoute, route } from './route.ts';

export const libraryRoutes: NativeRoute[] = [
  route('POST', '/artifacts', artifacts.createArtifact, 'Create an artifact', {
    status: 201,
    errors: ['already_exists'],
  }),
  route('GET', '/artifacts', listArtifacts, 'List artifacts, the newest first'),
  route('POST', '/artifacts/search', searchArtifacts, 'Search artifacts by words, tags, type and impact'),
  route('POST', '/artifacts/promote', promote, 'Make a run’s file or a logged model an artifact version', {
    status: 201,
    errors: ['already_exists', 'too_large'],
  }),
  route('GET', '/artifacts/top', topArtifacts, 'The artifacts that are most worth using'),
  route('GET', '/artifacts/:artifact_id', artifacts.getArtifact, 'Get an artifact'),
  route('PATCH', '/artifacts/:artifact_id', artifacts.updateArtifact, 'Change an artifact', {
    errors: ['already_exists'],
  }),
  route('DELETE', '/artifacts/:artifact_id', artifacts.deleteArtifact, 'Delete an artifact with its versions', {
    status: 204,
  }),
  route('POST', '/artifacts/:artifact_id/deprecate', artifacts.deprecateArtifact, 'Deprecate an artifact'),
  route('POST', '/artifacts/:artifact_id/restore', artifacts.restoreArtifact, 'Restore a deprecated artifact'),
  route('POST', '/artifacts/:artifact_id/use', useArtifact, 'Say that a project uses a version'),
  route('GET', '/artifacts/:artifact_id/usages', listUsages, 'The projects that use an artifact'),
  route('GET', '/artifacts/:artifact_id/analytics', analytics, 'Uses of an artifact, and what came of its users'),
  route('GET', '/artifacts/:artifact_id/lineage', lineage, 'Where an artifact comes from and where it went'),
  route('POST', '/artifacts/:artifact_id/versions', versions.createVersion, 'Add a version', {
    status: 201,
    errors: ['already_exists'],
  }),
  route('GET', '/artifacts/:artifact_id/versions', versions.listVersions, 'The versions of an artifact'),
  route('GET', '/artifacts/:artifact_id/versions/:version', versions.getVersion, 'Get a version'),
  route('PUT', '/artifacts/:artifact_id/versions/:version/content', versions.uploadContent, 'Upload its content', {
    upload: true,
    errors: ['already_exists'],
  }),
  route('GET', '/artifacts/:artifact_id/versions/:version/content', versions.downloadContent, 'Download its content', {
    send: sendDownload,
    errors: ['range_not_satisfiable'],
  }),
  route('GET', '/projects/:project_id/artifacts', projectArtifacts, 'Artifacts that a project produced and uses'),
];
