import { Loading, Problem } from '../app/states.tsx';
import { Board } from './board.tsx';
import { useRunsById } from './queries.ts';

/** The charts of several runs over each other. */
export function ComparedCharts({ runIds }: { readonly runIds: readonly string[] }) {
  const { data: runs, error, refetch } = useRunsById(runIds);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  return runs ? <Board runs={runs} /> : <Loading />;
}
