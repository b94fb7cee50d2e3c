import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
let key: string;
let slug: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

/** A tenant of the test's own. */
beforeEach(async () => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  const operator = (path: string, json: unknown) => app.send('POST', `/api/v1${path}`, { as: app.operatorKey, json });
  await operator('/tenants', { slug, max_projects: 300 });
  key = ((await operator(`/tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' })).body as { key: string }).key;
});

interface Outcome {
  imported: number;
  good_rows: number;
  bad_rows: number;
  faults: { line: number; reason: string }[];
}
const send = (body: string | Uint8Array, query: Record<string, string | string[]> = {}) => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) search.append(name, one);
  return app.send('POST', `/api/v1/projects/import?${search}`, { as: key, body });
};
async function imported(body: string | Uint8Array, query: Record<string, string | string[]> = {}): Promise<Outcome> {
  const { status, body: outcome, text } = await send(body, query);
  expect(status, text).toBe(200);
  return outcome as Outcome;
}
const projects = async (query = 'order_by=name&order=asc') =>
  ((await app.send('GET', `/api/v1/projects?${query}`, { as: key })).body as { items: Record<string, unknown>[] })
    .items;

describe('an import', () => {
  test('takes columns by a map, days of a format, numbers in units, and everything else as metadata', async () => {
    const csv = [
      '\u{feff}Title;Start;Weeks;success;team_size;industry;rows;id;note',
      '"Churn; ""2""";31.12.2024;2;0.29;4;retail;3.5;12345678901234567890;"two\r\nlines"',
      'Fraud;;1;;;;;;',
    ].join('\r\n');
    const query = {
      delimiter: ';',
      date_format: 'DD.MM.YYYY',
      map: ['name:Title', 'start_date:Start', 'duration_days:Weeks', 'success_score:success'],
      unit: ['duration_days:weeks', 'success_score:fraction'],
    };
    expect(await imported(csv, query)).toEqual({ imported: 2, good_rows: 2, bad_rows: 0, faults: [] });
    expect(await projects()).toMatchObject([
      {
        ...{
          name: 'Churn; "2"',
          start_date: '2024-12-31',
          completion_date: '2025-01-14',
          success_score: 29,
          team_size: 4,
        },
        metadata: { industry: 'retail', rows: 3.5, id: '12345678901234567890', note: 'two\r\nlines' },
      },
      { name: 'Fraud', start_date: null, completion_date: null, success_score: null, metadata: { duration_days: 7 } },
    ]);
  });

  test('takes JSON Lines with their values as they are', async () => {
    const lines = [
      { name: 'a', compute_cost: 1.5, metadata: { nested: [1] }, flag: true, start_date: '2025-01-01T10:00:00Z' },
      { name: 'b', compute_cost: null },
    ];
    const query = { format: 'jsonl', unit: 'compute_cost:thousands' };
    await imported(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`, query);
    expect(await projects()).toMatchObject([
      { name: 'a', compute_cost: 1500, start_date: '2025-01-01', metadata: { nested: [1], flag: true } },
      { name: 'b', compute_cost: null },
    ]);
  });

  test('lists every bad row by its line and the reason in a dry run, and changes nothing', async () => {
    await imported('name\nthere\n');
    const csv = [
      'name,team_size,start_date,completion_date',
      'good,1,2024-01-01,2024-02-01',
      'there,,,',
      'good,,,',
      ',1,,',
      'short,1',
      'text,many,,',
      'many,1000000,,',
      'half,1.5,,',
      'day,,2024-02-30,',
      'back,,2024-02-02,2024-02-01',
      '"two\nlines",,x,',
      'last,0,,',
    ].join('\n');
    const { faults, ...counts } = await imported(csv, { dry_run: 'true' });
    expect(counts).toEqual({ imported: 0, good_rows: 1, bad_rows: 11 });
    expect(faults.map(({ line, reason }) => [line, reason])).toEqual([
      [3, expect.stringMatching(/there is a project 'there'/)],
      [4, expect.stringMatching(/'good' is on line 2 already/)],
      [5, expect.stringMatching(/name: is required/)],
      [6, expect.stringMatching(/expected 4 fields, as the header has; got 2/)],
      [7, expect.stringMatching(/team_size: expected a number; got "many"/)],
      [8, expect.stringMatching(/team_size: must be <= 100000/)],
      [9, expect.stringMatching(/team_size: must be integer/)],
      [10, expect.stringMatching(/start_date: expected a day as YYYY-MM-DD; got "2024-02-30"/)],
      [11, expect.stringMatching(/completion_date: expected a day from start_date/)],
      [12, expect.stringMatching(/start_date: expected a day/)],
      [14, expect.stringMatching(/team_size: must be >= 1/)],
    ]);
    expect((await projects()).map(({ name }) => name)).toEqual(['there']);
    // As many come in as were good, and the others are told again.
    expect(await imported(csv, { skip_bad_rows: 'true' })).toEqual({ ...counts, imported: 1, faults });
    expect((await projects()).map(({ name }) => name).sort()).toEqual(['good', 'there']);
    const again = await send(csv, { skip_bad_rows: 'true' });
    expect(again.body).toMatchObject({ status: 400, detail: expect.stringMatching(/^line 2: .*nothing was imported/) });
  });

  test('tells all that is wrong with a row at once', async () => {
    const csv = 'name,team_size,success_score,start_date\n,many,500,yesterday\n';
    const { faults, bad_rows } = await imported(csv, { dry_run: 'true' });
    expect([bad_rows, faults.length]).toEqual([1, 1]);
    for (const fault of [
      /name: is required/,
      /team_size: expected a number/,
      /success_score: must be <= 100/,
      /start_date: expected a day/,
    ])
      expect(faults[0]?.reason).toMatch(fault);
  });

  test('takes a comma for a point where columns are told apart by semicolons, but not where it may be of thousands', async () => {
    const csv = 'name;success_score;compute_cost;size\nA;0,8;1234,5;2,25\nB;0,5;1,234;x\n';
    const { faults } = await imported(csv, { delimiter: ';', unit: 'success_score:fraction', skip_bad_rows: 'true' });
    expect(faults).toEqual([{ line: 3, reason: expect.stringMatching(/"1,234" may be 1.234 or 1234: write one/) }]);
    expect(await projects()).toMatchObject([{ success_score: 80, compute_cost: 1234.5, metadata: { size: 2.25 } }]);
    const tabs = await imported('name\tcompute_cost\nC\t0,8\n', { delimiter: '\t', dry_run: 'true' });
    expect(tabs.faults[0]?.reason).toMatch(/compute_cost: expected a number; got "0,8"/);
  });

  test('refuses rows of JSON that cannot be kept, each by its line', async () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const lines = [
      `{"name":"deep","x":${deep}}`,
      '{"name":"nul\\u0000"}',
      '{"name":"lone","x":"\\ud800"}',
      '{"name":"huge","compute_cost":1e999}',
      '[1]',
      '{"name":',
      '{"name":{"first":"x"}}',
      '{"name":"__proto__","__proto__":{"x":1},"constructor":"c"}',
    ];
    const { faults, bad_rows } = await imported(lines.join('\n'), { format: 'jsonl', dry_run: 'true' });
    expect([bad_rows, ...faults.map(({ line }) => line)]).toEqual([7, 1, 2, 3, 4, 5, 6, 7]);
    expect((await imported(lines[7] as string, { format: 'jsonl' })).imported).toBe(1);
    expect((await projects())[0]).toMatchObject({ name: '__proto__', metadata: { constructor: 'c' } });
  });

  test('keeps texts that hold line breaks of any kind', async () => {
    const note = 'one\u2028two\u2029three\u0085four\r\nfive';
    await imported(`name,note\na,"${note}"\n`);
    expect(await projects()).toMatchObject([{ name: 'a', metadata: { note } }]);
  });

  test('is all or nothing', async () => {
    const csv = `name,team_size\n${Array.from({ length: 2_500 }, (_, row) => `p${row},${row === 2_400 ? 'x' : 3}`).join('\n')}`;
    expect((await send(csv)).body).toMatchObject({
      ...{ status: 400, field: 'body', detail: expect.stringMatching(/^line 2402: team_size: .*nothing was imported/) },
    });
    expect(await projects()).toEqual([]);
  });

  test('makes no more projects than the tenant may have, however many imports come at once', async () => {
    const table = (of: string, rows: number) =>
      `name\n${Array.from({ length: rows }, (_, row) => `${of}${row}`).join('\n')}`;
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((of) => send(table(of, 100))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429]);
    const { projects: use } = (await app.send('GET', '/api/v1/tenant/usage', { as: key })).body as { projects: object };
    expect(use).toEqual({ used: 300, max: 300 });
    expect(await projects('limit=1000')).toHaveLength(300);
  });

  test('of the same names at once makes each project once', async () => {
    const table = `name\n${Array.from({ length: 100 }, (_, row) => `n${row}`).join('\n')}`;
    const answers = await Promise.all([1, 2, 3].map(() => send(table)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, text } of answers) expect([200, 400, 409], text).toContain(status);
    expect(await projects('limit=1000')).toHaveLength(100);
  });

  test.each<[string, string | Uint8Array, Record<string, string | string[]>, string]>([
    ['a field that there is not', 'name\na', { map: 'colour:name' }, 'map'],
    ['a map without a column', 'name\na', { map: 'name' }, 'map'],
    ['a column that is not there', 'name\na', { map: 'team_size:people' }, 'map'],
    ['a column for two fields', 'name,b\na,1', { map: ['team_size:b', 'complexity_score:b'] }, 'map'],
    ['no column of names', 'title\na', {}, 'map'],
    ['an unknown unit', 'name\na', { unit: 'duration_days:moons' }, 'unit'],
    ['a unit of a text', 'name\na', { unit: 'name:days' }, 'unit'],
    ['a format of no days', 'name\na', { date_format: 'MM.YYYY' }, 'date_format'],
    ['a format that is a pattern', 'name\na', { date_format: 'YYYY.*MM(DD' }, 'date_format'],
    ['a column that is there twice', 'name,name\na,b', {}, 'body'],
    ['a quote without an end', 'name\n"a', {}, 'body'],
    ['bytes that are no UTF-8', new Uint8Array([0x6e, 0xff, 0x0a]), {}, 'body'],
    ['no header', '', {}, 'body'],
    [
      'too many columns',
      `name,${Array.from({ length: 1_000 }, (_, at) => `c${at}`)}\na${','.repeat(1_000)}`,
      {},
      'body',
    ],
  ])('is refused for %s', async (_what, body, query, field) => {
    expect((await send(body, query)).body).toMatchObject({ status: 400, field });
    expect(await projects()).toEqual([]);
  });

  test('takes finished projects whose end is told by their length', async () => {
    // The head of Kitchenham's set (zenodo.org/records/268457, CC BY 4.0).
    const csv = [
      'project,client_code,project_type,start_date,estimated_completion_date,afp,first_estimate_method,duration_days,effort_hours',
      '1,1,A,1996-12-10,1997-04-15,101.65,EO,107,485',
      '2,1,D,1997-06-16,1997-08-19,57.12,A,144,990',
    ].join('\n');
    await imported(csv, { map: ['name:project', 'problem_class:project_type'] });
    expect(await projects('state=finished&order_by=start_date&order=asc')).toMatchObject([
      {
        ...{ name: '1', problem_class: 'A', start_date: '1996-12-10', completion_date: '1997-03-27' },
        metadata: { client_code: 1, estimated_completion_date: '1997-04-15', afp: 101.65, effort_hours: 485 },
      },
      { name: '2', completion_date: '1997-11-07', metadata: { first_estimate_method: 'A' } },
    ]);
  });
});
