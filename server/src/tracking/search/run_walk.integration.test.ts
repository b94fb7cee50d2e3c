import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/postgres.ts';
import { type Database, openDatabase } from '../../db/tenancy.ts';
import { nativeRunOrderGrammar } from './grammars.ts';
import type { Position } from './keyset.ts';
import { parseOrder } from './order.ts';
import { walkOf } from './run_walk.ts';
import { orderable } from './search_runs.ts';
import { SqlValues } from './sql_values.ts';

let database: TestDatabase;
let db: Database;

// An empty one: plans do not depend on what has been written, and analysed, by then.
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 1, () => undefined);
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const at: readonly [order: string, start: Position, column: string][] = [
  ['attributes.start_time', [5, 'id'], 'start_time'],
  ['attributes.run_name', ['n', 5, 'id'], 'name'],
  ['attributes.end_time', [0, 5, 5, 'id'], 'end_time'],
  ['attributes.duration', [0, 5, 5, 'id'], 'duration'],
  ['metrics.m', [0, 5, 5, 'id'], 'value'],
  ['params.p', [0, 'v', 5, 'id'], 'value_head'],
  ['tags.t', [0, 'v', 5, 'id'], 'value_head'],
];

test.each(at)('a later page by %s begins in the index, behind row-level security too', async (order, start, column) => {
  for (const [way, operator] of [
    ['ASC', '>='],
    ['DESC', '<='],
  ]) {
    const terms = parseOrder([`${order} ${way}`], nativeRunOrderGrammar, orderable);
    const [phase] = walkOf(terms, start).phases;
    const plan = await db.inTenant(randomUUID(), async (tx) => {
      const values = new SqlValues();
      values.add(tx.tenantId, 'uuid');
      values.add([1, 2], 'bigint[]');
      const text = phase!.candidates(values, 100, phase!.seek);
      return tx.sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values.values);
    });
    const conditions = plan.map((row) => row['QUERY PLAN']).filter((line) => /Index Cond/.test(line));
    expect(conditions.join('\n')).toContain(`${column} ${operator}`);
  }
});
