import type { TenantTx } from '../db/tenancy.ts';
import { takeCounted } from './counted.ts';
import { giveBackToQuota, readUse } from './queries.ts';

/** Counts a new artifact, as `takeCounted` says. */
export const takeArtifact = (tx: TenantTx, max: number): Promise<void> => takeCounted(tx, 'artifacts', 1, max);

export const giveBackArtifact = (tx: TenantTx): Promise<void> => giveBackToQuota(tx, 'artifacts', 1);

export const artifactsUsed = (tx: TenantTx): Promise<number> => readUse(tx, 'artifacts');
