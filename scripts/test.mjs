// npm test: sets up what the tests need, runs every category but the slow ones, and ends with a plain count.
// Plain JavaScript for Node 20 or newer: it runs before there is a Node 24 in node_modules.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const env = {
  ...process.env,
  // The project's own Node comes first, for whatever the tests start by name.
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  // Each file has a process of its own, which loads the same modules: to compile them was a tenth of all time.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
};
const node = join(root, 'node_modules', 'node', 'bin', 'node');

/** Runs a program of the project; ends the tests where it fails. */
function run(args) {
  const { status } = spawnSync(node, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status || 1);
}

run(['scripts/debian_packages.mjs']);
run(['scripts/python_env.mjs']);
run(['scripts/web.mjs']);

const folder = mkdtempSync(join(tmpdir(), 'maestro-test-'));
const report = join(folder, 'report.json');
const projects = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['unit', 'integration', 'e2e', 'budgets'];
const { status } = spawnSync(
  node,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  { cwd: root, env, stdio: 'inherit' },
);

let counts;
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  console.error('The tests left no report.');
  process.exit(status || 1);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const skipped = counts.numPendingTests + counts.numTodoTests;
// A file that fails outside its tests (loading, beforeAll, afterAll) fails none of them, and must count all the same.
const brokenFiles = counts.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
// Vitest also fails for errors that no file caught; where a signal ended it, there is no status.
const failed = Math.max(counts.numFailedTests + brokenFiles.length, status === 0 ? 0 : 1);
console.log(`${counts.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || counts.numPassedTests === 0 ? status || 1 : 0);
