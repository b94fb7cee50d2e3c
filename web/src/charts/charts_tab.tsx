import { Stack } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { Loading, Problem } from '../app/states.tsx';
import { Board } from './board.tsx';
import { PlotsBar } from './plots/plots_bar.tsx';
import { useFirstRuns } from './queries.ts';
import { useChartsSearch } from './use_search.ts';

const runsAtFirst = 10;

/** The charts of an experiment: of the first runs that the filter in the address leaves. */
export function ChartsTab({ experimentId }: { readonly tenant: string; readonly experimentId: string }) {
  const [{ first = runsAtFirst }] = useChartsSearch();
  const { filter = '' } = useSearch({ strict: false }) as { filter?: string };
  const { data: runs, error, refetch } = useFirstRuns(Number(experimentId), first, filter, []);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!runs) return <Loading />;
  const all = { experimentId: Number(experimentId), filter };
  return (
    <Stack gap="sm">
      <PlotsBar {...all} />
      <Board runs={runs} first={first} all={all} />
    </Stack>
  );
}
