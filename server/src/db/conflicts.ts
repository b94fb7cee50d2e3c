/** True for what may succeed when tried again: a deadlock, or a row that another transaction wrote meanwhile. */
export const isConflict = (error: unknown): boolean =>
  ['40P01', '40001'].includes((error as { code?: string }).code ?? '');
