import { MaestroError } from '@maestro/sdk/problem';

/** Whether what was asked for is not there, or nothing that the reader may see. */
export const isMissing = (error: unknown): boolean =>
  error instanceof MaestroError &&
  (error.status === 404 || (error.status === 400 && error.field?.endsWith('_id') === true));
