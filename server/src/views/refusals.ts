import { type MaestroError, notFound } from '../errors.ts';

/** One place says it: a view that the caller may not see is answered exactly as one that is not there. */
export const missingView = (view: string): MaestroError => notFound(`No saved view with id ${view}`);
