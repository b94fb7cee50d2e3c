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
 * Projects in the order of one field, those without a value there last. Two statements at most: the part of the index
 * with values, then the one without.
 */
export async function projectsInOrder(
  tx: TenantTx,
  wanted: Wanted,
  { field, descending }: Order,
  start: Start | undefined,
  limit: number,
): Promise<ListedRow[]> {
  // What is given decides which index is the right one: that of the order, or of a filter that leaves little.
  await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const read = (hasValue: boolean, most: number): Promise<ListedRow[]> => {
    const values: unknown[] = [tx.tenantId];
    const add = (value: unknown) => `$${values.push(value)}`;
    const where = [conditionsOf(wanted, add)];
    const further = descending ? '<' : '>';
    const direction = descending ? 'DESC' : 'ASC';
    if (!alwaysThere.has(field)) where.push(`${field} IS ${hasValue ? 'NOT NULL' : 'NULL'}`);
    if (start && hasValue) {
      where.push(`(${field}, project_id) ${further} (${add(start.value)}::${orders[field]}, ${add(start.id)}::uuid)`);
    }
    if (start?.value === null && !hasValue) where.push(`project_id ${further} ${add(start.id)}::uuid`);
    return tx.sql<ListedRow>(
      `SELECT ${columns}, ${field}::text AS place FROM maestro.projects WHERE ${where.join(' AND ')}
        ORDER BY ${hasValue ? `${field} ${direction}, ` : ''}project_id ${direction} LIMIT ${add(most)}`,
      values,
    );
  };
  const withValue = start?.value === null ? [] : await read(true, limit);
  if (alwaysThere.has(field) || withValue.length === limit) return withValue;
  return [...withValue, ...(await read(false, limit - withValue.length))];
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
