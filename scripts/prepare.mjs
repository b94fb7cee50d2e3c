// Installs the packages when they are missing or older than package-lock.json, and otherwise only looks.
// Plain JavaScript for Node 20 or newer: it runs before there is a Node 24 in node_modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const stamp = join(root, 'node_modules', '.maestro-installed');
const node = join(root, 'node_modules', 'node', 'bin', 'node');

const lock = createHash('sha256').update(readFileSync(lockFile)).digest('hex');

function isUpToDate() {
  if (!existsSync(installed) || !existsSync(node)) return false;
  if (existsSync(stamp)) {
    const [stampedLock, stampedInstall] = readFileSync(stamp, 'utf8').split(' ');
    // npm rewrites its own record with every install: a stamp about another install says nothing.
    if (stampedInstall === String(statSync(installed).mtimeMs)) return stampedLock === lock;
  }
  return statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Maestro needs Node 20 or newer to start; this is ${process.version}.`);
  process.exit(1);
}
if (!isUpToDate()) {
  console.error('Installing packages …');
  const npm = process.env.npm_execpath;
  const [file, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { status, error } = spawnSync(file, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // Without npm's warnings that packages want a newer Node: they get the one that is being installed.
    // npm's own standard output is not this script's: others read that of `npm run … --json`.
    stdio: ['inherit', 2, 2],
  });
  if (status !== 0 || !existsSync(node)) {
    console.error(`Installing packages failed${error ? ` (${error.message})` : ''}; try: npm ci`);
    process.exit(status || 1);
  }
}
const stampText = `${lock} ${statSync(installed).mtimeMs}`;
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== stampText) writeFileSync(stamp, stampText);
