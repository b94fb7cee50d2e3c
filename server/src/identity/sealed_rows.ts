import type { IdentityTx } from '../db/tenancy.ts';

/**
 * The columns that hold sealed texts, each with the context that its texts are sealed for: the kind, and the row, which
 * is its owner's. A column that is not here keeps the key that it was sealed with.
 */
export const sealedColumns = {
  totp: {
    table: 'totp_factors',
    key: 'user_id',
    type: 'uuid',
    column: 'sealed_seed',
    context: (user: string) => `totp ${user}`,
  },
  signingKey: {
    table: 'signing_keys',
    key: 'kid',
    type: 'text',
    column: 'sealed_private',
    context: (kid: string) => `signing key ${kid}`,
  },
  person: {
    table: 'person_keys',
    key: 'person',
    type: 'text',
    column: 'sealed_key',
    context: (person: string) => `person ${person}`,
  },
  providerFlow: {
    table: 'provider_flows',
    key: 'state_hash',
    type: 'bytea',
    column: 'sealed_checks',
    context: (stateHash: string) => `provider flow ${stateHash}`,
  },
  erasure: {
    table: 'erasures',
    key: 'subject_id',
    type: 'uuid',
    column: 'sealed_names',
    context: (subject: string) => `erasure ${subject}`,
  },
  webhook: {
    table: 'webhooks',
    key: 'webhook_id',
    type: 'uuid',
    column: 'sealed_secret',
    context: (webhook: string) => `webhook ${webhook}`,
  },
} as const satisfies Record<string, SealedColumn>;

export interface SealedColumn {
  readonly table: string;
  /** The column that names the row. */
  readonly key: string;
  readonly type: 'text' | 'uuid' | 'bytea';
  readonly column: string;
  readonly context: (key: string) => string;
}

export interface SealedRow {
  readonly key: string;
  readonly sealed: Buffer;
}

const batch = 500;

/** Before every name. */
const first = { text: '', uuid: '00000000-0000-0000-0000-000000000000', bytea: '\\x' } as const;

/** The id of the key in the head of a sealed text. */
const keyIdOf = (column: string): string => `encode(substring(${column} FROM 2 FOR 4), 'hex')`;

/** Rows behind `after` that another key than `keyId` sealed, in the order of their names; at most 500. */
export async function rowsOfOtherKeys(
  tx: IdentityTx,
  { table, key, type, column }: SealedColumn,
  keyId: string,
  after: string = first[type],
): Promise<SealedRow[]> {
  return tx.sql<SealedRow>(
    `SELECT ${key}::text AS key, ${column} AS sealed FROM maestro.${table}
      WHERE ${key} > $2::${type} AND ${column} IS NOT NULL AND ${keyIdOf(column)} <> $1
      ORDER BY ${key} LIMIT ${batch}`,
    [keyId, after],
  );
}

/** Puts other texts in the place of those that were read; where one has changed since, it stays. Gives how many. */
export async function replaceSealed(
  tx: IdentityTx,
  { table, key, type, column }: SealedColumn,
  rows: readonly (SealedRow & { readonly anew: Buffer })[],
): Promise<number> {
  const replaced = await tx.sql(
    `UPDATE maestro.${table} AS t SET ${column} = n.anew
       FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS n(key, sealed, anew)
      WHERE t.${key} = n.key::${type} AND t.${column} = n.sealed RETURNING 1`,
    [rows.map((row) => row.key), rows.map((row) => row.sealed), rows.map((row) => row.anew)],
  );
  return replaced.length;
}

/** How many texts each key sealed: those of the rows, and the keys that seal these. */
export async function countByKey(tx: IdentityTx): Promise<{ rows: Map<string, number>; keys: Map<string, number> }> {
  const count = async (into: Map<string, number>, { table, column }: Pick<SealedColumn, 'table' | 'column'>) => {
    const found = await tx.sql<{ id: string; count: number }>(
      `SELECT ${keyIdOf(column)} AS id, count(*)::integer AS count FROM maestro.${table}
        WHERE ${column} IS NOT NULL GROUP BY 1`,
    );
    for (const each of found) into.set(each.id, (into.get(each.id) ?? 0) + each.count);
  };
  const [rows, keys] = [new Map<string, number>(), new Map<string, number>()];
  for (const column of Object.values(sealedColumns)) await count(rows, column);
  await count(keys, { table: 'sealing_keys', column: 'sealed_key' });
  return { rows, keys };
}
