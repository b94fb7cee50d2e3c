import { cellOf, type Statistics, statisticsOf } from './cells.ts';

/** A deployment that came to an end. Times are milliseconds since 1970. */
export interface Deployment {
  readonly repository: string;
  readonly at: number;
  readonly succeeded: boolean;
}

export interface Incident {
  readonly startedAt: number;
  readonly resolvedAt: number | null;
}

/** From the first moment on, before the second one. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

export interface Deliveries {
  readonly deployments: number;
  readonly per_week: number;
  readonly days_with_deployment: number;
  readonly failed: number;
  /** Null where nothing was deployed. */
  readonly change_failure_rate: number | null;
  readonly hours_to_restore: Statistics;
  readonly unrestored: number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The newest deployment that succeeded before each incident; those before it did not bring it. */
function withIncident(deployments: readonly Deployment[], incidents: readonly Incident[]): Set<Deployment> {
  const succeeded = deployments.filter((deployment) => deployment.succeeded);
  const blamed = new Set<Deployment>();
  let next = 0;
  for (const { startedAt } of incidents.toSorted((a, b) => a.startedAt - b.startedAt)) {
    while (next < succeeded.length && (succeeded[next] as Deployment).at <= startedAt) next += 1;
    const before = succeeded[next - 1];
    if (before) blamed.add(before);
  }
  return blamed;
}

/** How long each failure of a deployment lasted: from the first one of a row until that repository's next success. */
function outagesOf(deployments: readonly Deployment[]): { from: number; until: number | null }[] {
  return [...Map.groupBy(deployments, ({ repository }) => repository).values()].flatMap((of) => {
    const begun = of.filter(({ succeeded }, index) => !succeeded && of[index - 1]?.succeeded !== false);
    const restored = of.filter(({ succeeded }) => succeeded);
    let next = 0;
    return begun.map(({ at }) => {
      while (next < restored.length && (restored[next] as Deployment).at < at) next += 1;
      return { from: at, until: restored[next]?.at ?? null };
    });
  });
}

/**
 * Three of DORA's four keys (dora.dev/guides/dora-metrics-four-keys; Forsgren, Humble and Kim, Accelerate, 2018), over the
 * deployments to one environment, in order of time, and its incidents: how often is deployed; of the deployments of the
 * window, the share that failed or that an incident followed before the next one; and how long it took to restore service
 * after those failures and incidents that began in the window. What came after the window tells how these ended.
 */
export function deliveriesOf(
  deployments: readonly Deployment[],
  incidents: readonly Incident[],
  { from, until }: Window,
): Deliveries {
  const isWithin = (at: number): boolean => at >= from && at < until;
  const within = deployments.filter(({ at }) => isWithin(at));
  const succeeded = within.filter((deployment) => deployment.succeeded);
  const blamed = withIncident(deployments, incidents);
  const failed = within.filter((deployment) => !deployment.succeeded || blamed.has(deployment)).length;
  const outages = [
    ...outagesOf(deployments),
    ...incidents.map(({ startedAt, resolvedAt }) => ({ from: startedAt, until: resolvedAt })),
  ].filter((outage) => isWithin(outage.from));
  const hours = outages.flatMap((outage) => (outage.until === null ? [] : [(outage.until - outage.from) / hourMs]));
  return {
    deployments: succeeded.length,
    per_week: succeeded.length / ((until - from) / (7 * dayMs)),
    days_with_deployment: new Set(succeeded.map(({ at }) => Math.floor(at / dayMs))).size,
    failed,
    change_failure_rate: within.length === 0 ? null : failed / within.length,
    hours_to_restore: statisticsOf(hours.map(cellOf)),
    unrestored: outages.length - hours.length,
  };
}
