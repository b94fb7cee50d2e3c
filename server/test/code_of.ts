import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { withClient } from '../src/db/roles.ts';
import type { TestApp } from './app.ts';
import { fillCodeCells } from './code_cells.ts';

/** What is told of projects' code in January 2026, and what is asked of it, by a data scientist of tenant A. */
export function codeOf(app: () => TestApp) {
  async function ok<Body>(method: string, path: string, json?: unknown): Promise<Body> {
    const as = app().tenants.a.keys.data_scientist;
    const answer = await app().send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.body as Body;
  }
  return {
    ok,
    project: async () => (await ok<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id,
    /** Rows of a table of the code, as webhooks leave them. */
    async insert(table: string, project_id: string, rows: readonly Record<string, unknown>[]) {
      await app().ports.db.inTenant(app().tenants.a.id, async (tx) => {
        for (const row of rows) {
          const columns = Object.entries({ tenant_id: tx.tenantId, project_id, ...row });
          await tx.sql(
            `INSERT INTO maestro.${table} (${columns.map(([name]) => name).join(', ')})
         VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
            columns.map(([, value]) => value),
          );
        }
      });
      await withClient(app().database.superuser, fillCodeCells);
    },
    record: (id: string, given: object[], repository = 'r') =>
      ok('POST', `/projects/${id}/code/commits`, { repository, commits: given }),
  };
}

type File = ['C' | 'D', string] | ['R', string, string];
let commits = 0;
export const commit = (who: string, at: string, changes: File[] = [], more: object = {}) => ({
  sha: (++commits).toString(16).padStart(40, '0'),
  name: who,
  email: `${who}@example.org`,
  authored_at: at,
  committed_at: at,
  additions: 2,
  deletions: 1,
  files: changes.length,
  is_merge: false,
  changes,
  ...more,
});

/** A query for the month that all of it is of. */
export const january = 'from=2026-01-01&to=2026-01-31';
