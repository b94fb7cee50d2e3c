import { Readable } from 'node:stream';
import Type from 'typebox';
import { exportOf } from '../audit/export.ts';
import { tenantLog } from '../audit/log_queries.ts';
import { insertAuditEvent } from '../audit/queries.ts';
import { jsonRows } from '../db/cursor.ts';
import { notFound } from '../errors.ts';
import type { Download } from '../files/operations.ts';
import { checkFilePath, isLibraryPath } from '../files/paths.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import type { Place } from './caller.ts';
import { requireFresh } from './fresh.ts';
import { asOperatorKey } from './in_tenant.ts';
import { recordOf } from './record.ts';
import { checkNotBeyond } from './role_rules.ts';
import { permissionsOf } from './roles.ts';
import { slug, strict, text } from './schemas.ts';
import type { Lines } from './send_lines.ts';

/** The tables that hold a tenant's rows, with the columns that are neither computed from others nor secret. */
const tablesText = `
  SELECT c.relname AS "table", array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
   WHERE p.polname = 'own_tenant' AND c.relnamespace = 'maestro'::regnamespace AND NOT c.relispartition
     AND a.attname !~ 'secret|sealed'
   GROUP BY c.oid, c.relname ORDER BY c.relname`;

/** What stands of a tenant in the tables of all: what operators note in `settings` and `metadata` is theirs. */
const ofAll: Readonly<Record<string, string>> = {
  tenants: `SELECT (to_jsonb(t) - 'settings' - 'metadata')::text FROM maestro.tenants t WHERE t.tenant_id = $1`,
  memberships: `
    SELECT jsonb_build_object('user_id', m.user_id, 'email', u.email, 'name', u.name, 'role', m.role,
                              'created_at', m.created_at)::text
      FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id WHERE m.tenant_id = $1`,
};

const tablesOf = (ports: Ports): Promise<{ table: string; columns: string[] }[]> =>
  ports.db.inIdentity((tx) => tx.sql(tablesText));

const partsOf = async (ports: Ports): Promise<string[]> => [
  ...Object.keys(ofAll),
  ...(await tablesOf(ports)).map(({ table }) => table),
  'files',
];

async function* joined(rows: AsyncIterable<string[]>): AsyncGenerator<string> {
  for await (const texts of rows) yield texts.map((each) => `${each}\n`).join('');
}

/** Every file below a directory, a line each: its path and its size in bytes. */
async function* fileLines(blobs: Ports['blobs'], tenantId: string, directory = ''): AsyncGenerator<string> {
  for (const { name, isDirectory, size } of await blobs.list(tenantId, directory)) {
    const path = directory === '' ? name : `${directory}/${name}`;
    if (isDirectory) yield* fileLines(blobs, tenantId, path);
    else yield `${JSON.stringify({ path, size })}\n`;
  }
}

/** One part of a tenant, each table from one snapshot. Throws `not_found` for what is none. */
async function linesOf(ports: Ports, tenantId: string, part: string): Promise<Lines> {
  const { db } = ports;
  const linesFrom = (body: AsyncIterable<string>): Lines => ({
    fileName: `${part}.jsonl`,
    body: Readable.from(body, { highWaterMark: 1 }),
  });
  if (part === 'files') return linesFrom(fileLines(ports.blobs, tenantId));
  // With the sealed fields opened: without this Maestro's keys they are of no use.
  if (part === 'audit_events') {
    return {
      fileName: `${part}.jsonl`,
      body: exportOf(tenantLog(db, tenantId), ports.identity.people, 'jsonl', {}).body,
    };
  }
  const global = Object.hasOwn(ofAll, part) ? ofAll[part] : undefined;
  if (global !== undefined) return linesFrom(joined(jsonRows((read) => db.inIdentity(read), global, [tenantId])));
  const found = (await tablesOf(ports)).find(({ table }) => table === part);
  if (!found) throw notFound(`An export has no part '${part}'`);
  const rows = `SELECT row_to_json(r)::text
                  FROM (SELECT ${found.columns.join(', ')} FROM maestro.${part} WHERE tenant_id = $1) r`;
  return linesFrom(joined(jsonRows((read) => db.inTenant(tenantId, read), rows, [tenantId])));
}

async function fileOf({ blobs }: Ports, tenantId: string, given: string): Promise<Download> {
  const path = isLibraryPath(given) ? given : checkFilePath(given);
  const file = await blobs.open(tenantId, path);
  if (!file) throw notFound(`No such artifact: '${path}'`);
  return { path, file };
}

const partList = Type.Object({ parts: Type.Array(Type.String()) });
const partName = text(1, 63, { description: 'One of the parts that the export lists.' });
const filePath = text(1, 2000, { description: 'The path of a file, as the part `files` has it.' });
const lines = Type.Unsafe<Lines>({ description: 'A row of the part on each line.' });
const content = Type.Unsafe<Download>({ description: 'The content.' });

/** All that a tenant has is for who may read all of it. */
const checkWhole = (place: Place): void => checkNotBeyond(place, permissionsOf.tenant_admin, 'a tenant’s export');

/** A person takes it, not a key that lies somewhere, and it is recorded before anything is read. */
async function recordOwn(context: Contexts['own'], target: string): Promise<void> {
  const { caller, ports, place, inTenant } = context;
  requireFresh(caller, ports.identity.policy);
  checkWhole(place);
  await inTenant((tx) => insertAuditEvent(tx, recordOf(context, 'tenant.export', target)));
}

/** What an export of the caller's tenant consists of. */
export const list = defineOperation({
  name: 'tenant_export.list',
  permission: 'tenant:write',
  transaction: 'own',
  input: Type.Object({}, strict),
  output: partList,
  async run({ ports, place }) {
    checkWhole(place);
    return { parts: await partsOf(ports) };
  },
});

export const read = defineOperation({
  name: 'tenant_export.read',
  permission: 'tenant:write',
  transaction: 'own',
  audit: 'own',
  streams: true,
  input: Type.Object({ part: partName }, strict),
  output: lines,
  async run(context, { part }) {
    await recordOwn(context, part);
    return linesOf(context.ports, context.tenant.id, part);
  },
});

export const readFile = defineOperation({
  name: 'tenant_export.read_file',
  permission: 'tenant:write',
  transaction: 'own',
  audit: 'own',
  streams: true,
  input: Type.Object({ path: filePath }, strict),
  output: content,
  async run(context, { path }) {
    await recordOwn(context, path);
    return fileOf(context.ports, context.tenant.id, path);
  },
});

const recordIn = (context: Contexts['administration'], tenant: string, target: string): Promise<string> =>
  asOperatorKey(context, 'tenant.export', tenant, async (tx) => ({ result: tx.tenantId, target }));

/** The same of any tenant, for the command line on the server's machine. */
export const listIn = defineOperation({
  name: 'tenant_export.list_in',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug }, strict),
  output: partList,
  async run(context, { tenant }) {
    await recordIn(context, tenant, '');
    return { parts: await partsOf(context.ports) };
  },
});

export const readIn = defineOperation({
  name: 'tenant_export.read_in',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ tenant: slug, part: partName }, strict),
  output: lines,
  run: async (context, { tenant, part }) => linesOf(context.ports, await recordIn(context, tenant, part), part),
});

export const readFileIn = defineOperation({
  name: 'tenant_export.read_file_in',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ tenant: slug, path: filePath }, strict),
  output: content,
  run: async (context, { tenant, path }) =>
    fileOf(context.ports, await recordIn(context, tenant, `file ${path}`), path),
});
