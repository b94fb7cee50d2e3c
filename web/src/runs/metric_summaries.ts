import { useQuery } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { apiOf } from '../api/api.ts';
import { useTenant } from '../api/hooks.ts';

export type MetricSummary = Awaited<ReturnType<typeof ask>>[number];

const ask = async (api: Api, runId: string, keys: string[]) =>
  (
    await api.POST('/runs/{run_id}/metrics/summary', {
      params: { path: { run_id: runId } },
      body: { keys, points: 80 },
    })
  ).data.items;

/** Keys of one call, as many as the server takes. */
const keysMax = 50;

interface Waiting {
  readonly key: string;
  readonly resolve: (found: MetricSummary | undefined) => void;
  readonly reject: (error: unknown) => void;
}
const waiting = new Map<string, Waiting[]>();

/** Rows that come into sight at once are asked for at once. */
function summaryOf(tenant: string, runId: string, key: string): Promise<MetricSummary | undefined> {
  const of = `${tenant} ${runId}`;
  return new Promise((resolve, reject) => {
    const others = waiting.get(of);
    if (others) {
      others.push({ key, resolve, reject });
      return;
    }
    waiting.set(of, [{ key, resolve, reject }]);
    setTimeout(() => void send(tenant, runId), 30);
  });
}

async function send(tenant: string, runId: string): Promise<void> {
  const of = `${tenant} ${runId}`;
  const all = waiting.get(of) ?? [];
  waiting.delete(of);
  for (let from = 0; from < all.length; from += keysMax) {
    const some = all.slice(from, from + keysMax);
    try {
      const found = await ask(apiOf(tenant), runId, [...new Set(some.map(({ key }) => key))]);
      const byKey = new Map(found.map((each) => [each.key, each]));
      for (const { key, resolve } of some) resolve(byKey.get(key));
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }
}

/** The extremes and the course of a metric; asked anew when its last value is another. */
export function useMetricSummary(runId: string, key: string, last: number | 'NaN') {
  const tenant = useTenant();
  return useQuery({
    queryKey: ['t', tenant, 'metric-summary', runId, key, last],
    queryFn: async () => (await summaryOf(tenant, runId, key)) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}
