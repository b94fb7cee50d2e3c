#!/usr/bin/env node
// Plain JavaScript that an older Node understands too: the command line itself needs Node 24.5, which the project brings.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
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

/**
 * What Node made of the sources is kept for the next command, which starts in half the time (90 ms for 230 ms of a core).
 * The folder is the caller's own: in a shared one, as where the command runs may be, somebody else could leave code. Without
 * one it is done without.
 */
function keepCompiled() {
  const given = process.env.XDG_CACHE_HOME ?? '';
  try {
    // Throws where the caller has no entry among the machine's users, as in many containers.
    const caches = isAbsolute(given) ? given : join(homedir(), '.cache');
    if (!isAbsolute(caches)) return;
    const directory = join(caches, 'maestro', 'compiled');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    module.enableCompileCache(directory);
  } catch {
    return;
  }
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 5)) {
  keepCompiled();
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
