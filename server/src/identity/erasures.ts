import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { id, strict, time } from './schemas.ts';

/** How many of what: rows by table, and what is no row by its own name (`outbox_mails`, `file_bytes`). */
export type Counts = Record<string, number>;

type Subject = 'user' | 'tenant';

export const erasure = Type.Object({
  id,
  kind: Type.Enum(['user', 'tenant']),
  began_at: time,
  finished_at: Type.Union([time, Type.Null()], { description: 'Null: it is under way, or broke off and goes on.' }),
  erased: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
    description: 'How many rows of each table, and how much of what is no row.',
  }),
});
export type Erasure = Static<typeof erasure>;

interface Row {
  subject_id: string;
  subject_kind: Subject;
  counts: Record<string, Counts>;
  began_at: Date;
  finished_at: Date | null;
}

const columns = 'subject_id, subject_kind, counts, began_at, finished_at';

/** The counts of all steps together; what was nowhere is left out. */
function sumOf(steps: Record<string, Counts>): Counts {
  const sum: Counts = {};
  for (const counts of Object.values(steps)) {
    for (const [what, count] of Object.entries(counts)) if (count > 0) sum[what] = (sum[what] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sum).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const shown = (row: Row): Erasure => ({
  id: row.subject_id,
  kind: row.subject_kind,
  began_at: row.began_at.toISOString(),
  finished_at: row.finished_at?.toISOString() ?? null,
  erased: sumOf(row.counts),
});

/** Notes that an erasure begins. `names`: what the person is still to be found by, sealed. */
export async function beginErasure(tx: IdentityTx, subject: Subject, subjectId: string, names?: Buffer): Promise<void> {
  await tx.sql(
    'INSERT INTO maestro.erasures (subject_id, subject_kind, sealed_names) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [subjectId, subject, names ?? null],
  );
}

/**
 * Keeps what a step found. It is called before the step takes it away, so that a crash between loses no count; what is
 * left for a step that is repeated does not count.
 */
export async function keepCounts(tx: IdentityTx, subjectId: string, step: string, counts: Counts): Promise<void> {
  await tx.sql(
    `UPDATE maestro.erasures SET counts = jsonb_build_object($2::text, $3::jsonb) || counts
      WHERE subject_id = $1 AND finished_at IS NULL`,
    [subjectId, step, JSON.stringify(counts)],
  );
}

/** Ends an erasure, once: its report stands from then on, and in the operators' audit. */
export async function finishErasure(tx: IdentityTx, subjectId: string): Promise<void> {
  const [row] = await tx.sql<Row>(
    `UPDATE maestro.erasures SET finished_at = now(), sealed_names = NULL
      WHERE subject_id = $1 AND finished_at IS NULL RETURNING ${columns}`,
    [subjectId],
  );
  if (!row) return;
  await insertOperatorAuditEvent(tx, {
    actor: { kind: 'system', id: 'maestro' },
    action: `${row.subject_kind}.erased`,
    target: subjectId,
    outcome: 'success',
    requestId: '',
    address: '',
    detail: { erased: sumOf(row.counts) },
  });
}

/** The newest erasures; those that have not ended come first. */
export async function erasureReports(tx: IdentityTx, limit: number): Promise<Erasure[]> {
  const rows = await tx.sql<Row>(
    `SELECT ${columns} FROM maestro.erasures ORDER BY finished_at IS NOT NULL, began_at DESC LIMIT $1`,
    [limit],
  );
  return rows.map(shown);
}

/** The erasures that began before `before` and have not ended, the oldest first. */
export async function erasuresUnderWay(tx: IdentityTx, before: Date): Promise<{ kind: Subject; id: string }[]> {
  return tx.sql(
    `SELECT subject_kind AS kind, subject_id AS id FROM maestro.erasures
      WHERE finished_at IS NULL AND began_at < $1 ORDER BY began_at`,
    [before],
  );
}

/** What a person whose erasure is under way is still to be found by, sealed; undefined where there is no such erasure. */
export async function erasureUnderWay(
  tx: IdentityTx,
  subjectId: string,
): Promise<{ sealed_names: Buffer | null } | undefined> {
  const [row] = await tx.sql<{ sealed_names: Buffer | null }>(
    'SELECT sealed_names FROM maestro.erasures WHERE subject_id = $1 AND finished_at IS NULL',
    [subjectId],
  );
  return row;
}

/** Throws `not_found`. */
export async function erasureOf(tx: IdentityTx, subjectId: string): Promise<Erasure> {
  const [row] = await tx.sql<Row>(`SELECT ${columns} FROM maestro.erasures WHERE subject_id = $1`, [subjectId]);
  if (!row) throw notFound(`Erasure '${subjectId}' not found`);
  return shown(row);
}

/** What became of the deletion of a person or a tenant. */
export const get = defineOperation({
  name: 'erasure.get',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ id }, strict),
  output: erasure,
  run: ({ tx }, input) => erasureOf(tx, input.id),
});
