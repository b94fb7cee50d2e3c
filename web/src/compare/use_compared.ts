import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { apiOf } from '../api/api.ts';
import { idsIn, idsInLinkMax, useRunSet } from './queries.ts';

const route = getRouteApi('/signed-in/t/$tenant/compare');

/**
 * The runs that the address names, itself or by the name of a list. An address with many ids is made short: it is
 * shown as before, and can be sent to others.
 */
export function useCompared() {
  const { tenant } = route.useParams();
  const { runs = '', set = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useRunSet(runs === '' ? set : '');
  const runIds = useMemo(() => (runs === '' ? (found.data ?? []) : idsIn(runs)), [runs, found.data]);

  useEffect(() => {
    if (runs === '' || runIds.length <= idsInLinkMax) return;
    let isCurrent = true;
    void apiOf(tenant)
      .POST('/run-sets', { body: { run_ids: [...runIds] } })
      .then(({ data }) => {
        if (!isCurrent) return;
        void navigate({ search: ({ runs: _long, ...rest }) => ({ ...rest, set: data.set_id }), replace: true });
      })
      // The long address says the same; what is asked for its runs says what is wrong with them.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [tenant, runs, runIds, navigate]);

  const leaveOut = (runId: string) =>
    void navigate({
      search: ({ set: _set, ...rest }) => ({ ...rest, runs: runIds.filter((id) => id !== runId).join(',') }),
    });
  return { runIds, leaveOut, error: found.error, isLoading: found.isLoading };
}
