import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { insertAuditEvent } from '../audit/queries.ts';
import { invalid, MaestroError } from '../errors.ts';
import { faultOf } from '../fault.ts';
import { actorOf } from '../identity/caller.ts';
import { recordOf } from '../identity/record.ts';
import { markDue } from '../insight/due.ts';
import { hasEnded } from '../insight/outcomes.ts';
import { takeCounted } from '../limits/counted.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { indexNew } from '../search_terms/search_terms.ts';
import { foundBy } from './found_by.ts';
import { ImportColumns, importFields, RowFault } from './import_columns.ts';
import { insertProjects, takenNames } from './import_queries.ts';
import { csvRows, jsonRows, type Row } from './import_rows.ts';
import { faultOfDays, NewProject, takenName, unsaid } from './operations.ts';
import type { ProjectFields } from './queries.ts';

/** Their names are held until the end, to find one that is there twice. */
const rowsMax = 500_000;
/** What is checked lies on the disk until it is inserted. */
const bytesMax = 512 * 1024 * 1024;
const faultsMax = 100_000;
const batchSize = 1_000;

interface Fault {
  line: number;
  reason: string;
}

const validator = Compile(NewProject);

/** The project of a row. Throws a RowFault of all that is wrong with it: what is told one by one is mended one by one. */
function projectOf(row: Row, columns: ImportColumns, isText: boolean): ProjectFields {
  if (row.columns instanceof RowFault) throw row.columns;
  const { given, faults } = columns.read(row.columns, isText);
  const found = validator.Check(given) ? [] : validator.Errors(given).map(faultOf);
  for (const { field = '', message } of found) {
    const [top = ''] = field.split('.');
    if (!faults.has(top)) faults.set(top, message);
  }
  const project = { ...unsaid, ...given } as ProjectFields;
  const days = faultOfDays(project);
  if (days) faults.set('days', days.message);
  if (faults.size > 0) throw new RowFault([...faults.values()].join('; '));
  return project;
}

/** A text of its own: what is cut from the body keeps the piece of the body that it is cut from. */
const ownText = (text: string): string => Buffer.from(text).toString();

/** A project as one line for `readline`, which ends lines also where JSON does not. */
const lineOf = (project: ProjectFields): string =>
  `${JSON.stringify(project).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;

/**
 * Checks every row of a table and gives the good ones as lines of JSON; the bad ones go to `faults`, which counts all and
 * keeps the first of them.
 */
class Checker {
  readonly faults: Fault[] = [];
  bad = 0;
  good = 0;
  readonly #columns: ImportColumns;
  readonly #isText: boolean;
  readonly #inTenant: Contexts['own']['inTenant'];
  /** The line of each name so far. */
  readonly #lines = new Map<string, number>();

  constructor(columns: ImportColumns, isText: boolean, inTenant: Contexts['own']['inTenant']) {
    this.#columns = columns;
    this.#isText = isText;
    this.#inTenant = inTenant;
  }

  async *lines(parts: AsyncIterable<Row[]>): AsyncGenerator<string> {
    let batch: { line: number; project: ProjectFields }[] = [];
    for await (const rows of parts) {
      for (const row of rows) {
        const project = this.#check(row);
        if (project) batch.push({ line: row.line, project });
      }
      if (batch.length < batchSize) continue;
      yield await this.#free(batch);
      batch = [];
    }
    yield await this.#free(batch);
    this.faults.sort((a, b) => a.line - b.line);
  }

  #check(row: Row): ProjectFields | undefined {
    try {
      const project = projectOf(row, this.#columns, this.#isText);
      const before = this.#lines.get(project.name);
      if (before !== undefined) throw new RowFault(`name: '${project.name}' is on line ${before} already`);
      if (this.#lines.size === rowsMax) throw invalid(`body: expected at most ${rowsMax} projects`, 'body');
      this.#lines.set(ownText(project.name), row.line);
      return project;
    } catch (error) {
      const isOfRow = error instanceof RowFault || (error instanceof MaestroError && error.field !== 'body');
      if (!isOfRow) throw error;
      this.#add(row.line, error.message);
      return undefined;
    }
  }

  /** The rows whose names no project has. */
  async #free(batch: readonly { line: number; project: ProjectFields }[]): Promise<string> {
    const names = batch.map(({ project }) => project.name);
    const taken = new Set(batch.length === 0 ? [] : await this.#inTenant((tx) => takenNames(tx, names)));
    const free = batch.filter(({ line, project }) => {
      if (taken.has(project.name)) this.#add(line, takenName(project.name).message);
      return !taken.has(project.name);
    });
    this.good += free.length;
    return free.map(({ project }) => lineOf(project)).join('');
  }

  #add(line: number, reason: string): void {
    this.bad += 1;
    if (this.faults.length < faultsMax) this.faults.push({ line, reason: ownText(reason) });
  }
}

async function* bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > bytesMax)
      throw new MaestroError('too_large', `body: expected at most ${bytesMax} bytes`, { field: 'body' });
    yield piece;
  }
}

/** A file to be written and then read. */
interface Draft {
  readonly written: FileHandle;
  readonly read: FileHandle;
}

/** A file that has no name any more: however the process ends, what a tenant sent stays nowhere. */
async function openNameless(): Promise<Draft> {
  const directory = await mkdtemp(join(tmpdir(), 'maestro-import-'));
  try {
    const path = join(directory, 'projects.jsonl');
    return { written: await open(path, 'wx', 0o600), read: await open(path) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Projects of a file of ours, some at a time. */
async function* projectsIn(file: FileHandle): AsyncGenerator<ProjectFields[]> {
  let batch: ProjectFields[] = [];
  const input = file.createReadStream();
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      batch.push(JSON.parse(line) as ProjectFields);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    input.destroy();
  }
}

/** Inserts all of them in one transaction, which begins once they are all here: senders may be slow. */
async function insertAll(
  context: Contexts['own'],
  file: FileHandle,
  { good, bad }: { readonly good: number; readonly bad: number },
): Promise<void> {
  const { ports, tenant, caller, inTenant } = context;
  const { maxProjects } = await ports.limits.tenants.of(tenant.id);
  const actor = actorOf(caller);
  await inTenant(async (tx) => {
    let teaches = false;
    for await (const projects of projectsIn(file)) {
      const ids = await insertProjects(tx, projects, actor.id);
      const missed = projects.find(({ name }) => !ids.has(name));
      if (missed) throw takenName(missed.name);
      const entries = projects.map((project) => ({ id: ids.get(project.name) as string, parts: foundBy(project) }));
      await indexNew(tx, 'project', entries);
      teaches ||= projects.some(hasEnded);
    }
    if (teaches) markDue(tx, 'impact', 'model');
    await takeCounted(tx, 'projects', good, maxProjects);
    await insertAuditEvent(
      tx,
      recordOf(context, 'project.import', '', { projects: good, ...(bad > 0 ? { skipped: bad } : {}) }),
    );
  });
}

const pairs = (what: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 50, description: what }));

/** Records a history of projects at once: all of them or none, or all rows that are good. */
export const importProjects = defineOperation({
  name: 'project.import',
  permission: 'project:write',
  transaction: 'own',
  audit: 'own',
  streams: true,
  input: Type.Object({
    format: Type.Optional(
      Type.Enum(['csv', 'jsonl'], { default: 'csv', description: 'CSV with a header, or JSON Lines.' }),
    ),
    delimiter: Type.Optional(Type.Enum([',', ';', '\t', '|'], { default: ',' })),
    map: pairs(
      `FIELD:COLUMN, any number of times; fields are ${importFields.join(', ')}. A column called like a field is that field; ` +
        'every other one becomes metadata. With a start date, duration_days gives the completion date.',
    ),
    unit: pairs('FIELD:UNIT, such as duration_days:weeks, success_score:fraction or compute_cost:thousands.'),
    date_format: Type.Optional(
      Type.String({ default: 'YYYY-MM-DD', maxLength: 20, description: 'Such as DD.MM.YYYY.' }),
    ),
    dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only says what is wrong with which row.' })),
    skip_bad_rows: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Imports the good rows, all of them or none, and tells of the bad ones; otherwise one bad row refuses all.',
      }),
    ),
    body: Type.Unsafe<Readable>({ description: 'The table, in UTF-8.' }),
  }),
  output: Type.Object({
    imported: Type.Integer({ minimum: 0 }),
    good_rows: Type.Integer({ minimum: 0 }),
    bad_rows: Type.Integer({ minimum: 0 }),
    faults: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() }), {
      description: `Of a dry run, or of the rows that were skipped, by line; the first ${faultsMax}.`,
    }),
  }),
  async run(
    context,
    { body, map = [], unit = [], format = 'csv', delimiter = ',', dry_run, skip_bad_rows, date_format = 'YYYY-MM-DD' },
  ) {
    const isText = format === 'csv';
    const columns = new ImportColumns({ map, unit, dateFormat: date_format, hasCommas: delimiter === ';' });
    const checker = new Checker(columns, isText, context.inTenant);
    const file = await openNameless();
    try {
      const pieces = bounded(body);
      const rows = isText ? csvRows(pieces, delimiter, (header) => columns.checkHeader(header, map)) : jsonRows(pieces);
      await pipeline(checker.lines(rows), file.written.createWriteStream());
      const { good, bad, faults } = checker;
      if (!dry_run && bad > 0 && !(skip_bad_rows && good > 0)) {
        const [{ line, reason } = { line: 0, reason: '' }] = faults;
        const others = bad === 1 ? '' : ` (and ${bad - 1} more ${bad === 2 ? 'row' : 'rows'})`;
        throw invalid(
          `line ${line}: ${reason}${others}; nothing was imported, and dry_run=true lists every bad row`,
          'body',
        );
      }
      if (!dry_run) await insertAll(context, file.read, checker);
      return { imported: dry_run ? 0 : good, good_rows: good, bad_rows: bad, faults };
    } finally {
      // What is left of the body would keep its sender from reading the answer.
      body.resume();
      await Promise.all([file.written.close(), file.read.close()]);
    }
  },
});
