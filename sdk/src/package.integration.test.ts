import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../server/test/app.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const npm = join(process.execPath, '..');
let app: TestApp;
let folder: string;

/** The published form, packed by npm and installed beside a program as npm does it. */
beforeAll(async () => {
  app = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'maestro-package-'));
  const built = join(folder, 'built');
  await run(process.execPath, [join(root, 'scripts/sdk_package.ts'), built]);
  const env = {
    ...process.env,
    PATH: `${process.env.PATH}${delimiter}${npm}`,
    npm_config_cache: join(folder, 'cache'),
  };
  await run('npm', ['pack', '--pack-destination', folder], { cwd: built, env });
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
  const installed = join(folder, 'node_modules/@maestro/sdk');
  await mkdir(installed, { recursive: true });
  await run('tar', ['--extract', '--file', join(folder, packed), '--strip-components=1', '--directory', installed]);
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers', '@types', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
}, 120_000);
afterAll(async () => {
  await app?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The Node of this machine, which may be as old as 20, and that of the project, as it is without types. */
function nodes(): string[][] {
  const ours = [process.execPath, '--no-experimental-strip-types'];
  const places = (process.env.PATH ?? '').split(delimiter).filter((place) => !place.includes('node_modules'));
  const theirs = places.map((place) => join(place, 'node')).find((file) => existsSync(file));
  return theirs === undefined ? [ours] : [ours, [theirs]];
}

test('the examples of the guide print what the guide says, by plain Node without TypeScript', async () => {
  const page = await readFile(join(root, 'docs/guide/sdk.md'), 'utf8');
  const examples = [...page.matchAll(/```js\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/g)];
  expect(examples).toHaveLength(2);
  // Each in a tenant of its own: the examples make things by names, and what is learned is of a tenant.
  const tenants = [app.tenants.a, app.tenants.b];
  for (const [index, [node = '', ...flags]] of nodes().entries()) {
    const env = { MAESTRO_URL: app.url, MAESTRO_TOKEN: tenants[index]?.keys.ml_engineer };
    for (const [, code = '', said] of examples) {
      await writeFile(join(folder, 'example.js'), code);
      const { stdout, stderr } = await run(node, [...flags, 'example.js'], { cwd: folder, env });
      expect({ stdout, stderr }).toEqual({ stdout: said, stderr: '' });
    }
  }
});

test('its types hold for a program that takes it from node_modules', async () => {
  const program = `
    import { createMaestro } from '@maestro/sdk';
    const maestro = createMaestro({ url: 'http://localhost:8080', credentials: { signIn: true } });
    for await (const run of maestro.pages('/runs', { params: { query: { experiment_ids: [0] } } })) {
      const name: string = run.name;
      // @ts-expect-error There is no such field.
      console.log(name, run.nothing);
    }
    // @ts-expect-error There is no such path.
    await maestro.GET('/nothing');
    const { predicted_cost, ...rest } = await maestro.predict({ team_size: 3 });
    const cost: number | null = predicted_cost;
    // @ts-expect-error There is no such field.
    console.log(cost, rest.nothing);
  `;
  await writeFile(join(folder, 'program.ts'), program);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const checked = run(process.execPath, [tsc, ...flags, 'program.ts'], { cwd: folder });
  expect((await checked.catch((error: { stdout: string }) => error)).stdout).toBe('');
});
