import Type, { type Static } from 'typebox';
import type { KeyRow } from './keys.ts';
import { type Permission, permissions } from './roles.ts';
import { id, text, time } from './schemas.ts';

const maybe = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

const permission = Type.Enum([...permissions], { description: 'A `resource:action`.' });
const scopes = Type.Array(permission, {
  minItems: 1,
  maxItems: 100,
  description: 'What the key may be used for, at most; without it, for whatever its holder may do.',
});
const allowedAddresses = Type.Array(text(1, 50), {
  minItems: 1,
  maxItems: 100,
  description: 'Addresses and CIDR ranges from which alone it works; without it, it works from everywhere.',
});

export const keyFields = {
  id,
  name: Type.String(),
  prefix: Type.String({ description: 'How the key begins.' }),
  owner: Type.Object({
    kind: Type.Enum(['user', 'service_account']),
    id,
    name: Type.Optional(Type.String({ description: 'Of a service account.' })),
    role: Type.Optional(Type.String({ description: 'Of a service account.' })),
  }),
  scopes: maybe(Type.Array(Type.String(), { description: 'Null: whatever its holder may do.' })),
  allowed_addresses: maybe(Type.Array(Type.String(), { description: 'Null: it works from everywhere.' })),
  created_by: Type.String({ description: 'The id of a user or service account, or `operator_key`.' }),
  created_at: time,
  expires_at: maybe(time),
  last_used_at: maybe(time),
  last_used_address: maybe(Type.String()),
  revoked_at: maybe(time),
  replaced_by: maybe(id),
};
export const key = Type.Object(keyFields);
export const newKey = Type.Object({
  ...keyFields,
  key: Type.String({ description: 'The secret: shown this once.' }),
});

export const keyInput = {
  name: text(1, 200),
  expires_in_days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3650,
      description: 'Without it: as this Maestro is set, 90 as a rule. A key makes none that outlives it.',
    }),
  ),
  expires: Type.Optional(Type.Literal('never', { description: 'A key without an end has to be asked for.' })),
  scopes: Type.Optional(scopes),
  allowed_addresses: Type.Optional(allowedAddresses),
};

/** What of a key is changed without a new secret. */
export const keyChange = {
  name: Type.Optional(text(1, 200)),
  allowed_addresses: Type.Optional(maybe(allowedAddresses)),
};

export interface KeyChange {
  readonly name?: string;
  /** Null: from everywhere. */
  readonly allowed_addresses?: string[] | null;
}

export interface KeySettings {
  readonly name: string;
  readonly expires_in_days?: number;
  readonly expires?: 'never';
  readonly scopes?: Permission[];
  readonly allowed_addresses?: string[];
}

export const shownKey = (row: KeyRow): Static<typeof key> => ({
  id: row.key_id,
  name: row.name,
  prefix: row.prefix,
  owner:
    row.user_id === null
      ? {
          kind: 'service_account',
          id: row.service_account_id ?? '',
          ...(row.account_name === null ? {} : { name: row.account_name }),
          ...(row.account_role === null ? {} : { role: row.account_role }),
        }
      : { kind: 'user', id: row.user_id },
  scopes: row.scopes,
  allowed_addresses: row.allowed_addresses,
  created_by: row.created_by,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
  last_used_address: row.last_used_address,
  revoked_at: row.revoked_at?.toISOString() ?? null,
  replaced_by: row.replaced_by,
});
