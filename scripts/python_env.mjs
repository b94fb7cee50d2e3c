// Makes the Python environment of compat/ (the genuine mlflow, pytest, schemathesis) when it is not there or
// out of date:
//
//     node scripts/python_env.mjs [directory]     default: .venv in the project
//
// Plain JavaScript for Node 20 or newer, since it may run before the project's own Node is installed. Where packages
// come from is pip's own configuration.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const requirements = path.join(project, 'compat', 'requirements.txt');
const oldestMinor = 11;

/** Runs a program, showing what it prints; the exit status, or 127 when there is no such program. */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** What a program prints; empty when it fails or is not there. */
function output(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
    });
    child.on('error', () => resolve(''));
    child.on('close', (code) => resolve(code === 0 ? text.trim() : ''));
  });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** The first Python that is new enough for the pinned packages. */
async function findPython() {
  const seen = [];
  for (const program of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const version = await output(program, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const [major, minor] = version.split('.').map(Number);
    if (major === 3 && minor >= oldestMinor) return program;
    if (version !== '') seen.push(`${program} is ${version}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : '';
  return fail(`Python 3.${oldestMinor} or newer is needed for the tests with the genuine mlflow client${found}.`);
}

async function makeVenv(python, directory) {
  if ((await run(python, ['-m', 'venv', '--clear', directory])) === 0) return;
  // Debian and Ubuntu keep venv's pip in a package of its own.
  if (process.getuid?.() === 0 && (await output('apt-get', ['--version'])) !== '') {
    console.log('Installing python3-venv …');
    await run('apt-get', ['update', '-qq']);
    const installed = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-venv']);
    if (installed === 0 && (await run(python, ['-m', 'venv', '--clear', directory])) === 0) return;
  }
  rmSync(directory, { recursive: true, force: true });
  fail(`Python's venv module is missing: install it (on Debian and Ubuntu: apt-get install python3-venv).`);
}

const directory = path.resolve(process.argv[2] ?? path.join(project, '.venv'));
const stampFile = path.join(directory, 'requirements.sha256');
const stamp = createHash('sha256').update(readFileSync(requirements)).digest('hex');

if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log(`${path.relative(process.cwd(), directory) || '.'} is up to date.`);
} else {
  // Making it anew clears it: behind a link that would be somebody else's, in use perhaps.
  if (lstatSync(directory, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(`${directory} is a symbolic link to an environment that is out of date: renew that one, or remove the link.`);
  }
  const started = Date.now();
  console.log(`Making a Python environment in ${directory} (a few minutes, about 1 GB) …`);
  const python = await findPython();
  mkdirSync(path.dirname(directory), { recursive: true });
  await makeVenv(python, directory);
  const pip = path.join(directory, 'bin', 'python');
  const status = await run(pip, [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
    '-r',
    requirements,
  ]);
  if (status !== 0) fail(`pip could not install ${path.relative(project, requirements)} (exit ${status}).`);
  // Last, so that an interrupted installation is begun again.
  writeFileSync(stampFile, stamp);
  console.log(`Python environment ready after ${Math.round((Date.now() - started) / 1000)} s.`);
}
