import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/postgres.ts';
import { withClient } from './roles.ts';
import { tableTypes } from './table_types.ts';

test('tables.ts is what the catalogue says (renew it with: npm run db -- types)', async () => {
  const database = await createTestDatabase();
  try {
    const current = await withClient(database.logins.owner, tableTypes);
    expect(readFileSync(new URL('tables.ts', import.meta.url), 'utf8')).toBe(current);
  } finally {
    await database.drop();
  }
});
