import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withClient } from '../../server/src/db/roles.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';
import type { Manifest } from './tenant_export.ts';

let line: CommandLine;
let directory: string;
beforeAll(async () => {
  line = await startCommandLine();
  const { a, b } = line.maestro.tenants;
  await line.maestro.ports.blobs.write(a.id, '0/run/artifacts/model.txt', Readable.from(['weights']));
  await line.maestro.ports.blobs.write(b.id, '0/run/artifacts/theirs.txt', Readable.from(['of another']));
  // 1.2 million points.
  await withClient(line.maestro.database.superuser, (client) =>
    client.query(
      `INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
                                          points, timestamps, steps, values)
       SELECT $1, gen_random_uuid(), 'loss', 1, 4096, 1, 4096, 4096, s.n, s.n, s.v FROM generate_series(1, 300),
         (SELECT array_agg(n::bigint) AS n, array_agg(n / 7.0::double precision) AS v FROM generate_series(1, 4096) n) s`,
      [a.id],
    ),
  );
});
afterAll(() => line?.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-tenant-'));
  return () => rm(directory, { recursive: true, force: true });
});

const words = () => ['tenant', 'export', 'tenant-a', '--out', directory];
const written = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the export of a tenant', () => {
  test('has every row and file of it and no other tenant’s, with counts and hashes, and no secret', async () => {
    const manifest = json<Manifest>(await line.run([...words(), '--json']));
    expect(manifest).toMatchObject({ tenant: 'tenant-a', complete: true, files: { count: 1, bytes: 7, missing: 0 } });
    const { rows } = await withClient(line.maestro.database.superuser, (client) =>
      client.query<{ name: string }>("SELECT tablename AS name FROM pg_policies WHERE policyname = 'own_tenant'"),
    );
    expect(Object.keys(manifest.parts).sort()).toEqual(
      ['files', 'memberships', 'tenants', ...rows.map(({ name }) => name)].sort(),
    );
    let all = '';
    for (const [part, { rows: count, sha256: hash }] of Object.entries(manifest.parts)) {
      const text = await written(`${part}.jsonl`);
      expect([part, sha256(text), text.split('\n').length - 1]).toEqual([part, hash, count]);
      all += text;
    }
    expect(manifest.parts.metric_chunks?.rows).toBe(300);
    expect(JSON.parse((await written('metric_chunks.jsonl')).split('\n')[0] ?? '').values).toHaveLength(4096);
    expect(await written('files/0/run/artifacts/model.txt')).toBe('weights');
    expect(await written('files.sha256')).toBe(`${sha256('weights')}  files/0/run/artifacts/model.txt\n`);
    expect(all).not.toContain('secret_hash');
    expect(all).not.toContain(line.maestro.tenants.b.id);
    expect((await stat(join(directory, 'tenants.jsonl'))).mode & 0o777).toBe(0o600);
  });

  test('goes on where it broke off, and brings nothing again that is there', async () => {
    const first = json<Manifest>(await line.run([...words(), '--json']));
    // As a run that ended while it wrote the tags leaves it.
    const { tags: _, ...parts } = first.parts;
    await writeFile(join(directory, 'manifest.json'), JSON.stringify({ ...first, parts, complete: false }));
    await writeFile(join(directory, 'tags.jsonl.part'), '{"half');
    await rm(join(directory, 'files/0/run/artifacts/model.txt'));
    const again = json<Manifest>(await line.run([...words(), '--json']));
    expect(again).toMatchObject({ complete: true, files: { count: 1 } });
    const { tags, ...others } = again.parts;
    expect(others).toEqual(parts);
    expect(tags?.exported_at).not.toBe(first.parts.tags?.exported_at);
    expect(await written('files/0/run/artifacts/model.txt')).toBe('weights');
    expectFailure(await line.run(['tenant', 'export', 'tenant-b', '--out', directory]), 1, /holds an export of tenant/);
  });

  test('is taken by an administrator who signed in, by no key and by no one weaker, and stands in the audit', async () => {
    const admin = await line.people.member('tenant_admin');
    expect(said(await line.run(words(), line.as(admin.as)))).toMatch(/^experiments: \d+ rows$/m);
    const { tenant_admin } = line.maestro.tenants.a.keys;
    const elsewhere = ['tenant', 'export', 'tenant-a', '--out', join(directory, 'other')];
    expectFailure(await line.run(elsewhere, line.as(tenant_admin)), 1, /a key may not/);
    const engineer = await line.people.member('ml_engineer');
    expectFailure(await line.run(elsewhere, line.as(engineer.as)), 1, /tenant:write/);
    const path = `/audit?action=tenant.export&actor=${admin.id}&target=experiments`;
    expect(await line.people.asAdmin<{ items: unknown[] }>('GET', path)).toMatchObject({
      items: [{ outcome: 'success', target: 'experiments' }],
    });
  });
});
