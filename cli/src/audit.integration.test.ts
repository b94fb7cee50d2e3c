import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../../server/src/db/roles.ts';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

interface Event {
  seq: number;
  action: string;
  outcome: string;
  target: string;
  actor: { kind: string; id: string };
}

let line: CommandLine;
let run: CommandLine['run'];
let admin: Person;
let viewer: Person;
let directory: string;

beforeAll(async () => {
  line = await startCommandLine();
  run = line.run;
  admin = await line.people.member('tenant_admin');
  viewer = await line.people.member('viewer');
  directory = await mkdtemp(join(tmpdir(), 'maestro-audit-'));
});
afterAll(async () => {
  await line?.stop();
  await rm(directory, { recursive: true, force: true });
});

const inA = ['--tenant', 'tenant-a'];
const asAdmin = (...words: string[]) => run([...words, ...inA], line.as(admin.as));

describe('audit', () => {
  test('list and search show who did what, the newest first', async () => {
    const { id } = json<{ id: string }>(await asAdmin('key', 'create', '--name', 'seen', '--json'));
    await run(['role', 'list', ...inA], line.as(viewer.as));
    const latest = json<Event[]>(await asAdmin('audit', 'list', '--limit', '2', '--json'));
    expect(latest).toHaveLength(2);
    expect(latest[0]?.seq).toBeGreaterThan(latest[1]?.seq ?? 0);
    const found = json<Event[]>(await asAdmin('audit', 'search', '--action', 'key.create', '--target', id, '--json'));
    expect(found).toMatchObject([{ action: 'key.create', outcome: 'success', actor: { kind: 'user', id: admin.id } }]);
    const refused = said(await asAdmin('audit', 'search', '--outcome', 'refused', '--actor', viewer.id));
    expect(refused).toMatch(new RegExp(`refused +role\\.list .*user ${viewer.id}`));
    const [day] = new Date().toISOString().split('T');
    expect(said(await asAdmin('audit', 'search', '--until', '2020-01-01'))).toBe('Nothing is recorded.\n');
    expect(json<Event[]>(await asAdmin('audit', 'search', '--since', day ?? '', '--json')).length).toBeGreaterThan(2);
  });

  test('a list that ends at its default says that there are more', async () => {
    const ask = () => line.maestro.send('GET', '/api/v1/roles', { as: viewer.as });
    for (let asked = 0; asked < 101; asked += 1) expect((await ask()).status).toBe(403);
    const refused = ['audit', 'search', '--outcome', 'refused', '--actor', viewer.id, '--json'];
    const { code, stdout, stderr } = await asAdmin(...refused);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(100);
    expect(stderr).toMatch(/^There are more: these are the newest 100\b.*audit export\.\n$/);
    expect(json<Event[]>(await asAdmin(...refused, '--limit', '100'))).toHaveLength(100);
    expect(json<Event[]>(await asAdmin(...refused, '--limit', '1000')).length).toBeGreaterThan(100);
  });

  test('the operators’ log is read with the operator key, a tenant’s is not', async () => {
    const slug = `t-${randomUUID().slice(0, 8)}`;
    const tenant = json<{ id: string }>(await run(['tenant', 'create', slug, '--json']));
    const search = ['audit', 'search', '--operators', '--action', 'tenant.create', '--target', tenant.id, '--json'];
    expect(json<Event[]>(await run(search))).toHaveLength(1);
    expectFailure(await run(['audit', 'list', ...inA]), 1, /gives no right inside a tenant/);
    expectFailure(await run(['audit', 'list']), 2, /either --tenant, or --operators/);
    expectFailure(await run(['audit', 'list', '--operators'], line.as(admin.as)), 1, /Only an operator/);
    expectFailure(await run(['audit', 'list', ...inA], line.as(viewer.as)), 1, /does not include audit:read/);
    expectFailure(await asAdmin('audit', 'search', '--since', 'yesterday'), 2, /2026-01-31/);
  });

  test('export writes all rows, as JSON Lines or CSV, to standard output or to a file of the user’s alone', async () => {
    const rows = said(await asAdmin('audit', 'export'))
      .trimEnd()
      .split('\n');
    const events = rows.map((row) => JSON.parse(row) as Event);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    const csv = said(await asAdmin('audit', 'export', '--format', 'csv', '--action', 'key.create'));
    expect(csv).toMatch(/^seq,/);
    expect(csv).toContain('key.create');
    const path = join(directory, 'audit.jsonl');
    expect(said(await asAdmin('audit', 'export', '--output', path))).toBe('');
    const written = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(written.length).toBeGreaterThanOrEqual(rows.length);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expectFailure(await asAdmin('audit', 'export', '--output', join(directory, 'none', 'x')), 1, /cannot be written/);
    expectFailure(await asAdmin('audit', 'export', '--format', 'xml'), 2, /Allowed choices/);
    expect(await readdir(directory)).toEqual(['audit.jsonl']);
  });

  test('verify says that a log is whole, and ends with 1 where a row was changed', async () => {
    expect(said(await asAdmin('audit', 'verify'))).toMatch(/^The log is whole: \d+ rows\.\nIts end/);
    expect(json(await run(['audit', 'verify', '--operators', '--json']))).toMatchObject({ ok: true });
    await withClient(line.maestro.database.superuser, (client) =>
      client.query("UPDATE maestro.audit_events SET target = 'another' WHERE tenant_id = $1 AND seq = 2", [
        line.maestro.tenants.a.id,
      ]),
    );
    expectFailure(await asAdmin('audit', 'verify'), 1, /does not verify: row 2: /);
    const told = await asAdmin('audit', 'verify', '--json');
    expect(told.code).toBe(1);
    expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, fault: { seq: 2 } });
  });

  test('retention removes nothing of this month, and is for operators', async () => {
    const today = new Date().toISOString().slice(0, 10);
    expectFailure(await run(['audit', 'retention', '--before', today]), 1, /at least 30 days ago/);
    const old = ['audit', 'retention', '--before', '2020-01-01', '--json'];
    expect(json(await run(old))).toMatchObject({ removed: 0 });
    expectFailure(await run(old, line.as(admin.as)), 1, /Only an operator/);
    expectFailure(await run(['audit', 'retention']), 2, /--before/);
  });
});
