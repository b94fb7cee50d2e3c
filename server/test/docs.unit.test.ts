import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clientVariables, type Variable, variables } from '../src/variables.ts';

const project = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(project, path), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'SECURITY.md',
  'compat/README.md',
  'python/README.md',
  'sdk/README.md',
  'docs/clients/credentials-file.md',
  'docs/insight.md',
  'docs/web-performance.md',
  ...readdirSync(join(project, 'docs/adr')).map((name) => `docs/adr/${name}`),
  ...readdirSync(join(project, 'docs/guide')).map((name) => `docs/guide/${name}`),
  ...readdirSync(join(project, 'docs/operate')).map((name) => `docs/operate/${name}`),
  ...readdirSync(join(project, 'docs/security')).map((name) => `docs/security/${name}`),
  ...readdirSync(join(project, 'docs/tutorial')).map((name) => `docs/tutorial/${name}`),
].filter((page) => page.endsWith('.md') && existsSync(join(project, page)));

const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
const documented = new Set([...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name));

/** The code of a page: its fenced blocks and `spans`. */
function codeIn(text: string): { blocks: string[]; spans: string[] } {
  const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;
  const blocks = [...text.matchAll(fence)].map(([, language, block]) => (language === 'python' ? '' : (block ?? '')));
  const spans = [...text.replace(fence, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return { blocks, spans };
}

/** Each command line of the page, without prompts and comments. */
function commandsIn(page: string): string[] {
  const { blocks, spans } = codeIn(read(page));
  const lines = [...blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')), ...spans];
  return lines
    .map((line) =>
      line
        .replace(/^\s*\$ /, '')
        .replace(/\s{2,}#.*$/, '')
        .trim(),
    )
    .map((line) => line.replace(/^([A-Z_]+=\S+ )+/, ''))
    .filter((line) => /^(npm|npx|node) /.test(line));
}

/** What is wrong with a command; undefined where it can be run. */
function faultOf(command: string): string | undefined {
  const [program, first = '', ...rest] = command.split(/\s+/);
  if (program === 'npm') {
    const script = first === 'run' ? rest[0] : first;
    if (['ci', 'install'].includes(first) || (script !== undefined && script in scripts)) return undefined;
    return `package.json has no script ${script}`;
  }
  if (program === 'node') return existsSync(join(project, first)) ? undefined : `there is no ${first}`;
  if (first === 'maestro') return undefined;
  return existsSync(join(project, 'node_modules/.bin', first)) ? undefined : `no package brings ${first}`;
}

/** Paths of the project that a page names, in links and in code. Endpoints begin with a slash, and are none. */
function pathsIn(page: string): string[] {
  const text = read(page);
  const { spans } = codeIn(text);
  const folders = readdirSync(project, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const tops = [...folders.map(({ name }) => name), 'db', 'identity', 'tracking', 'native', 'mlflow', 'files', 'ports'];
  return spans.filter(
    (span) => /^[\w.][\w./-]*$/.test(span) && span.includes('/') && tops.includes(span.split('/')[0] ?? ''),
  );
}

const linksIn = (page: string): string[] =>
  [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/**
 * Whether a path is there: from the project's root, or from the server's source, as ARCHITECTURE.md shortens it. Of the
 * name of a file to be made (`000N_name.sql`), its folder.
 */
function isThere(path: string): boolean {
  const wanted = basename(path).includes('N_name') ? dirname(path) : path;
  return [project, join(project, 'server'), join(project, 'server/src')].some((root) => existsSync(join(root, wanted)));
}

/** Made when Maestro or its tests run, and not part of the tree. */
const madeLater = /^(data|sdk\/dist|\.venv|coverage|node_modules)(\/|$)/;

describe.each(pages)('%s', (page) => {
  test('names only commands that can be run', () => {
    const faults = commandsIn(page).map((command) => [command, faultOf(command)]);
    expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });

  test('names only paths that exist', () => {
    expect(pathsIn(page).filter((path) => !madeLater.test(path) && !isThere(path))).toEqual([]);
  });

  test('links only to what exists', () => {
    const broken = linksIn(page).filter((target) => !existsSync(resolve(project, dirname(page), target)));
    expect(broken).toEqual([]);
  });

  test('names only variables that .env.example explains', () => {
    const named = read(page).match(/\b(MAESTRO_[A-Z_]*[A-Z]|DATABASE_URL|REDIS_URL)\b/g) ?? [];
    expect(named.filter((name) => !documented.has(name))).toEqual([]);
  });
});

test('the pages name what they are about at all', () => {
  const commands = pages.flatMap(commandsIn);
  expect(commands).toEqual(expect.arrayContaining(['npm start', 'npm test', 'npx maestro tenant create acme']));
  expect(pages.flatMap(pathsIn).length).toBeGreaterThan(10);
  expect(pages.flatMap(linksIn).length).toBeGreaterThan(3);
});

/** The words that may follow each command, read from what the shell is given to complete them. */
function commandLine(): Map<string, string[]> {
  const args = [join(project, 'cli/bin/maestro.mjs'), 'completion', 'bash'];
  const script = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const cases = script.matchAll(/^ +'(.*)'\) words='(.*)' ;;$/gm);
  return new Map([...cases].map(([, at = '', words = '']) => [at, words.split(' ')]));
}

test('each command of maestro that a page shows is one, with the options it shows', { timeout: 60_000 }, () => {
  const known = commandLine();
  const shown = new Set(pages.flatMap(commandsIn).filter((command) => /^npx maestro [a-z]/.test(command)));
  for (const line of shown) {
    const words = line.split(/\s+/).slice(2);
    // `login` is a command by itself, and `team incident list` one of a group in a group.
    const depth = words.findIndex((_, index) => !known.has(words.slice(0, index + 1).join(' ')));
    const command = words.slice(0, depth < 0 ? words.length : depth);
    const offered = known.get(command.join(' ')) ?? [];
    expect(command, line).not.toEqual([]);
    if (offered.includes('help')) expect(words[command.length] ?? '--help', line).toMatch(/^--/);
    for (const option of words.filter((word) => word.startsWith('--'))) expect(offered, line).toContain(option);
  }
});

test('the example of the environment explains each variable that Maestro reads, and no other', () => {
  const files = variables
    .filter(({ name, secret }: Variable) => secret && !clientVariables.includes(name))
    .map(({ name }) => `${name}_FILE`);
  expect([...documented].sort()).toEqual([...variables.map(({ name }: Variable) => name), ...files].sort());
});

test('each library comes by its version and a hash of its content, but for builds of other platforms', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { link?: true; optional?: true; version?: string; integrity?: string }>;
  };
  const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  expect(foreign.length).toBeGreaterThan(100);
  const loose = foreign.filter(
    ([, { version = '', integrity, optional }]) =>
      !/^\d+\.\d+\.\d+/.test(version) || !(integrity ?? (optional ? 'sha512-' : '')).startsWith('sha512-'),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});

describe('the table of ASVS 5.0', () => {
  const rows = read('docs/security/asvs.md')
    .split('\n')
    .filter((line) => /^\| V\d/.test(line))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
    .map(([requirement = '', , state = '', because = '']) => ({ requirement, state, because }));

  test('has each requirement once, and says whether it is met, and by what or why not', () => {
    expect(rows.length).toBeGreaterThan(200);
    const names = rows.map(({ requirement }) => requirement);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    const bad = rows.filter(
      ({ state, because }) => !['met', 'not met', 'not applicable'].includes(state) || because === '',
    );
    expect(bad).toEqual([]);
  });

  test('counts right', () => {
    const [, ...said] =
      /^Of (\d+) rows (\d+) are met, (\d+) are not met and (\d+) do not apply/m.exec(read('docs/security/asvs.md')) ??
      [];
    const count = (wanted: string) => rows.filter(({ state }) => state === wanted).length;
    expect(said.map(Number)).toEqual([rows.length, count('met'), count('not met'), count('not applicable')]);
  });

  test('names only tests and files that there are', () => {
    const missing = rows.flatMap(({ requirement, because }) =>
      [...because.matchAll(/`([\w./-]+\/[\w./-]+|[\w-]+\.(?:md|json))`(?: “([^”]+)”)?/g)].flatMap(
        ([whole, path = '', name]) => {
          if (madeLater.test(path)) return [];
          const isFile = existsSync(join(project, path));
          return isFile && (name === undefined || read(path).includes(name)) ? [] : [`${requirement}: ${whole}`];
        },
      ),
    );
    expect(missing).toEqual([]);
  });

  test('claims nothing that it does not show', () => {
    const bare = rows.filter(({ state, because }) => state === 'met' && !because.includes('`'));
    expect(bare.map(({ requirement }) => requirement)).toEqual([]);
  });
});
