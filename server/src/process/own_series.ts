import type { TenantTx } from '../db/tenancy.ts';
import { type Cell, cellOf, type DatedStatistics, statisticsOf } from './cells.ts';
import * as queries from './own_queries.ts';
import { daysOf, type Span, startOf, type Unit } from './periods.ts';
import { buildSeconds } from './value_queries.ts';

/** What Maestro measures by itself, from the history of a project's code, its builds and its runs. */
export interface OwnSeries {
  readonly source: 'commits' | 'ci_runs' | 'runs';
  readonly unit: string;
  /** Of their sum, where that is another one: what is counted day by day is no longer so in a sum of days. */
  readonly sumUnit?: string;
  /** Of a whole span. */
  readonly cells: (tx: TenantTx, project: string, span: Span) => Promise<readonly Cell[]>;
  /** By day, week or month; of those that have any. */
  readonly statistics: (tx: TenantTx, project: string, unit: Unit, span: Span) => Promise<readonly DatedStatistics[]>;
}

/** A value for each day from the first one that has any to the end of the span: nothing happened on the others. */
function daily(counted: readonly queries.DayValue[], { to }: Span): queries.DayValue[] {
  const [first] = counted;
  if (!first) return [];
  const known = new Map(counted.map(({ day, value }) => [day, value]));
  return daysOf({ from: first.day, to }).map((day) => ({ day, value: known.get(day) ?? 0 }));
}

const perDay = (
  counted: string,
  read: (tx: TenantTx, project: string, span: Span) => Promise<queries.DayValue[]>,
): Omit<OwnSeries, 'source'> => ({
  unit: `${counted} a day`,
  sumUnit: counted,
  async cells(tx, project, span) {
    return daily(await read(tx, project, span), span).map(({ value }) => cellOf(value));
  },
  async statistics(tx, project, unit, span) {
    const days = daily(await read(tx, project, span), span);
    const byStart = Map.groupBy(days, ({ day }) => startOf(day, unit));
    return [...byStart].map(([day, of]) => ({ day, ...statisticsOf(of.map(({ value }) => cellOf(value))) }));
  },
});

/** By metric type. A tenant may record values of these types too; the two are told apart by their source. */
export const ownSeries: Readonly<Record<string, OwnSeries>> = {
  git_velocity: { source: 'commits', ...perDay('commits', queries.commitsByDay) },
  ci_runtime: { source: 'ci_runs', unit: 'seconds', cells: buildSeconds, statistics: queries.ciSeconds },
  experiment_count: { source: 'runs', ...perDay('runs', queries.runsByDay) },
  compute_hours: { source: 'runs', unit: 'hours', cells: queries.runHours, statistics: queries.runHoursBy },
};
