import type { TenantTx } from '../db/tenancy.ts';
import { columns, fieldTypes, type ProjectFields, type ProjectRow } from './queries.ts';

const { metadata: _, ...orderedFields } = fieldTypes;

/** Fields that a list may be ordered by, each with an index of its own, and PostgreSQL's types of them. */
export const orders = { ...orderedFields, created_at: 'timestamptz', updated_at: 'timestamptz' } as const;

export type OrderField = keyof typeof orders;

const alwaysThere: ReadonlySet<string> = new Set(['name', 'created_at', 'updated_at']);

type Bounded = Extract<keyof ProjectFields, 'start_date' | 'completion_date' | 'success_score' | 'team_size'>;

export interface Wanted {
  readonly name?: string | undefined;
  readonly problemClass?: string | undefined;
  readonly isFinished?: boolean | undefined;
  /** The least and the greatest value of a field, either of them open. */
  readonly ranges: readonly {
    field: Bounded;
    least: string | number | undefined;
    greatest: string | number | undefined;
  }[];
  /** Fields of the metadata with their values as text. */
  readonly metadata: readonly (readonly [field: string, value: string])[];
  /** These alone, where it is given. */
  readonly found?: readonly string[] | undefined;
  /** And within these. */
  readonly only?: readonly string[] | undefined;
}

export interface Order {
  readonly field: OrderField;
  readonly descending: boolean;
}

/** Where a page begins: behind the row of this id, whose sort value as text this is. */
export interface Start {
  readonly value: string | null;
  readonly id: string;
}

export type ListedRow = ProjectRow & { place: string | null };

function conditionsOf(wanted: Wanted, add: (value: unknown) => string): string {
  const found = ['tenant_id = $1'];
  if (wanted.name !== undefined) found.push(`name = ${add(wanted.name)}`);
  if (wanted.problemClass !== undefined) found.push(`problem_class = ${add(wanted.problemClass)}`);
  if (wanted.isFinished !== undefined) found.push(`completion_date IS ${wanted.isFinished ? 'NOT NULL' : 'NULL'}`);
  for (const { field, least, greatest } of wanted.ranges) {
    if (least !== undefined) found.push(`${field} >= ${add(least)}`);
    if (greatest !== undefined) found.push(`${field} <= ${add(greatest)}`);
  }
  for (const [field, value] of wanted.metadata) found.push(`metadata->>${add(field)}::text = ${add(value)}`);
  if (wanted.found) found.push(`project_id = ANY (${add(wanted.found)}::uuid[])`);
  if (wanted.only) found.push(`project_id = ANY (${add(wanted.only)}::uuid[])`);
  return found.join(' AND ');
}

/**
 * Rows of an order's index that are looked at for each that is asked for, and at most: where fewer fit, all that fit are
 * sorted.
 */
const walkedEach = 30;
const walkedMax = 5_000;

/** One way to read a list, where a page begins and how much is read. */
interface Reading {
  readonly order: Order;
  readonly start: Start | undefined;
  readonly limit: number;
}

/**
 * Projects in the order of one field, those without a value there last. Whether many of a class or a state are among the
 * first of an order no statistics tell: projects that go on have no score, all of them. So few of the order are looked at
 * first, and then those of the class or state.
 */
export async function projectsInOrder(tx: TenantTx, wanted: Wanted, reading: Reading): Promise<ListedRow[]> {
  // What is given decides which index is the right one: that of the order, or of a filter that leaves little.
  await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const isSorted = (wanted.problemClass ?? wanted.isFinished) !== undefined && !wanted.found && !wanted.only;
  if (!isSorted) return walkOrder(tx, wanted, reading);
  const walked = await walkFirst(tx, wanted, reading);
  return walked.length === reading.limit ? walked : sortAll(tx, wanted, reading);
}

/** A SELECT's parts for one reading: of the index of the order, the rows with a value or those without. */
function partsOf({ order: { field, descending }, start }: Reading, hasValue: boolean, add: (value: unknown) => string) {
  const further = descending ? '<' : '>';
  const direction = descending ? 'DESC' : 'ASC';
  const where: string[] = [];
  if (!alwaysThere.has(field)) where.push(`${field} IS ${hasValue ? 'NOT NULL' : 'NULL'}`);
  if (start && hasValue) {
    where.push(`(${field}, project_id) ${further} (${add(start.value)}::${orders[field]}, ${add(start.id)}::uuid)`);
  }
  if (start?.value === null && !hasValue) where.push(`project_id ${further} ${add(start.id)}::uuid`);
  return { where, by: `${hasValue ? `${field} ${direction}, ` : ''}project_id ${direction}` };
}

/** Two statements at most: the part of the index with values, then the one without. */
async function walkOrder(tx: TenantTx, wanted: Wanted, reading: Reading): Promise<ListedRow[]> {
  const { order, start, limit } = reading;
  const read = (hasValue: boolean, most: number): Promise<ListedRow[]> => {
    const values: unknown[] = [tx.tenantId];
    const add = (value: unknown) => `$${values.push(value)}`;
    const given = conditionsOf(wanted, add);
    const { where, by } = partsOf(reading, hasValue, add);
    return tx.sql<ListedRow>(
      `SELECT ${columns}, ${order.field}::text AS place FROM maestro.projects
        WHERE ${[given, ...where].join(' AND ')} ORDER BY ${by} LIMIT ${add(most)}`,
      values,
    );
  };
  const withValue = start?.value === null ? [] : await read(true, limit);
  if (alwaysThere.has(order.field) || withValue.length === limit) return withValue;
  return [...withValue, ...(await read(false, limit - withValue.length))];
}

/** Those among the next ones of the order that are wanted: no whole page where they are rare, or come to an end. */
function walkFirst(tx: TenantTx, wanted: Wanted, reading: Reading): Promise<ListedRow[]> {
  const values: unknown[] = [tx.tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const { where, by } = partsOf(reading, reading.start?.value !== null, add);
  return tx.sql<ListedRow>(
    `SELECT ${columns}, place FROM (
       SELECT tenant_id, ${columns}, ${reading.order.field}::text AS place FROM maestro.projects
        WHERE ${['tenant_id = $1', ...where].join(' AND ')} ORDER BY ${by} LIMIT ${Math.min(walkedMax, walkedEach * reading.limit)}) next
      WHERE ${conditionsOf(wanted, add)} LIMIT ${add(reading.limit)}`,
    values,
  );
}

/** All that are wanted are put in order, by what an index has of them. */
function sortAll(tx: TenantTx, wanted: Wanted, reading: Reading): Promise<ListedRow[]> {
  const { order, start, limit } = reading;
  const values: unknown[] = [tx.tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const given = conditionsOf(wanted, add);
  const part = (hasValue: boolean) => `(${partsOf(reading, hasValue, add).where.join(' AND ') || 'true'})`;
  const parts = [
    ...(start?.value === null ? [] : [part(true)]),
    ...(alwaysThere.has(order.field) ? [] : [part(false)]),
  ];
  const behind = `(${parts.join(' OR ')})`;
  const direction = order.descending ? 'DESC' : 'ASC';
  return tx.sql<ListedRow>(
    `WITH fitting AS MATERIALIZED (
       SELECT project_id, ${order.field} AS key FROM maestro.projects WHERE ${given} AND ${behind}),
     page AS MATERIALIZED (
       SELECT f.project_id AS id, f.key FROM fitting f
        ORDER BY f.key ${direction} NULLS LAST, f.project_id ${direction} LIMIT ${add(limit)})
     SELECT ${columns}, page.key::text AS place
       FROM page JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = page.id
      ORDER BY page.key ${direction} NULLS LAST, page.id ${direction}`,
    values,
  );
}

/** What is looked for in things that are in order already: `from` is the place of the first one. */
export async function projectsAmong(
  tx: TenantTx,
  wanted: Wanted,
  ids: readonly string[],
  from: number,
  limit: number,
): Promise<ListedRow[]> {
  const found: ListedRow[] = [];
  // Mostly the first ones do; where filters take out many, more are looked at each time.
  for (let at = from, count = limit; at < ids.length && found.length < limit; at += count, count *= 2) {
    const values: unknown[] = [tx.tenantId];
    const some = ids.slice(at, at + count);
    const where = conditionsOf({ ...wanted, found: some }, (value) => `$${values.push(value)}`);
    const rows = await tx.sql<ProjectRow>(`SELECT ${columns} FROM maestro.projects WHERE ${where}`, values);
    const byId = new Map(rows.map((row) => [row.project_id, row]));
    for (const [index, id] of some.entries()) {
      const row = byId.get(id);
      if (row) found.push({ ...row, place: String(at + index) });
    }
  }
  return found.slice(0, limit);
}
