import Type from 'typebox';
import { type Log, operatorLog, rowsOf, tenantLog } from '../audit/log_queries.ts';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { type ShownEvent, shownEvents } from '../audit/shown.ts';
import { jsonRows } from '../db/cursor.ts';
import { type Exported, endLine, jsonLines } from '../limits/exported.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { belongingsOf } from './belongings.ts';
import { requireFresh } from './fresh.ts';
import { namesOf } from './names.ts';
import { tenantsConcerned } from './queries.ts';
import { recordOf } from './record.ts';
import { id, strict } from './schemas.ts';
import { traceStatements } from './traces.ts';
import { userById } from './user_operations.ts';

const format = 1;
const auditPage = 500;

/** One line: where its row stands, and the row. `row` is JSON already. */
const lineOf = (table: string, row: string, tenant?: string): string =>
  `{"table":${JSON.stringify(table)},${tenant === undefined ? '' : `"tenant_id":"${tenant}",`}"row":${row}}\n`;

/** What is another's in a row about the person: from where, and by what device, an administrator acted, is theirs. */
function withoutOthers(event: ShownEvent, userId: string): ShownEvent {
  return event.actor.id === userId ? event : { ...event, address: '', personal: {} };
}

/** The rows of a log in which the person acted, then those about the person by others. */
async function* auditLines({ identity }: Ports, log: Log, userId: string, tenant?: string): AsyncGenerator<string> {
  const table = tenant === undefined ? 'operator_audit_events' : 'audit_events';
  for (const filter of [{ actor: userId }, { target: userId }]) {
    for (let after = 0; ; ) {
      const from = after;
      const rows = await log.open((tx) => rowsOf(tx, log, { after: from }, filter, auditPage));
      for (const event of await shownEvents(identity.people, rows)) {
        const isRepeated = 'target' in filter && event.actor.id === userId;
        if (!isRepeated) yield lineOf(table, JSON.stringify(withoutOthers(event, userId)), tenant);
      }
      const last = rows.at(-1);
      if (!last || rows.length < auditPage) break;
      after = last.seq;
    }
  }
}

/** What is another's in a row that is the person's: of a link, who asked for it and from where, or to whom it went. */
const ofOthers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  one_time_tokens: {
    asked_by: 'CASE WHEN asked_by = $1 THEN asked_by END AS asked_by',
    address: 'CASE WHEN asked_by IS NULL OR asked_by = $1 THEN address END AS address',
    email: 'CASE WHEN user_id = $1 THEN email END AS email',
  },
};

/** What stands of the person in the tables of people: the account, the places in tenants, and what belongs to it. */
async function personalLines({ db }: Ports, userId: string): Promise<string[]> {
  return db.inIdentity(async (tx) => {
    const lines: string[] = [];
    const add = async (table: string, columns: string, isOwn: string): Promise<void> => {
      const rows = await tx.sql<{ row: string }>(
        `SELECT to_jsonb(r)::text AS row FROM (SELECT ${columns} FROM maestro.${table} WHERE ${isOwn}) r`,
        [userId],
      );
      lines.push(...rows.map(({ row }) => lineOf(table, row)));
    };
    const ofUser = 'user_id, email, name, is_operator, is_active, email_verified_at, created_at, updated_at';
    await add('users', `${ofUser}, password_hash IS NOT NULL AS has_password`, 'user_id = $1');
    await add('memberships', 'tenant_id, role, created_at', 'user_id = $1');
    for (const { table, isOwn, columns } of await belongingsOf(tx)) {
      await add(table, columns.map((column) => ofOthers[table]?.[column] ?? column).join(', '), isOwn);
    }
    await add('webhooks', 'webhook_id, tenant_id, project_id, kind, created_by, created_at', 'created_by = $1');
    return lines;
  });
}

/** All that is kept of a person, little of it in memory at a time. The last line says that it is whole. */
async function* linesOf(ports: Ports, userId: string, names: readonly string[]): AsyncGenerator<string> {
  const { db } = ports;
  let count = 0;
  const counted = (text: string): string => {
    count++;
    return text;
  };
  const about = { format, user_id: userId, made_at: new Date().toISOString(), made_by: ports.publicUrl() };
  yield `${JSON.stringify({ export: about })}\n`;
  for (const line of await personalLines(ports, userId)) yield counted(line);
  for (const tenantId of await db.inIdentity((tx) => tenantsConcerned(tx, userId))) {
    for (const { table, text } of traceStatements) {
      const rowsIn = jsonRows((read) => db.inTenant(tenantId, read), text, [tenantId, userId, names]);
      for await (const rows of rowsIn) {
        for (const row of rows) yield counted(lineOf(table, row, tenantId));
      }
    }
    for await (const line of auditLines(ports, tenantLog(db, tenantId), userId, tenantId)) yield counted(line);
  }
  for await (const line of auditLines(ports, operatorLog(db), userId)) yield counted(line);
  yield endLine(count);
}

/** Recorded before anything is read: who takes a person's data with them is in the log. */
async function exportOf(context: Contexts['administration'], action: string, userId: string): Promise<Exported> {
  const { db, ports, caller } = context;
  const body = await ports.limits.exports.open(caller, `user ${userId}`, async () => {
    const user = await db.inIdentity(async (tx) => {
      const found = await userById(tx, userId);
      await insertOperatorAuditEvent(tx, recordOf(context, action, userId), await tenantsConcerned(tx, userId));
      return found;
    });
    return linesOf(ports, userId, namesOf(user));
  });
  return { fileName: `${userId}.jsonl`, type: jsonLines, body };
}

const exported = Type.Unsafe<Exported>({
  description: 'A line for each row, and a last one that says that it is whole.',
});

/** The caller's own data, for who signed in a short while ago. */
export const exportOwn = defineOperation({
  name: 'profile.export',
  permission: 'signed_in',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: exported,
  run: (context) =>
    exportOf(context, 'profile.export', requireFresh(context.caller, context.ports.identity.policy).userId),
});

/** A person's data, for an operator who was asked for it. */
export const exportUser = defineOperation({
  name: 'user.export',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ user_id: id }, strict),
  output: exported,
  run: (context, { user_id: userId }) => exportOf(context, 'user.export', userId),
});
