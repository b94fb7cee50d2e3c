import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { type Database, openDatabase, type TenantTx } from '../db/tenancy.ts';
import { indexNew, indexText, matchText, type Parts, removeText } from './search_terms.ts';

let database: TestDatabase;
let db: Database;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 4, () => undefined);
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});
beforeEach(() => {
  tenant = randomUUID();
});

const inTenant = <T>(run: (tx: TenantTx) => Promise<T>) => db.inTenant(tenant, run);

/** Indexes things by name; gives a search that answers with names. */
async function library(things: Record<string, Omit<Parts, 'name'>>) {
  const named = new Map<string, string>();
  const entries = Object.entries(things).map(([name, rest]) => {
    const id = randomUUID();
    named.set(id, name);
    return { id, parts: { ...rest, name } };
  });
  await inTenant((tx) => indexNew(tx, 'artifact', entries));
  const find = async (query: string, facets: string[] = [], limit = 100) =>
    (await inTenant((tx) => matchText(tx, { kind: 'artifact', query, limit, facets }))).map(({ id }) => named.get(id));
  const idOf = (name: string) => entries.find(({ parts }) => parts.name === name)?.id as string;
  return { find, idOf };
}

describe('a search by text', () => {
  test('finds every word in name, tags and description, and the name first', async () => {
    const { find } = await library({
      'churn model': {},
      'telecom features': { tags: ['churn'] },
      'notebook on fraud': { description: 'Compares models of churn over a year.' },
      'image schema': {},
    });
    expect(await find('churn')).toEqual(['churn model', 'telecom features', 'notebook on fraud']);
    expect(await find('churn model')).toEqual(['churn model', 'notebook on fraud']);
    expect(await find('nothing')).toEqual([]);
    expect(await find('')).toEqual([]);
  });

  test('finds other forms of a word', async () => {
    const { find } = await library({ 'Forecasting demand': {}, 'the embedding store': {} });
    expect(await find('forecasts')).toEqual(['Forecasting demand']);
    expect(await find('embeddings stored')).toEqual(['the embedding store']);
  });

  test('passes over words that say nothing, unless there is no other', async () => {
    const { find } = await library({ 'Maestro itself': {}, 'the embedding store': {}, theory: {} });
    expect(await find('maestro itself')).toEqual(['Maestro itself']);
    expect(await find('store of the embeddings')).toEqual(['the embedding store']);
    expect(await find('the')).toEqual(['theory']);
  });

  test('finds by how a word begins', async () => {
    const { find } = await library({ 'recommender baseline': {}, recovery: {}, fraud: {} });
    expect(await find('recom')).toEqual(['recommender baseline']);
    expect((await find('rec')).sort()).toEqual(['recommender baseline', 'recovery']);
  });

  test.each([
    ['recomender', 'recommender baseline'],
    ['chrun', 'churn'],
    ['kubernets', 'kubernetes features'],
    ['frauds detektion', 'fraud detection'],
  ])('finds what %s means', async (misspelt, meant) => {
    const names = ['recommender baseline', 'churn', 'kubernetes features', 'fraud detection', 'chart', 'frame'];
    const { find } = await library(Object.fromEntries(names.map((name) => [name, {}])));
    expect(await find(misspelt)).toEqual([meant]);
  });

  test('keeps to facets, alone and beside words', async () => {
    const { find } = await library({
      'churn a': { facets: ['type:schema', 'tag:nlp'] },
      'churn b': { facets: ['type:notebook', 'tag:nlp'] },
      other: { facets: ['type:schema'] },
    });
    expect(await find('churn', ['type:schema'])).toEqual(['churn a']);
    expect((await find('', ['type:schema'])).sort()).toEqual(['churn a', 'other']);
    expect(await find('', ['type:schema', 'tag:nlp'])).toEqual(['churn a']);
    expect(await find('type')).toEqual([]);
  });

  test('forgets what a thing was found by before it was indexed anew or removed', async () => {
    const { find, idOf } = await library({ alpha: {}, beta: {} });
    const id = idOf('alpha');
    await inTenant((tx) => indexText(tx, { kind: 'artifact', id }, { name: 'gamma' }));
    expect(await find('alpha')).toEqual([]);
    expect(await find('gamma')).toEqual(['alpha']);
    await inTenant((tx) => removeText(tx, { kind: 'artifact', id }));
    expect(await find('gamma')).toEqual([]);
    expect(await find('gamna')).toEqual([]);
  });

  test('knows neither other tenants’ things nor things of another kind', async () => {
    const { find, idOf } = await library({ churn: {} });
    await inTenant((tx) => indexText(tx, { kind: 'project', id: idOf('churn') }, { name: 'fraud' }));
    expect(await find('fraud')).toEqual([]);
    tenant = randomUUID();
    expect(await find('churn')).toEqual([]);
    expect(await find('chrun')).toEqual([]);
  });

  test('takes any text', async () => {
    const { find } = await library({ "'; DROP TABLE x --": {}, '🎵 music': {}, 'größe ÄÖÜ': {} });
    expect(await find('drop')).toEqual(["'; DROP TABLE x --"]);
    expect(await find('🎵 music')).toEqual(['🎵 music']);
    expect(await find('grösse äöü')).toEqual([]);
    expect(await find('größe äöü')).toEqual(['größe ÄÖÜ']);
    expect(await find('% _ \\ : & | !')).toEqual([]);
    expect(await find('x'.repeat(10_000))).toEqual([]);
  });

  test('lets those that bring the same new words at once all be found', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `zebra yak walrus${index}`);
    await Promise.all(
      names.map((name, index) =>
        inTenant(async (tx) => {
          await indexText(tx, { kind: 'artifact', id: randomUUID() }, { name });
          await indexText(tx, { kind: 'artifact', id: randomUUID() }, { name: index % 2 ? 'ibis gnu' : 'gnu ibis' });
        }),
      ),
    );
    for (const misspelt of ['zbera', 'ibsi']) {
      expect(await inTenant((tx) => matchText(tx, { kind: 'artifact', query: misspelt, limit: 100 }))).toHaveLength(20);
    }
  });
});
