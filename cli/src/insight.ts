import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Evaluation, evaluate, rowsMin } from '@maestro/insight/evaluate';
import { Fault } from '@maestro/insight/fault';
import { type HistoryMap, readMap } from '@maestro/insight/history_map';
import { readHistories, type TableHistory } from '@maestro/insight/history_table';
import { nominal } from '@maestro/insight/learning';
import { type AmountScores, isTooGood, warnedOfLeakage } from '@maestro/insight/scores';
import { InvalidArgumentError } from 'commander';
import type { CommandGroup, Context } from './context.ts';
import { causeOf, exitCodes, Failure } from './failure.ts';
import { addInsightModel } from './insight_model.ts';
import { wholeNumber } from './options.ts';
import type { Output } from './output.ts';
import { openProgress } from './progress.ts';

interface Options {
  map: string;
  folds: number;
  repeats: number;
  seed: number;
  delimiter: string;
  json?: true;
}

interface Evaluated extends TableHistory {
  readonly evaluation: Evaluation;
}

function countOf(least: number): (text: string) => number {
  const what = `a whole number from ${least} to 1000`;
  return (text) => {
    const count = wholeNumber(what)(text);
    if (count < least || count > 1000) throw new InvalidArgumentError(`expected ${what}.`);
    return count;
  };
}

function delimiterOf(text: string): string {
  if (text.length !== 1 || text === '"' || /\s/.test(text.replace('\t', ''))) {
    throw new InvalidArgumentError('expected one character, such as ;');
  }
  return text;
}

async function textOf(file: string): Promise<string> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new Failure(`${file} cannot be read (${causeOf(error)}).`, exitCodes.usage);
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(content);
  } catch {
    throw new Failure(`${file} is not UTF-8.`);
  }
  const nul = text.indexOf('\0');
  if (nul < 0) return text;
  // UTF-16 without a byte order mark is UTF-8 with a NUL for every other character.
  if (text.split('\0').length > text.length / 4) throw new Failure(`${file} is not UTF-8: it seems to be UTF-16.`);
  const line = text.slice(0, nul).split(/\r\n?|\n/).length;
  throw new Failure(`${file}: line ${line} has a NUL byte (0x00), which belongs to no text.`);
}

/** What `read` makes of a file; what is wrong with it is said with the file's name. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Failure(`${file}: ${error.message}.`);
  }
}

function mapOf(file: string, text: string): HistoryMap {
  return reading(file, () => {
    try {
      return readMap(JSON.parse(text));
    } catch (error) {
      if (error instanceof SyntaxError) throw new Fault(`is no JSON: ${error.message}`);
      throw error;
    }
  });
}

function historiesOf(file: string, text: string, map: HistoryMap, delimiter: string): TableHistory[] {
  const histories = reading(file, () => readHistories(text, map, delimiter));
  for (const { name, column, history, leftOut } of histories) {
    const { length } = history.rows;
    if (length >= rowsMin) continue;
    const first = leftOut[0];
    const why = first ? `; ${leftOut.length} left out, such as line ${first.line}: ${first.reason}` : '';
    throw new Failure(
      `${file}: outcomes: ${name}: expected at least ${rowsMin} rows with a value in '${column}', got ${length}${why}.`,
    );
  }
  return histories;
}

function evaluateAll(
  context: Context,
  file: string,
  histories: readonly TableHistory[],
  options: Options,
): Evaluated[] {
  const rounds = histories.map(({ history }) => Math.min(options.folds, history.rows.length) * options.repeats);
  const total = rounds.reduce((sum, count) => sum + count, 0);
  const progress = openProgress(context, { label: basename(file), total, unit: 'folds' });
  try {
    return histories.map((each) => ({ ...each, evaluation: evaluate(each.history, options, () => progress.add(1)) }));
  } finally {
    progress.done();
  }
}

const warningsOf = ({ history, evaluation: { scores, learners } }: Evaluated): string[] =>
  'mae' in scores && history.estimate === undefined && isTooGood(scores, history.scale, learners)
    ? [warnedOfLeakage]
    : [];

const round = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
const percent = (share: number | null): string | null => (share === null ? null : `${Math.round(share * 1000) / 10} %`);

const jsonOf = (evaluated: Evaluated) => {
  const { name, column, history, lines, ids, leftOut, evaluation } = evaluated;
  const { scores, human, learners, repeats, folds } = evaluation;
  return {
    outcome: name,
    column,
    scale: history.scale,
    folds,
    scores,
    human,
    learners,
    warnings: warningsOf(evaluated),
    left_out: leftOut,
    predictions: repeats.flatMap((estimates, repeat) =>
      estimates.map(({ value, low, high }, row) => ({
        line: lines[row],
        ...(ids ? { id: ids[row] } : {}),
        ...(repeats.length > 1 ? { repeat: repeat + 1 } : {}),
        actual: history.outcomes[row],
        value,
        low,
        high,
      })),
    ),
  };
};

function printRows(output: Output, { history, lines, ids, evaluation: { repeats } }: Evaluated): void {
  const isChance = history.scale === 'success';
  const shown = (value: number): string => (isChance ? value.toFixed(2) : round(value));
  const estimates = repeats[0] ?? [];
  const rows = estimates.map(({ value, low, high }, row) => {
    const actual = history.outcomes[row] as number;
    const came = isChance ? (actual === 1 ? 'success' : 'failure') : round(actual);
    const within = isChance ? [] : [low <= actual && actual <= high ? 'yes' : 'no'];
    return [ids?.[row] ?? String(lines[row]), came, shown(value), shown(low), shown(high), ...within];
  });
  const headings = [ids ? 'ID' : 'LINE', 'OUTCOME', isChance ? 'CHANCE' : 'ESTIMATE', 'LOW', 'HIGH'];
  output.table(isChance ? headings : [...headings, 'WITHIN'], rows, '');
}

function printScores(output: Output, evaluated: Evaluated): void {
  const { scores, human, learners } = evaluated.evaluation;
  if ('brier' in scores) {
    output.fields([
      [
        'Brier score',
        `${scores.brier.toFixed(3)}; by the share of successes alone ${scores.base_rate_brier.toFixed(3)}`,
      ],
      ['AUC', scores.auc === null ? null : scores.auc.toFixed(3)],
      ['Calibration error', scores.calibration_error.toFixed(3)],
      ['Mean width', scores.mean_width.toFixed(3)],
    ]);
  } else {
    const accuracyOf = ({ n, sa, mae, md_mre, pred_25 }: AmountScores) => [
      String(n),
      percent(sa),
      round(mae),
      percent(md_mre),
      percent(pred_25),
    ];
    const rows = [
      ['Maestro', ...accuracyOf(scores)],
      ...(human ? [['the estimates alone', ...accuracyOf(human)]] : []),
    ];
    output.table(['BY', 'ROWS', 'SA', 'MAE', 'MDMRE', 'PRED(25)'], rows, '');
    const relative =
      scores.relative_width === null ? '' : `: ${scores.relative_width.toFixed(2)} times the median outcome`;
    output.fields([
      ['Guessing errs by', round(scores.mar_p0)],
      [`${percent(nominal)} intervals hold`, percent(scores.coverage)],
      ['Mean width', `${round(scores.mean_width)}${relative}`],
    ]);
  }
  const weights = learners
    .filter(({ weight }) => weight >= 0.005)
    .map(({ name, weight }) => `${name} ${percent(weight)}`);
  output.fields([['Learners', weights.join(', ')]]);
  for (const warning of warningsOf(evaluated)) output.line(warning);
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

function print(output: Output, evaluated: Evaluated, { repeats }: Options): void {
  const { name, column, history, leftOut, evaluation } = evaluated;
  const times = repeats > 1 ? `, ${repeats} times (the first is listed)` : '';
  output.line(
    `${name} (${column}): ${counted(history.rows.length, 'project')} in ${evaluation.folds} folds${times}, each estimated by what the other folds teach.`,
  );
  printRows(output, evaluated);
  if (leftOut.length > 0) {
    const shown = leftOut.slice(0, 5).map(({ line, reason }) => `line ${line} (${reason})`);
    const more = leftOut.length > shown.length ? ` and ${leftOut.length - shown.length} more` : '';
    output.line(`Left out: ${shown.join(', ')}${more}.`);
  }
  printScores(output, evaluated);
}

export const insightCommands: CommandGroup = (program, context) => {
  const { output } = context;
  const group = program.command('insight').description('what finished projects teach');

  group
    .command('evaluate')
    .description('how well outcomes would be foretold on your own history: of a file alone, without a server')
    .argument('<file>', 'CSV with a header, a finished project a row')
    .requiredOption(
      '--map <file>',
      'JSON that says which columns are features, outcomes and estimates (docs/insight.md)',
    )
    .option('--folds <count>', 'into how many parts the rows are divided, each estimated by the others', countOf(2), 10)
    .option('--repeats <count>', 'how often, divided anew each time', countOf(1), 1)
    .option(
      '--seed <number>',
      'the same file, map and seed give the same answer',
      wholeNumber('a whole number of 0 or more'),
      1,
    )
    .option('--delimiter <character>', 'of the CSV, such as ;', delimiterOf, ',')
    .option('--json', 'print {"file", "repeats", "seed", "nominal", "outcomes": [{"scores", "predictions", …}]}')
    .action(async (file: string, options: Options) => {
      const map = mapOf(options.map, await textOf(options.map));
      const histories = historiesOf(file, await textOf(file), map, options.delimiter);
      const evaluated = evaluateAll(context, file, histories, options);
      if (options.json) {
        const { repeats, seed } = options;
        return output.json({ file, repeats, seed, nominal, outcomes: evaluated.map(jsonOf) });
      }
      for (const [at, each] of evaluated.entries()) {
        if (at > 0) output.line('');
        print(output, each, options);
      }
    });

  addInsightModel(group, context);
};
