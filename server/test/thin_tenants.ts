import type pg from 'pg';
import { keepCells, withoutIndexes } from './large_tenant.ts';

/** Tenants that have a part each of what the large one has. */
export const thinTenants = 100;

const ofPart = (id: string): string => `JOIN parts p ON p.id = ${id} JOIN thin t ON t.place = p.place`;
const cutBy = (key: string): string =>
  `JOIN thin t ON t.place = abs(hashtext(${key})) % ${thinTenants} AND o.project_id = (SELECT id FROM largest)`;
const forAll = 'JOIN thin t ON o.project_id = (SELECT id FROM largest)';

/**
 * To which of the tenants a row `o` goes: a project and an artifact go to one with all that is of them; the history of the
 * largest project is cut up, and all have that project.
 */
const copies: readonly (readonly [table: string, to: string])[] = [
  ['projects', ofPart('o.project_id')],
  ['projects', forAll],
  ['artifacts', ofPart('o.artifact_id')],
  ['artifact_versions', ofPart('o.artifact_id')],
  ['artifact_usages', ofPart('o.artifact_id')],
  ['search_terms', ofPart('o.subject_id')],
  ['team_members', ofPart('o.project_id')],
  ['process_metrics', ofPart('o.project_id')],
  ['process_metrics', cutBy('o.metric_id::text')],
  ['code_people', forAll],
  ['code_commits', cutBy('o.sha')],
  ['code_file_people', cutBy('o.path')],
  ['code_changes', cutBy('o.change_key')],
  ['code_reviews', cutBy('o.change_key')],
  ['ci_runs', cutBy('o.run_key')],
  ['deployments', cutBy('o.deployment_key')],
  ['incidents', cutBy('o.external_key')],
];

/** Tables of most rows, to which no other refers: their indexes are made at the end. */
const large: ReadonlySet<string> = new Set(['search_terms', 'artifact_usages']);

/** Gives each tenant of `ids` its part of what `tenantId` has; the ids of the rows stay. */
export async function fillThinTenants(
  client: pg.Client,
  tenantId: string,
  ids: readonly string[],
  largest: string,
): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE thin AS
       SELECT t::uuid AS tenant_id, place - 1 AS place FROM unnest('{${ids.join()}}'::text[]) WITH ORDINALITY AS u(t, place);
     CREATE TEMP TABLE largest AS SELECT '${largest}'::uuid AS id;
     CREATE TEMP TABLE parts AS
       SELECT p.id, p.n % ${thinTenants} AS place FROM (
         SELECT project_id AS id, split_part(name, ' ', 4)::int AS n FROM maestro.projects
          WHERE tenant_id = '${tenantId}' AND project_id <> '${largest}'
         UNION ALL
         SELECT artifact_id, split_part(name, ' ', 4)::int FROM maestro.artifacts WHERE tenant_id = '${tenantId}') p;
     ANALYZE parts, thin`,
  );
  for (const [table, to] of copies) {
    const { rows } = await client.query(
      `SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'maestro' AND table_name = $1 AND column_name <> 'tenant_id' ORDER BY ordinal_position`,
      [table],
    );
    const columns: string[] = rows.map(({ column_name }) => column_name);
    const copy = () =>
      client.query(
        `INSERT INTO maestro.${table} (tenant_id, ${columns.join(', ')})
       SELECT t.tenant_id, ${columns.map((column) => `o.${column}`).join(', ')}
         FROM maestro.${table} o ${to} WHERE o.tenant_id = '${tenantId}'`,
      );
    if (large.has(table)) await withoutIndexes(client, `maestro.${table}`, async () => void (await copy()));
    else await copy();
  }
  await keepCells(client, ids);
  await client.query(
    `INSERT INTO maestro.search_words (tenant_id, word)
     SELECT DISTINCT t.tenant_id, w.word FROM thin t JOIN maestro.search_terms s ON s.tenant_id = t.tenant_id
       JOIN maestro.search_words w ON w.tenant_id = '${tenantId}' AND w.word = s.term`,
  );
  await client.query(
    `INSERT INTO maestro.search_trigrams (tenant_id, trigram, word)
     SELECT w.tenant_id, g.trigram, w.word FROM thin t JOIN maestro.search_words w ON w.tenant_id = t.tenant_id
       JOIN maestro.search_trigrams g ON g.tenant_id = '${tenantId}' AND g.word = w.word`,
  );
}
