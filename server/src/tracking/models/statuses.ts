/** The states of a logged model; stored as their place in this list. */
export const modelStatuses = ['UNSPECIFIED', 'PENDING', 'READY', 'FAILED'] as const;
export type ModelStatus = (typeof modelStatuses)[number];
