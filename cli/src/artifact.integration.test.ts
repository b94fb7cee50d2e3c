import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { libraryPath } from '../../server/src/files/paths.ts';
import { startBackground } from '../../server/src/insight/background.ts';
import { impactJob } from '../../server/src/insight/impact_job.ts';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let engineer: Person;
let directory: string;

beforeAll(async () => {
  line = await startCommandLine();
  engineer = await line.people.member('ml_engineer');
  directory = await mkdtemp(join(tmpdir(), 'maestro-artifact-'));
});
afterAll(async () => {
  await line?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** As an engineer of tenant-a. */
const run = (...words: string[]) => line.run(['artifact', ...words, '--tenant', 'tenant-a'], line.as(engineer.as));

describe('artifact', () => {
  test('create, show, list, deprecate, restore and delete do what they say', async () => {
    const name = `pipeline ${randomUUID()}`;
    const made = json<{ artifact_id: string }>(
      await run('create', name, '--type', 'feature_pipeline', '--tag', 'nlp,text', '--json'),
    );
    expect(said(await run('list'))).toContain(made.artifact_id);
    expect(said(await run('show', name))).toMatch(/^Tags +nlp, text$/m);
    expect(said(await run('deprecate', name, '--reason', 'old'))).toContain('is deprecated');
    expect(said(await run('show', made.artifact_id))).toMatch(/^Active +no: old$/m);
    expect(said(await run('restore', name))).toContain('is active');
    expectFailure(await run('delete', name), 2, /add --yes/);
    expect(json(await run('delete', name, '--yes', '--json'))).toEqual({ artifact_id: made.artifact_id });
    expectFailure(await run('show', name), 1, /not found; maestro artifact search/);
  });

  test('upload and download carry a file there and back, whole or not at all', async () => {
    said(await run('create', 'weights', '--type', 'model_template'));
    const content = Buffer.alloc(3_000_000, 'weights');
    await writeFile(join(directory, 'w.bin'), content);
    const version = json<{ version: string; size: number; file_name: string }>(
      await run('upload', 'weights', join(directory, 'w.bin'), '--new-version', '1.0.0', '--json'),
    );
    expect(version).toMatchObject({ version: '1.0.0', size: content.length, file_name: 'w.bin' });
    const target = join(directory, 'back.bin');
    expect(said(await run('download', 'weights', '--output', target))).toContain('version 1.0.0');
    expect((await readFile(target)).equals(content)).toBe(true);
    const missing = join(directory, 'none.bin');
    expectFailure(await run('download', 'weights', '--of', '9', '--output', missing), 1, /no version '9'/);
    await expect(stat(missing)).rejects.toThrow();
    expectFailure(await run('upload', 'weights', join(directory, 'absent')), 1, /cannot be read/);
    const again = ['upload', 'weights', join(directory, 'w.bin'), '--new-version', '1.0.0'];
    expect(said(await run(...again))).toContain('Uploaded');
  });

  test('a content that is not what its version says is not kept, and it is said which it is', async () => {
    said(await run('create', 'spoilt', '--type', 'schema'));
    const file = join(directory, 'spoilt.json');
    await writeFile(file, '{"columns": 12}');
    const sent = json<{ sha256: string }>(await run('upload', 'spoilt', file, '--json'));
    const { ports, tenants } = line.maestro;
    const [kept] = await ports.db.inTenant(tenants.a.id, (tx) =>
      tx.sql<{ blob_id: string }>(
        'SELECT blob_id FROM maestro.artifact_contents WHERE tenant_id = $1 AND sha256 = $2',
        [tenants.a.id, Buffer.from(sent.sha256, 'hex')],
      ),
    );
    await ports.blobs.write(tenants.a.id, libraryPath(kept!.blob_id), Readable.from([Buffer.from('{"columns": 13}')]));
    const target = join(directory, 'spoilt.back');
    const words = new RegExp(`has the SHA-256 [0-9a-f]{64}, where ${sent.sha256} was expected`);
    expectFailure(await run('download', 'spoilt', '--output', target), 1, words);
    expect((await readdir(directory)).filter((name) => name.startsWith('spoilt.back'))).toEqual([]);
  });

  test('promote, use, search, top and lineage lead from a run’s file to the next project', async () => {
    const source = `source ${randomUUID()}`;
    const { project_id: sourceId } = await line.people.asAdmin<{ project_id: string }>('POST', '/projects', {
      name: source,
    });
    await line.people.asAdmin('PUT', `/projects/${sourceId}/experiments/0`);
    const { run_id: runId } = await line.people.asAdmin<{ run_id: string }>('POST', '/runs', { experiment_id: 0 });
    await line.maestro.send('PUT', `/api/v1/runs/${runId}/files/content?path=features.json`, {
      as: engineer.as,
      body: '{}',
    });
    const from = ['--run', runId, '--path', 'features.json'];
    const promoted = json<{ version: { version: string } }>(
      await run('promote', 'customer embeddings', ...from, '--type', 'schema', '--json'),
    );
    expect(promoted.version.version).toBe('1');
    expect(said(await run('promote', 'customer embeddings', ...from))).toContain('Version 2 of customer embeddings');
    expect(said(await run('search', 'custmer', 'embedings'))).toMatch(/^customer embeddings +schema +2 /m);
    const project = `project ${randomUUID()}`;
    await line.people.asAdmin('POST', '/projects', { name: project });
    for (const _ of [1, 2]) said(await run('use', 'customer embeddings', '--project', project));
    expect(said(await run('top'))).toMatch(/^customer embeddings +schema +2 +1 /m);
    expect(said(await run('lineage', 'customer embeddings'))).toMatch(
      new RegExp(`^2 +${source} +Default +${runId} +${project}$`, 'm'),
    );
    const ofProject = async (name: string) =>
      said(await line.run(['project', 'lineage', name, '--tenant', 'tenant-a'], line.as(engineer.as)));
    expect(await ofProject(source)).toMatch(new RegExp(`^produced +customer embeddings +1 +${runId} `, 'm'));
    expect(await ofProject(project)).toMatch(/^uses +customer embeddings +2 +- /m);
    expectFailure(await run('use', 'customer embeddings', '--project', 'none'), 1, /Project 'none' not found/);
    expectFailure(await run('promote', 'x', '--type', 'schema'), 2, /Give --run/);
  });

  test('show, top and impact tell what an artifact changed, with its interval and the evidence', async () => {
    said(await run('create', 'retry logic', '--type', 'schema'));
    const { artifact_id: id } = json<{ artifact_id: string }>(await run('show', 'retry logic', '--json'));
    await line.people.asAdmin('POST', `/artifacts/${id}/versions`, {});
    expect(said(await run('impact', 'retry logic'))).toMatch(/^No effect is known yet\.\nNo finished project/);
    for (const [at, score] of [50, 81, 52, 83, 51, 82, 49, 80, 53, 84].entries()) {
      const { project_id: project } = await line.people.asAdmin<{ project_id: string }>('POST', '/projects', {
        name: `finished ${at}`,
        success_score: score,
      });
      if (at % 2 === 1) await line.people.asAdmin('POST', `/artifacts/${id}/use`, { project_id: project });
    }
    const background = startBackground({ ports: line.maestro.ports, jobs: [impactJob], debounceMs: 10 });
    try {
      const analytics = () => line.people.asAdmin('GET', `/artifacts/${id}/analytics`);
      await vi.waitFor(async () => expect(await analytics()).toMatchObject({ impact_projects: 5 }), 60_000);
    } finally {
      await background.close();
    }
    const told = said(await run('impact', 'retry logic'));
    expect(told).toMatch(
      /^OUTCOME +EFFECT +80 % INTERVAL +PROJECTS +EVIDENCE\nsuccess \(points\) +\+\d+\.\d +\S+ to \S+ +5 +(?:thin|some)\n/,
    );
    expect(told).not.toMatch(/^duration/m);
    expect(said(await run('show', 'retry logic'))).toMatch(/^Impact +\+\d+\.\d \(\S+ to \S+, n 5, (?:thin|some)\)$/m);
    expect(said(await run('top', '--limit', '1'))).toContain('retry logic');
    expect(said(await run('top', '--by', 'uses', '--limit', '1'))).toContain('retry logic');
    expectFailure(await run('top', '--by', 'luck'), 1, /by: expected/);
    expectFailure(await run('impact', 'nothing'), 1, /not found; maestro artifact search/);
  }, 120_000);

  test('a viewer is refused in the server’s words', async () => {
    const viewer = await line.people.member('viewer');
    const words = ['artifact', 'create', 'x', '--type', 'schema', '--tenant', 'tenant-a'];
    expectFailure(await line.run(words, line.as(viewer.as)), 1, /does not include artifact:write/);
  });
});
