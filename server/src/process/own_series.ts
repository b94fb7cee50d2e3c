import type { TenantTx } from '../db/tenancy.ts';
import { cellOf } from './cells.ts';
import type { DatedCell } from './metric_queries.ts';
import * as queries from './own_queries.ts';
import { daysOf, type Span, startOf, type Unit } from './periods.ts';

/** What Maestro measures by itself, from the history of a project's code, its builds and its runs. */
export interface OwnSeries {
  readonly source: 'commits' | 'ci_runs' | 'runs';
  readonly unit: string;
  /** Dated by the day, week, month or year that they were asked for by. */
  readonly cells: readonly DatedCell[];
}

/** A value for each day from the first one that has any to the end of the span: nothing happened on the others. */
function daily(counted: readonly queries.DayValue[], unit: Unit, { to }: Span): DatedCell[] {
  const [first] = counted;
  if (!first) return [];
  const known = new Map(counted.map(({ day, value }) => [day, value]));
  return daysOf({ from: first.day, to }).map((day) => ({ day: startOf(day, unit), ...cellOf(known.get(day) ?? 0) }));
}

type Read = (tx: TenantTx, project: string, unit: Unit, span: Span) => Promise<OwnSeries>;

/** By metric type. A tenant may record values of these types too; the two are told apart by their source. */
export const ownSeries: Readonly<Record<string, Read>> = {
  git_velocity: async (tx, project, unit, span) => ({
    source: 'commits',
    unit: 'commits a day',
    cells: daily(await queries.commitsByDay(tx, project, span), unit, span),
  }),
  ci_runtime: async (tx, project, unit, span) => ({
    source: 'ci_runs',
    unit: 'seconds',
    cells: await queries.ciSeconds(tx, project, unit, span),
  }),
  experiment_count: async (tx, project, unit, span) => ({
    source: 'runs',
    unit: 'runs a day',
    cells: daily(await queries.runsByDay(tx, project, span), unit, span),
  }),
  compute_hours: async (tx, project, unit, span) => ({
    source: 'runs',
    unit: 'hours',
    cells: await queries.runHours(tx, project, unit, span),
  }),
};
