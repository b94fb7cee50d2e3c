import { MaestroError, notFound } from '../errors.ts';

export const missingArtifact = (id: string): MaestroError => notFound(`No artifact with id '${id}'`);

export const missingVersion = (version: string): MaestroError => notFound(`The artifact has no version '${version}'`);

export const takenName = (name: string): MaestroError =>
  new MaestroError('already_exists', `name: there is an artifact '${name}'`, { field: 'name' });

export const takenVersion = (version: string): MaestroError =>
  new MaestroError('already_exists', `version: the artifact has a version '${version}'`, { field: 'version' });
