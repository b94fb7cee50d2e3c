import type { paths } from '@maestro/sdk/contract';
import type { Api } from '../api/api.ts';
import { literal } from '../app/filter_literal.ts';
import { type ColumnId, idOf } from './column_ids.ts';

type Answer = paths['/runs/search']['post']['responses'][200]['content']['application/json'];
export type FoundRun = Answer['items'][number];
type Query = paths['/runs/search']['post']['requestBody']['content']['application/json'];

export type CellValue = number | string | null;

/** A run as the table keeps it: of 100,000 of them, only what is shown. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly status: FoundRun['status'];
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number | null;
  /** One for each of `Fields`. */
  readonly cells: readonly CellValue[];
}

export interface RunPage {
  readonly rows: readonly RunRow[];
  readonly next: string | null;
  /** How many of the rows came in before the others once these were there. */
  readonly added?: number;
}

/** What is read of runs beyond their attributes: by column id, where in `cells` it is. */
export class Fields {
  readonly columns: readonly ColumnId[];
  readonly #places: ReadonlyMap<string, number>;
  /** The same for the same fields. */
  readonly name: string;

  constructor(columns: readonly ColumnId[]) {
    const read = columns.map((column) => (idOf(column) === 'source' ? sourceTag : column));
    const kept = new Map(read.filter(({ kind }) => kind !== 'attribute').map((column) => [idOf(column), column]));
    this.columns = [...kept.values()];
    this.#places = new Map([...kept.keys()].map((id, place) => [id, place]));
    this.name = [...kept.keys()].join('~');
  }

  /** Null where the run lacks it. */
  of(row: RunRow, column: ColumnId): CellValue {
    if (column.kind === 'attribute') return attributeOf(this, row, column.key);
    const place = this.#places.get(idOf(column));
    return place === undefined ? null : (row.cells[place] ?? null);
  }

  has = (columns: readonly ColumnId[]): boolean => {
    const wanted = new Fields(columns);
    return wanted.columns.every((column) => this.#places.has(idOf(column)));
  };

  /** As a search is asked for them. */
  get asked(): Pick<Query, 'metrics' | 'params' | 'tags' | 'extremes'> {
    const keys = (...kinds: ColumnId['kind'][]) => [
      ...new Set(this.columns.filter(({ kind }) => kinds.includes(kind)).map(({ key }) => key)),
    ];
    return { metrics: keys('last'), params: keys('param'), tags: keys('tag'), extremes: keys('min', 'max') };
  }

  rowOf(run: FoundRun): RunRow {
    const { run_id: id, name, status, user_id: user, start_time: start, end_time: end } = run;
    return { id, name, status, user, start, end, cells: this.columns.map((column) => cellOf(run, column)) };
  }
}

const sourceTag: ColumnId = { kind: 'tag', key: 'mlflow.source.name' };

function attributeOf(fields: Fields, row: RunRow, key: string): CellValue {
  if (key === 'duration') return row.end === null ? null : row.end - row.start;
  if (key === 'source') return fields.of(row, sourceTag);
  return row[key as 'name'];
}

function cellOf(run: FoundRun, { kind, key }: ColumnId): CellValue {
  const own = <Value>(of: Record<string, Value> | undefined) => (of && Object.hasOwn(of, key) ? of[key] : undefined);
  if (kind === 'last') return own(run.metrics) ?? null;
  if (kind === 'param') return own(run.params) ?? null;
  if (kind === 'tag') return own(run.tags) ?? null;
  return own(run.extremes)?.[kind as 'min' | 'max'] ?? null;
}

/** Which runs are meant. */
export interface RunsMeant {
  readonly experimentId: number;
  readonly filter: string;
  readonly isDeleted: boolean;
  readonly within: readonly { readonly by: string; readonly value: string | null }[];
}

export const bodyOf = ({ experimentId, filter, isDeleted, within }: RunsMeant) => ({
  experiment_ids: [experimentId],
  view: isDeleted ? ('DELETED_ONLY' as const) : ('ACTIVE_ONLY' as const),
  ...(filter === '' ? {} : { filter }),
  ...(within.length === 0 ? {} : { within: [...within] }),
});

/** The first page is there soon; further ones are large, so that a long way down is few of them. */
const pageSize = (token: string): number => (token === '' ? 200 : 1000);

export async function readPage(
  api: Api,
  meant: RunsMeant,
  order: string,
  fields: Fields,
  token: string,
  signal?: AbortSignal,
): Promise<RunPage> {
  const { data } = await api.POST('/runs/search', {
    ...(signal ? { signal } : {}),
    body: {
      ...bodyOf(meant),
      order_by: [order],
      ...fields.asked,
      limit: pageSize(token),
      ...(token === '' ? {} : { page_token: token }),
    },
  });
  return { rows: data.items.map((run) => fields.rowOf(run)), next: data.next_page_token };
}

const joined = (filter: string, more: string): string => (filter === '' ? more : `${filter} AND ${more}`);

/** Some runs as they are now, by their ids. */
export async function readAgain(api: Api, meant: RunsMeant, fields: Fields, ids: readonly string[]): Promise<RunRow[]> {
  const filter = `attributes.run_id IN (${ids.map(literal).join(', ')})`;
  const body = {
    ...bodyOf({ ...meant, filter, within: [] }),
    view: 'ALL' as const,
    ...fields.asked,
    limit: ids.length,
  };
  const { data } = await api.POST('/runs/search', { body });
  return data.items.map((run) => fields.rowOf(run));
}

/** Runs that match and began at a time or later, the newest first; at most 200. */
export async function readSince(api: Api, meant: RunsMeant, fields: Fields, since: number): Promise<RunRow[]> {
  const body = bodyOf({ ...meant, filter: joined(meant.filter, `attributes.start_time >= ${since}`) });
  const { data } = await api.POST('/runs/search', { body: { ...body, ...fields.asked, limit: 200 } });
  return data.items.map((run) => fields.rowOf(run));
}
