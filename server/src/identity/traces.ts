import type { TenantTx } from '../db/tenancy.ts';
import type { Counts } from './erasures.ts';

/** The person that a statement is about, whichever of the two it needs. */
const withPerson = 'WITH person AS (SELECT $2::uuid AS id, $3::text[] AS names)';
const personId = '(SELECT id FROM person)';
const isNamed = (column: string): string => {
  const names = '((SELECT names FROM person)::text[])';
  return `(${column} = ANY ${names} OR lower(${column}) = ANY ${names})`;
};
const isUserTag = `key = 'mlflow.user' AND ${isNamed('value')}`;

interface Trace {
  readonly isOwn: string;
  /** The columns that the person is shown: none is a secret. */
  readonly columns: readonly string[];
  /** What becomes of the rows; they go where it is not said, and stay where it is null. */
  readonly set?: string | null;
}

const ofKeys = [
  'key_id',
  'name',
  'prefix',
  'scopes',
  'allowed_addresses',
  'created_at',
  'expires_at',
  'last_used_at',
  'last_used_address',
  'revoked_at',
];
/** Whose id a row has stays in it: once the account is gone it says no more who it was. */
const byId = (column: string, columns: readonly string[]): Trace => ({
  isOwn: `${column} = ${personId}::text`,
  columns: [...columns, column],
  set: null,
});
const ofRuns = ['run_id', 'experiment_id', 'name', 'user_id', 'status', 'start_time', 'end_time', 'artifact_uri'];

/**
 * What a tenant's tables hold of a person. What people wrote as they liked (names of experiments, notes, files) is the
 * tenant's, and none of it.
 */
const traces: Readonly<Record<string, Trace>> = {
  // A key that was revoked stays, so that what it did still has an owner.
  api_keys: {
    isOwn: `user_id = ${personId}`,
    columns: ofKeys,
    set: `revoked_at = coalesce(revoked_at, now()), name = 'of a deleted user', last_used_address = NULL,
          allowed_addresses = NULL`,
  },
  grants: {
    isOwn: `subject_kind = 'user' AND subject_id = ${personId}`,
    columns: ['grant_id', 'resource_kind', 'resource_id', 'role', 'permissions', 'created_at'],
  },
  // Runs of one person stay those of one person: by the id, which says no more who it was.
  runs: { isOwn: isNamed('user_id'), columns: ofRuns, set: `user_id = ${personId}::text` },
  tags: { isOwn: isUserTag, columns: ['run_id', 'key', 'value'], set: `value = ${personId}::text` },
  projects: byId('created_by', ['project_id', 'name', 'created_at']),
  artifacts: byId('created_by', ['artifact_id', 'name', 'type', 'created_at']),
  artifact_versions: byId('created_by', ['artifact_id', 'version', 'created_at']),
  artifact_usages: byId('used_by', ['artifact_id', 'version', 'project_id', 'used_at']),
  saved_views: byId('created_by', ['view_id', 'name', 'path', 'query', 'updated_at']),
  predictions: byId('created_by', ['prediction_id', 'project_id', 'created_at']),
  logged_model_tags: { isOwn: isUserTag, columns: ['model_id', 'key', 'value'], set: `value = ${personId}::text` },
  team_members: {
    isOwn: `(user_id = ${personId} OR ${isNamed('name')})`,
    columns: [
      'project_id',
      'name',
      'role',
      'experience_level',
      'contribution_hours',
      'performance_score',
      'created_at',
      'updated_at',
    ],
  },
  // Commits and reviews of one person stay those of one person. Before the addresses, by which it is found.
  code_people: {
    isOwn: `(user_id = ${personId} OR ${isNamed('email')} OR (project_id, person_id) IN (
      SELECT a.project_id, a.person_id FROM maestro.code_aliases a WHERE a.tenant_id = $1 AND ${isNamed('a.email')}))`,
    columns: ['project_id', 'person_id', 'name', 'email', 'is_left_out'],
    set: `name = 'a deleted user', email = '', user_id = ${personId}`,
  },
  code_aliases: {
    isOwn: `(${isNamed('email')} OR (project_id, person_id) IN (
      SELECT p.project_id, p.person_id FROM maestro.code_people p WHERE p.tenant_id = $1 AND p.user_id = ${personId}))`,
    columns: ['project_id', 'person_id', 'email'],
  },
  // They stay, and are of nobody's name: without them the next sync would name the person again.
  code_left_out: {
    isOwn: `address_hash IN (
      SELECT sha256(convert_to(project_id || ' ' || lower(n), 'UTF8')) FROM unnest((SELECT names FROM person)) AS n)`,
    columns: ['project_id', 'person_id'],
    set: 'address_hash = address_hash',
  },
};

/** How many rows of each table tell of the person. */
export async function countTraces(tx: TenantTx, userId: string, names: readonly string[]): Promise<Counts> {
  // A tenant may have more runs than are looked through within a request's bound on a statement.
  await tx.sql('SET LOCAL statement_timeout = 0');
  const counts: Counts = {};
  for (const [table, { isOwn, set }] of Object.entries(traces)) {
    if (set === null) continue;
    const [found] = await tx.sql<{ rows: number }>(
      `${withPerson} SELECT count(*) AS rows FROM maestro.${table} WHERE tenant_id = $1 AND ${isOwn}`,
      [tx.tenantId, userId, names],
    );
    counts[table] = found?.rows ?? 0;
  }
  return counts;
}

/** Takes what tells of the person, or makes it tell of nobody. Safe to repeat. */
export async function removeTraces(tx: TenantTx, userId: string, names: readonly string[]): Promise<void> {
  await tx.sql('SET LOCAL statement_timeout = 0');
  for (const [table, { isOwn, set }] of Object.entries(traces)) {
    if (set === null) continue;
    const what = set === undefined ? `DELETE FROM maestro.${table}` : `UPDATE maestro.${table} SET ${set}`;
    await tx.sql(`${withPerson} ${what} WHERE tenant_id = $1 AND ${isOwn}`, [tx.tenantId, userId, names]);
  }
}

/** For each table, the statement that gives its rows of the person as JSON: of the tenant, the user's id and the names. */
export const traceStatements: readonly { table: string; text: string }[] = Object.entries(traces).map(
  ([table, { isOwn, columns }]) => ({
    table,
    text: `${withPerson} SELECT jsonb_build_object(${columns.map((column) => `'${column}', ${column}`).join(', ')})::text
             FROM maestro.${table} WHERE tenant_id = $1 AND ${isOwn}`,
  }),
);
