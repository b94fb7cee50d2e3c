#!/usr/bin/env node
// Plain JavaScript that an older Node understands too: the command line itself needs Node 24.5, which the project brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, '..', 'src', 'main.ts');

function projectsNode() {
  for (let directory = here; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', 'node', 'bin', 'node');
    if (existsSync(candidate)) return candidate;
    if (directory === dirname(directory)) return undefined;
  }
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 5)) {
  const { run } = await import(main);
  process.exitCode = await run(process.argv.slice(2));
} else {
  const node = projectsNode();
  if (node === undefined) {
    process.stderr.write(
      `maestro: needs Node 24.5, and this is ${process.version}; run npm install in the clone, which brings it.\n`,
    );
    process.exitCode = 1;
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      process.stderr.write(`maestro: ${node} cannot be run (${error.code}).\n`);
      process.exitCode = 1;
    });
    child.on('exit', (code) => {
      process.exitCode = code ?? 1;
    });
  }
}
