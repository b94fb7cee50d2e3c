import type { TenantTx } from '../db/tenancy.ts';
import type { Cell } from './cells.ts';
import { partColumns, partsOf, periodsText, type Span } from './periods.ts';

/** The cells of a series and environment in the parts of a span, as `c`; OFFSET 0 keeps it a walk of the index for each part. */
export const valueCellsText = (series: string, environment: string): string => `
  ${periodsText}, LATERAL (
    SELECT o.start, o.bucket, o.count, o.sum, o.min, o.max FROM maestro.code_cells o
     WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.series = ${series} AND o.environment = ${environment}
       AND o.period = t.period AND o.start >= t.first AND o.start < t.after OFFSET 0) c`;

interface SeriesCell extends Cell {
  readonly series: string;
}

const units = { build: ['year', 'month', 'week', 'day'], other: ['year', 'month', 'day'] } as const;

/** Values of some series in a span, counted together. */
async function valueCells(
  tx: TenantTx,
  project: string,
  series: readonly string[],
  environment: string,
  parts: ReturnType<typeof partColumns>,
): Promise<SeriesCell[]> {
  return tx.sql<SeriesCell>(
    `SELECT k.series, s.* FROM unnest($6::text[]) AS k(series), LATERAL (
       SELECT c.bucket, sum(c.count)::bigint AS count, sum(c.sum) AS sum, min(c.min) AS min, max(c.max) AS max
         FROM ${valueCellsText('k.series', '$7')} GROUP BY c.bucket) s`,
    [tx.tenantId, project, ...parts, series, environment],
    'code_value_cells',
  );
}

/** How long the builds that came to an end took, in seconds. */
export const buildSeconds = (tx: TenantTx, project: string, span: Span): Promise<Cell[]> =>
  valueCells(tx, project, ['build'], '', partColumns(partsOf(span, units.build)));

interface ChangeHours {
  readonly open: readonly Cell[];
  readonly review: readonly Cell[];
  readonly merge: readonly Cell[];
}

/**
 * Hours of changes by who is not left out: from the writing of the first commit to opening, of those opened in a span whose
 * first commit is known; until somebody else reviewed, of those opened in it; from opening to merging, of those merged in it.
 */
export async function changeHours(tx: TenantTx, project: string, span: Span): Promise<ChangeHours> {
  const parts = partColumns(partsOf(span, units.other));
  const cells = await valueCells(tx, project, ['open', 'review', 'merge'], '', parts);
  const of = (series: string) => cells.filter((cell) => cell.series === series);
  return { open: of('open'), review: of('review'), merge: of('merge') };
}

/**
 * Hours from the writing of each commit to the deployment to an environment that brought it, of the deployments of a span that
 * succeeded; of releases where the environment is empty. One brings what came to the branch after what those before it
 * brought, up to the commit that it names, or up to its own time where that is not known or later; the first one of a
 * repository tells nothing, for what was there before is not known.
 */
export const leadHours = (tx: TenantTx, project: string, environment: string, span: Span): Promise<Cell[]> =>
  valueCells(tx, project, ['lead'], environment, partColumns(partsOf(span, units.other)));
