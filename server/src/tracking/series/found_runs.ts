import type { TenantTx } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';
import type { Scope } from '../../identity/granted.ts';
import { grantedAmong } from '../scope.ts';
import { searchRuns } from '../search/search_runs.ts';

const pageSize = 10_000;

/**
 * The ids (32 hex digits) of all active runs that a filter leaves. Throws `too_large` where they are more than `most`:
 * what is said of all runs is said of all or not at all.
 */
export async function allRuns(
  tx: TenantTx,
  scope: Scope | undefined,
  search: { readonly experiment_ids: readonly number[]; readonly filter?: string | undefined },
  most: number,
): Promise<string[]> {
  const found: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await searchRuns(tx, {
      experimentIds: grantedAmong(scope, search.experiment_ids),
      filter: search.filter ?? '',
      orderBy: [],
      view: 'ACTIVE_ONLY',
      maxResults: pageSize,
      pageToken,
    });
    for (const id of page.runIds) found.push(id.replaceAll('-', ''));
    if (found.length > most) {
      throw new MaestroError('too_large', `filter: more than ${most.toLocaleString('en')} runs match; narrow it`, {
        field: 'filter',
      });
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return found;
}
