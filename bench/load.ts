import { performance } from 'node:perf_hooks';
import type { Client } from './client.ts';
import type { Scenario, Stock } from './scenarios.ts';

/** What a stretch of load gave. Latencies in milliseconds. */
export interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
  readonly firstError?: string;
}

/** A server that fails every call is not worth the whole time. */
const errorsMax = 2000;
const warmUpCalls = 20;

const atQuantile = (sorted: readonly number[], quantile: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;

/** Gives each call of a process its own number, so that repeated scenarios go on where they stopped. */
let nextIndex = 100;

/** Keeps `connections` calls of a scenario under way for `seconds`, after a warm-up. */
export async function putLoad(
  client: Client,
  stock: Stock,
  scenario: Scenario,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Figures> {
  for (let index = 0; index < warmUpCalls; index += 1) await scenario.run(client, stock, index).catch(() => undefined);
  const latencies: number[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < endsAt && errors <= errorsMax) {
        const index = nextIndex;
        nextIndex += 1;
        const sentAt = performance.now();
        try {
          await scenario.run(client, stock, index);
          latencies.push(performance.now() - sentAt);
        } catch (error) {
          errors += 1;
          firstError ??= error instanceof Error ? error.message : String(error);
        }
      }
    }),
  );
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    seconds: elapsed,
    p50: atQuantile(latencies, 0.5),
    p95: atQuantile(latencies, 0.95),
    p99: atQuantile(latencies, 0.99),
    errors,
    ...(firstError === undefined ? {} : { firstError }),
  };
}
