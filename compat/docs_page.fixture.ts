import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { startMaestro } from '../server/test/maestro.ts';
import { venvPath } from './replay/genuine.ts';

const project = path.join(import.meta.dirname, '..');

/** Code of a page that is run, and what the page says that it prints. */
export interface Step {
  /** Of the page, from 1 on. */
  readonly line: number;
  readonly language: 'sh' | 'python';
  readonly code: string;
  readonly says: string | undefined;
}

/**
 * The blocks of a page marked `sh` or `python`, in their order; a block marked `text` behind one is what that prints. Others
 * are not run.
 */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  let last: Step | undefined;
  for (const { index, 1: language = '', 2: code = '' } of page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (language === 'text' && last) steps[steps.indexOf(last)] = { ...last, says: code };
    last = undefined;
    if (language !== 'sh' && language !== 'python') continue;
    last = { line: page.slice(0, index).split('\n').length, language, code, says: undefined };
    steps.push(last);
  }
  return steps;
}

/**
 * What is printed as a page says: `…` stands for anything within a line, or alone for any lines; columns may be wider or
 * narrower.
 */
export function likeShown(shown: string): RegExp {
  const lines = shown
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.trim() === '…') return '(?:.*\\n)*?';
      const pieces = line.trimEnd().split('…');
      const exact = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, ' +'));
      return `${exact.join('.*?')} *\\n`;
    });
  return new RegExp(`^${lines.join('')}$`);
}

/** A Maestro started for the first time in a folder that holds of a clone what pages use: `npx maestro`, and the docs. */
export interface Desk {
  readonly folder: string;
  /** What whoever works there has in the environment. */
  readonly environment: Record<string, string>;
  /** Runs a page's steps in their order. */
  play(page: string): Promise<void>;
  stop(): Promise<void>;
}

/** The Maestro's first start prints what is pasted into `environment`; `more` is added. */
export async function startDesk(more: Record<string, string> = {}): Promise<Desk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'maestro-docs-'));
  const home = path.join(folder, 'home');
  await mkdir(home);
  for (const name of ['node_modules', 'docs']) await symlink(path.join(project, name), path.join(folder, name));
  const maestro = startMaestro({}, folder);
  const stop = async () => {
    await maestro.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    const port = new URL(await maestro.ready).port;
    const printed = [...maestro.stdout().matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]);
    expect(printed).toHaveLength(2);
    const environment = {
      PATH: `${path.join(venvPath(), 'bin')}:${process.env.PATH}`,
      HOME: home,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
      // npx would tell of a newer npm, where it hears of one in time.
      npm_config_update_notifier: 'false',
      ...Object.fromEntries(printed),
      ...more,
    };
    expect(environment.MLFLOW_TRACKING_URI).toBe(`http://localhost:${port}`);
    return { folder, environment, play: (page) => play(page, folder, environment), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function play(page: string, folder: string, environment: Record<string, string>): Promise<void> {
  const steps = stepsOf(await readFile(path.join(project, page), 'utf8'));
  expect(steps.length, page).toBeGreaterThan(0);
  const shell = shellIn(folder, environment);
  let notebook: Notebook | undefined;
  try {
    for (const { line, language, code, says } of steps) {
      const place = `${page}:${line}`;
      if (language === 'python') notebook ??= openNotebook(folder, environment);
      const { output, code: exit } = language === 'sh' ? await shell(code) : await (notebook as Notebook).run(code);
      // A failure that a page shows is meant.
      const fails = says !== undefined && /^maestro: .+\n$/m.test(says.split('\n').slice(-2).join('\n'));
      expect(exit !== 0, `${place}\n${output}`).toBe(fails);
      if (says !== undefined) expect(output, place).toMatch(likeShown(says));
    }
  } finally {
    notebook?.close();
  }
}

interface Ran {
  readonly output: string;
  readonly code: number | null;
}

/** Runs blocks as one terminal would: what one exports, those after it have. A block ends at its first failure. */
function shellIn(folder: string, environment: Record<string, string>): (block: string) => Promise<Ran> {
  const exported = path.join(folder, 'home', '.exported');
  return async (block) => {
    const script = path.join(folder, 'home', '.block');
    await writeFile(script, `[ ! -f ${exported} ] || . ${exported}\ntrap 'export -p > ${exported}' EXIT\n${block}`);
    const child = spawn('bash', ['-c', `exec bash -euo pipefail ${script} 2>&1`], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { output: await text(child.stdout), code: await ended };
  };
}

interface Notebook {
  run(block: string): Promise<Ran>;
  close(): void;
}

/** Runs each line of its input, a JSON string, and answers with what it printed, until one fails. */
const cells = `
import contextlib, io, json, sys
answers, names = sys.stdout, {"__name__": "__main__"}
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(json.loads(line), "cell", "exec"), names)
    print(json.dumps(said.getvalue()), file=answers, flush=True)
`;

/** Runs blocks as the cells of one notebook, with what the terminal exported before it was opened. */
function openNotebook(folder: string, environment: Record<string, string>): Notebook {
  const open = '[ ! -f "$HOME/.exported" ] || . "$HOME/.exported"; exec python -c "$0"';
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn('bash', ['-c', open, cells], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece;
  });
  const ended = new Promise<Ran>((resolve) =>
    child.once('close', (code) => resolve({ output: errors, code: code ?? 1 })),
  );
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(block) {
      child.stdin.write(`${JSON.stringify(block)}\n`);
      const { value, done } = await answers.next();
      return done ? ended : { output: JSON.parse(value), code: 0 };
    },
    close: () => child.stdin.end(),
  };
}
