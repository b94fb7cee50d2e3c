import type { paths } from '@maestro/sdk/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { aligned, type ChartData } from './chart_data.ts';
import { seriesInput } from './queries.ts';
import type { SeriesOptions } from './search.ts';
import { wholeOf } from './series_data.ts';
import { text } from './text.ts';

type Groups = paths['/metrics/groups']['post']['responses'][200]['content']['application/json'];

/** What lines are the means of: `p:` or `t:` and the name of a param or tag, or all runs together. */
export const everyRun = 'all';

/** The runs that are grouped: all that a filter leaves. */
export interface GroupedRuns {
  readonly experimentId: number;
  readonly filter: string;
  readonly by: string;
}

/** The mean and the spread of a metric by groups of all runs. */
export function useGroups(
  { experimentId, filter, by }: GroupedRuns,
  key: string,
  options: SeriesOptions,
  buckets: number,
) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'groups', experimentId, filter, by, key, options, buckets],
    queryFn: async ({ signal }): Promise<Groups> => {
      const kind = by.startsWith('t:') ? ('tag' as const) : ('param' as const);
      const body = {
        experiment_ids: [experimentId],
        filter,
        key,
        ...seriesInput(options, buckets),
        ...(by === everyRun ? {} : { by: { kind, key: by.slice(2) } }),
      };
      return (await api.POST('/metrics/groups', { signal, body })).data;
    },
    placeholderData: keepPreviousData,
  });
}

/** Groups as lines: their means, in the band of a standard deviation on either side. */
export function linesOfGroups(answer: Groups, by: string): ChartData {
  const data = aligned(
    answer.groups.map(({ value, runs, x, mean, std }) => ({
      id: `${by} ${value ?? ''}`,
      name: by === everyRun ? text.allRuns(runs) : text.groupName(by.slice(2), value, runs),
      x,
      y: mean,
      spread: {
        low: mean.map((middle, index) => middle - (std[index] ?? 0)),
        high: mean.map((middle, index) => middle + (std[index] ?? 0)),
      },
    })),
  );
  return { ...data, whole: wholeOf(data.x, answer) };
}
