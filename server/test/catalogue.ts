import type pg from 'pg';

/**
 * Tables that hold no tenant's rows, each with its reason. A table that is in neither list must be a tenant table.
 * The lists grow only with a reason in the same commit.
 */
export const referenceTables: Readonly<Record<string, string>> = {
  tenants: 'global: the tenants themselves',
  users: 'personal: a user may be in several tenants',
  memberships: 'personal: read by user, to find the tenants someone may enter',
  sessions: 'personal: a login of a user, who may change tenants in it',
  refresh_tokens: 'personal: they belong to sessions',
  totp_factors: 'personal: a second factor of a user',
  webauthn_credentials: 'personal: security keys and passkeys of a user',
  backup_codes: 'personal: they stand in for the factors of a user',
  factor_challenges: 'personal: of sign-ins under way, in no tenant yet',
  device_sign_ins: 'personal: of sign-ins under way that a person approves in a browser',
  identities: 'personal: who a user is at identity providers',
  provider_flows: 'personal: of sign-ins under way, in no tenant yet',
  one_time_tokens: 'personal: links of mails, some to people who are in no tenant yet',
  operator_switches: 'personal: stays of operators in tenants, by session',
  signing_keys: 'global: what signs the tokens of every tenant',
  sealing_keys: 'global: what seals the secrets of the tables of people, and of these alone',
  operator_audit_events: 'global: what happened to tenants and users, outside any one tenant',
  operator_audit_heads: 'global: the last row of the operators’ audit',
  operator_audit_anchors: 'global: where the operators’ audit begins after retention',
  audit_copies: 'global: rows of the operators’ audit that tenants are still to get',
  person_keys: 'personal: a key for each person, in whatever tenants it is',
  erasures: 'global: deletions of people and tenants, and what became of each',
};

/** Tables without row-level security, each with its reason. */
const openTables: Readonly<Record<string, string>> = {
  migrations: 'which migrations ran; only the owner reads and writes it',
};

/** Tenant tables with a `created_at` that no list goes by. */
const unlistedByTime: Readonly<Record<string, string>> = {
  service_accounts: 'found by their name or their keys',
  roles: 'few, and listed by name',
  run_datasets: 'found by their run',
  run_models: 'found by their run',
  team_members: 'listed by project and name',
};

const policies = {
  tenant: {
    name: 'own_tenant',
    expression: "(tenant_id = (NULLIF(current_setting('maestro.tenant'::text, true), ''::text))::uuid)",
  },
  reference: { name: 'identity_only', expression: "(current_setting('maestro.identity'::text, true) = 'on'::text)" },
} as const;

interface Table {
  name: string;
  kind: string;
  enabled: boolean;
  forced: boolean;
  invoker: boolean;
  columns: { name: string; type: string; notNull: boolean; sequence: boolean }[];
  policies: {
    name: string;
    command: string;
    permissive: boolean;
    roles: string;
    using: string;
    check: string | null;
  }[];
  indexes: { name: string; unique: boolean; primary: boolean; columns: string[] }[];
  foreignKeys: {
    name: string;
    columns: string[];
    target: string;
    targetColumns: string[];
    onDelete: string;
    onUpdate: string;
  }[];
  triggers: string[];
}

const tablesText = `
  SELECT c.relname AS name, c.relkind AS kind, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    coalesce('security_invoker=true' = ANY (c.reloptions) OR 'security_invoker=on' = ANY (c.reloptions), false) AS invoker,
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
              'notNull', a.attnotnull, 'sequence', a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '')
              LIKE '%nextval(%')), '[]')
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(json_agg(json_build_object('name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
              'roles', p.polroles::text, 'using', pg_get_expr(p.polqual, p.polrelid),
              'check', pg_get_expr(p.polwithcheck, p.polrelid))), '[]')
       FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
    (SELECT coalesce(json_agg(json_build_object('name', i.indexrelid::regclass::text, 'unique', i.indisunique,
              'primary', i.indisprimary, 'columns',
              (SELECT json_agg(coalesce(a.attname, '(expression)') ORDER BY k.n)
                 FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
                 LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
                WHERE k.n <= i.indnkeyatts))), '[]')
       FROM pg_index i WHERE i.indrelid = c.oid) AS indexes,
    (SELECT coalesce(json_agg(json_build_object('name', f.conname, 'target', f.confrelid::regclass::text,
              'onDelete', f.confdeltype, 'onUpdate', f.confupdtype,
              'columns', (SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY AS k(attnum, n)
                            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum),
              'targetColumns', (SELECT json_agg(a.attname ORDER BY k.n)
                                  FROM unnest(f.confkey) WITH ORDINALITY AS k(attnum, n)
                                  JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum))), '[]')
       FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f') AS "foreignKeys",
    (SELECT coalesce(json_agg(t.tgname), '[]') FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers
  FROM pg_class c
  WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ORDER BY c.relname`;

function securityFaults(table: Table, wanted: (typeof policies)['tenant' | 'reference']): string[] {
  const faults: string[] = [];
  if (!table.enabled) faults.push('row-level security is not enabled');
  if (!table.forced) faults.push('row-level security is not forced');
  const [policy, ...more] = table.policies;
  const isWanted =
    policy?.name === wanted.name &&
    policy.command === '*' &&
    policy.permissive &&
    policy.roles === '{0}' &&
    policy.using === wanted.expression &&
    policy.check === null;
  if (!isWanted || more.length > 0) faults.push(`its policies are not exactly ${wanted.name}: ${wanted.expression}`);
  for (const { name, using, check } of table.policies) {
    if (/\bSELECT\b/i.test(`${using} ${check}`)) faults.push(`policy ${name} holds a subquery`);
  }
  return faults;
}

/** SCALE.md's rules for a table that is distributed by its tenant. */
function tenantTableFaults(table: Table): string[] {
  const faults = securityFaults(table, policies.tenant);
  const tenantId = table.columns.find(({ name }) => name === 'tenant_id');
  if (tenantId?.type !== 'uuid' || !tenantId.notNull) faults.push('column tenant_id is not a uuid that must be there');
  const primary = table.indexes.find((index) => index.primary);
  if (!primary) faults.push('has no primary key');
  else if (primary.columns[0] !== 'tenant_id') faults.push('has no tenant_id first in its primary key');
  for (const { name, unique, primary: isPrimary, columns } of table.indexes) {
    if (unique && !isPrimary && !columns.includes('tenant_id')) {
      faults.push(`unique index ${name.replace(/^maestro\./, '')} lacks tenant_id`);
    }
  }
  for (const { name, columns, targetColumns, onDelete, onUpdate } of table.foreignKeys) {
    const at = columns.indexOf('tenant_id');
    if (at < 0) faults.push(`foreign key ${name} lacks tenant_id`);
    else if (targetColumns[at] !== 'tenant_id') faults.push(`foreign key ${name} pairs tenant_id with another column`);
    if (['n', 'd'].includes(onDelete) || ['n', 'd'].includes(onUpdate)) {
      faults.push(`foreign key ${name} may set tenant_id to null or its default`);
    }
  }
  for (const trigger of table.triggers) faults.push(`has the trigger ${trigger}`);
  for (const { name, sequence } of table.columns) {
    if (sequence) faults.push(`column ${name} is an identity or takes from a sequence`);
  }
  const isListed = table.columns.some(({ name }) => name === 'created_at') && !(table.name in unlistedByTime);
  const isByTime = ({ columns }: { columns: string[] }) => columns[0] === 'tenant_id' && columns[1] === 'created_at';
  if (isListed && !table.indexes.some(isByTime)) faults.push('has no index on (tenant_id, created_at)');
  return faults;
}

function tableFaults(table: Table): string[] {
  if (table.name in openTables) return [];
  if (table.kind === 'v') return table.invoker ? [] : ['is a view without security_invoker: it reads as its owner'];
  if (table.kind === 'm') return ['is a materialized view: row-level security does not hold in it'];
  if (table.kind === 'f') return ['is a foreign table: row-level security does not hold in it'];
  return table.name in referenceTables ? securityFaults(table, policies.reference) : tenantTableFaults(table);
}

const serverRole = 'maestro_server';

/** What the server's login has, and must not have. */
const roleText = `
  SELECT $1 || ' is above row-level security' AS fault FROM pg_roles r
   WHERE r.rolname = $1 AND (r.rolsuper OR r.rolbypassrls)
  UNION ALL SELECT $1 || ' may make roles or databases' FROM pg_roles r
   WHERE r.rolname = $1 AND (r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
  UNION ALL SELECT $1 || ' is a member of ' || g.rolname FROM pg_roles g
   WHERE g.rolname <> $1 AND pg_has_role($1, g.oid, 'MEMBER')
  UNION ALL SELECT $1 || ' owns ' || c.relname FROM pg_class c
   WHERE c.relnamespace = 'maestro'::regnamespace AND c.relowner = $1::regrole AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL SELECT $1 || ' owns ' || p.proname FROM pg_proc p
   WHERE p.pronamespace = 'maestro'::regnamespace AND p.proowner = $1::regrole
  UNION ALL SELECT $1 || ' owns the schema' FROM pg_namespace n WHERE n.nspname = 'maestro' AND n.nspowner = $1::regrole
  UNION ALL SELECT $1 || ' may create in the schema' WHERE has_schema_privilege($1, 'maestro', 'CREATE')
  UNION ALL SELECT $1 || ' may create in the schema public' WHERE has_schema_privilege($1, 'public', 'CREATE')
  UNION ALL SELECT $1 || ' may do ' || w.right || ' on ' || c.relname
    FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS w("right")
   WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege($1, c.oid, w.right)
  UNION ALL SELECT $1 || ' may do ' || w.right || ' on ' || c.relname
    FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS w("right")
   WHERE c.relnamespace = 'maestro'::regnamespace AND c.relname = ANY ($2) AND has_table_privilege($1, c.oid, w.right)
  UNION ALL SELECT $1 || ' may do ' || w.right || ' on ' || w.name
    FROM (VALUES ('audit_events', 'UPDATE'), ('audit_events', 'DELETE'),
                 ('operator_audit_events', 'UPDATE'), ('operator_audit_events', 'DELETE'),
                 ('audit_heads', 'DELETE'), ('operator_audit_heads', 'INSERT'), ('operator_audit_heads', 'DELETE'),
                 ('audit_anchors', 'INSERT'), ('audit_anchors', 'UPDATE'), ('audit_anchors', 'DELETE'),
                 ('operator_audit_anchors', 'INSERT'), ('operator_audit_anchors', 'UPDATE'),
                 ('operator_audit_anchors', 'DELETE')) AS w(name, "right")
   WHERE has_table_privilege($1, 'maestro.' || w.name, w.right)
  UNION ALL SELECT p.proname || '(): runs with the rights of its owner' FROM pg_proc p
   WHERE p.pronamespace = 'maestro'::regnamespace AND p.prosecdef`;

/** What in the database breaks the rules of tenancy and of SCALE.md; each a sentence that names the table. */
export async function catalogueFaults(client: pg.ClientBase): Promise<string[]> {
  const { rows: tables } = await client.query<Table>(tablesText);
  const { rows: roleFaults } = await client.query<{ fault: string }>(roleText, [serverRole, Object.keys(openTables)]);
  const names = new Set(tables.map(({ name }) => name));
  const gone = [referenceTables, openTables, unlistedByTime].flatMap(Object.keys).filter((name) => !names.has(name));
  return [
    ...tables.flatMap((table) => tableFaults(table).map((fault) => `${table.name}: ${fault}`)),
    ...roleFaults.map(({ fault }) => fault),
    ...gone.map((name) => `${name}: is named as an exception and is not there`),
  ];
}
