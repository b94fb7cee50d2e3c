import { type MaestroError, notFound } from '../errors.ts';

/** One place says it: another tenant's project is answered exactly as one that is not there. */
export const missingProject = (project: string): MaestroError => notFound(`No project with id '${project}'`);
