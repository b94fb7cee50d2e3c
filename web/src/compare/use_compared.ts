import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { apiOf } from '../api/api.ts';
import { useRouteSearch } from '../app/use_page_search.ts';
import { idsIn, idsInLinkMax, useRunSet } from './queries.ts';

const route = getRouteApi('/signed-in/t/$tenant/compare');

/** What the address says of a comparison, and how it is changed. */
export const useComparison = () => useRouteSearch(route, 'runs');

/**
 * The runs that the address names, itself or by the name of a list. An address with many ids is made short: it is
 * shown as before, and can be sent to others.
 */
export function useCompared() {
  const { tenant } = route.useParams();
  const [{ runs = '', set = '' }, change] = useComparison();
  const found = useRunSet(runs === '' ? set : '');
  const runIds = useMemo(() => (runs === '' ? (found.data ?? []) : idsIn(runs)), [runs, found.data]);

  useEffect(() => {
    if (runs === '' || runIds.length <= idsInLinkMax) return;
    let isCurrent = true;
    void apiOf(tenant)
      .POST('/run-sets', { body: { run_ids: [...runIds] } })
      .then(({ data }) => {
        if (isCurrent) change({ runs: undefined, set: data.set_id }, true);
      })
      // The long address says the same; what is asked for its runs says what is wrong with them.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [tenant, runs, runIds, change]);

  const leaveOut = (runId: string) =>
    change(({ runs: before = '' }) => {
      const shown = before === '' ? runIds : idsIn(before);
      return { set: undefined, runs: shown.filter((id) => id !== runId).join(',') };
    });
  return { runIds, leaveOut, error: found.error, isLoading: found.isLoading };
}
