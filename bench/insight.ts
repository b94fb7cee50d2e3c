// npm run bench:insight: what Maestro learns from two public sets of finished projects, beside other models on the same folds.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import {
  crossValidate,
  drawFolds,
  estimatedRows,
  type Fold,
  type Method,
  meanScores,
  type Scores,
  scoreHuman,
  scoresOf,
} from '@maestro/insight/evaluate';
import { type History, historyOf } from '@maestro/insight/history';
import { estimateOthers, type OutOfFold } from '@maestro/insight/learning';
import { scoreIntervals } from '@maestro/insight/scores';
import { venvPath } from '../compat/replay/genuine.ts';
import { type Bar, guessMedian, readTasks, sizeOnly, type Task } from './insight_tasks.ts';
import { predictionMs, trainingMs } from './insight_times.ts';

const usage = `Usage: npm run bench:insight -- [options]
  --repeats <n>      how often each set is divided into 10 folds (default 10)
  --seed <n>         which divisions (default 1)
  --only <text>      tasks whose title has this text
  --maestro-only     without scikit-learn: the published table's figures only
  --quick            2 repeats`;

const options = {
  repeats: { type: 'string' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string', default: '' },
  'maestro-only': { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
const foldCount = 10;

const maestro: Method = (history, rows, seed) => estimateOthers(history, rows, seed).estimates;

/** What scikit-learn's models say of each task, by model, repeat and row. */
type Others = Record<string, [value: number, low: number | null, high: number | null][][]>;

async function askPython(
  tasks: readonly Task[],
  repeats: readonly (readonly Fold[])[][],
): Promise<Others[] | undefined> {
  const python = path.join(venvPath(), 'bin', 'python');
  if (!existsSync(python)) return undefined;
  const child = spawn(python, [path.join(import.meta.dirname, 'insight_models.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const given = tasks.map(({ history: { features, rows, outcomes, scale } }, at) => ({
    kinds: features.map(({ kind }) => kind),
    rows,
    outcomes,
    scale,
    repeats: repeats[at],
  }));
  child.stdin.end(JSON.stringify({ tasks: given }));
  return ((await json(child.stdout)) as { tasks: Others[] }).tasks;
}

const share = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value) ? '' : (100 * value).toFixed(1);
const figure = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits);

type Line = readonly (string | number)[];

function printTable(headings: Line, lines: readonly Line[]): void {
  const cells = [headings, headings.map(() => '---'), ...lines];
  for (const row of cells) console.log(`| ${row.join(' | ')} |`);
  console.log();
}

const headingsOf = ({ history }: Task): Line =>
  history.scale === 'success'
    ? ['model', 'Brier', 'AUC', 'calibration error', 'mean width']
    : ['model', 'SA %', 'MdMRE %', 'Pred(25) %', 'coverage %', 'mean width / median'];

function lineOf(name: string, scores: Partial<Record<string, number | null>>): Line {
  if ('brier' in scores) {
    const { brier, auc, calibration_error, mean_width } = scores;
    return [name, figure(brier, 3), figure(auc, 2), figure(calibration_error, 3), figure(mean_width, 2)];
  }
  const { sa, md_mre, pred_25, coverage, relative_width } = scores;
  const isInterval = relative_width !== undefined && !Number.isNaN(relative_width);
  return [name, share(sa), share(md_mre), share(pred_25), isInterval ? share(coverage) : '', figure(relative_width, 2)];
}

function barLines({ model, interval, ...scores }: Bar): Line[] {
  const best = lineOf(`published: best, ${model}`, scores);
  if (!interval) return [best];
  const { coverage, relative_width } = interval;
  return [best, lineOf(`published: best interval, ${interval.model}`, { coverage, relative_width })];
}

const scored = (history: History, repeats: readonly (readonly OutOfFold[])[]): Scores =>
  meanScores(repeats.map((estimates) => scoresOf(history, estimates)));

/** The scores on the projects that a human estimated, as only there the two can be compared; undefined where these are all. */
function whereEstimated(history: History, repeats: readonly (readonly OutOfFold[])[]): Scores | undefined {
  const given = estimatedRows(history);
  if (given.length === 0 || given.length === history.rows.length) return undefined;
  return scored(
    historyOf(history, given),
    repeats.map((estimates) => given.map((at) => estimates[at] as OutOfFold)),
  );
}

function othersOf(history: History, others: Others | undefined): Line[] {
  return Object.entries(others ?? {}).map(([name, repeats]) => {
    const estimates = repeats.map((rows) =>
      rows.map(([value, low, high]) => ({ value, low: low ?? Number.NaN, high: high ?? Number.NaN })),
    );
    return lineOf(name, { ...scored(history, estimates) });
  });
}

/** The share of outcomes that intervals hold, and their width, where only so many projects are finished. */
function withFew({ history }: Task, count: number, draws: number, seed: number): Line {
  const found = Array.from({ length: draws }, (_, draw) => {
    const [known = []] = drawFolds(history.rows.length, Math.floor(history.rows.length / count), seed + draw);
    const few = known.slice(0, count);
    const rest = history.rows.map((_, row) => row).filter((row) => !few.includes(row));
    const { rows, outcomes } = historyOf(history, rest);
    return scoreIntervals(outcomes, maestro(historyOf(history, few), rows, seed + draw));
  });
  const { coverage, relative_width } = meanScores(found);
  return [share(coverage), figure(relative_width, 2)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(usage);
  const repeats = Number(values.repeats ?? (values.quick ? 2 : 10));
  const seed = Number(values.seed);
  if (!Number.isInteger(repeats) || repeats < 1) throw new Error(`--repeats: expected a number, got ${values.repeats}`);
  if (!Number.isInteger(seed)) throw new Error(`--seed: expected a whole number, got ${values.seed}`);
  const tasks = readTasks().filter(({ title }) => title.includes(values.only));
  const drawn = tasks.map(({ history }) =>
    Array.from({ length: repeats }, (_, repeat) => drawFolds(history.rows.length, foldCount, seed + repeat)),
  );
  const asked = values['maestro-only'] ? undefined : askPython(tasks, drawn);
  const figures = tasks.map(({ title, history, size }, at) => {
    const estimatesBy = (method: Method) =>
      (drawn[at] as Fold[][]).map((folds, repeat) => crossValidate(history, folds, seed + repeat, method));
    const by = (method: Method) => scored(history, estimatesBy(method));
    console.error(`${title} …`);
    const ours = estimatesBy(maestro);
    return {
      ours: scored(history, ours),
      besideHuman: whereEstimated(history, ours),
      simple: { median: by(guessMedian), ...(size ? { 'size-only log-log': by(sizeOnly(size)) } : {}) },
    };
  });
  const others = await asked;
  console.log(`${repeats} repeats of ${foldCount} folds, seed ${seed}; 80 % intervals\n`);
  for (const [at, task] of tasks.entries()) {
    const { ours, besideHuman, simple } = figures[at] as (typeof figures)[number];
    const human = scoreHuman(task.history);
    console.log(`### ${task.title}\n`);
    printTable(headingsOf(task), [
      lineOf('**Maestro**', { ...ours }),
      ...(human ? [lineOf('the human alone', { ...human })] : []),
      ...(besideHuman ? [lineOf('**Maestro**, where a human estimated', { ...besideHuman })] : []),
      ...(task.history.scale === 'success'
        ? []
        : Object.entries(simple).map(([name, scores]) => lineOf(name, { ...scores }))),
      ...othersOf(task.history, others?.[at]),
      ...barLines(task.bar),
    ]);
  }
  console.log('### With 20 finished projects\n');
  const amounts = tasks.filter(({ history }) => history.scale === 'amount');
  printTable(
    ['task', 'coverage %', 'mean width / median'],
    amounts.map((task) => [task.title, ...withFew(task, 20, 10 * repeats, seed)]),
  );
  console.log('### Time\n');
  printTable(
    ['what', 'ms'],
    [
      ['learning from 500 projects with 15 features', trainingMs().toFixed(0)],
      ['a prediction by them', predictionMs().toFixed(2)],
    ],
  );
}

await main();
