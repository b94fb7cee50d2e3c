export type View = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** `AND …`, on a table's lifecycle_stage; nothing for all. */
export const lifecycleCondition = (alias: string, view: View): string =>
  view === 'ALL' ? '' : `AND ${alias}.lifecycle_stage = '${view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}'`;
