import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { defaultPageSize, type Page, pageFrom, placeOf } from '../identity/paging.ts';
import { recordOf } from '../identity/record.ts';
import { pageInput, strict, text } from '../identity/schemas.ts';
import type { Exported } from '../limits/exported.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Ports } from '../ports/ports.ts';
import { exportOf, mediaTypeOf } from './export.ts';
import { type Filter, type Log, operatorLog, rowsOf, tenantLog } from './log_queries.ts';
import { type AuditEvent, insertAuditEvent, insertOperatorAuditEvent } from './queries.ts';
import { retainSince } from './retention.ts';
import { auditEvent, type ShownEvent, shownEvents } from './shown.ts';
import { verifyLog } from './verify.ts';

const moment = (description: string) =>
  Type.Refine(
    Type.String({ format: 'date-time', description }),
    (value) => /^(?:19[7-9]|[2-9]\d\d)\d-/.test(value) && !Number.isNaN(Date.parse(value)),
    () => 'must be a time from 1970 on',
  );

const filterInput = {
  actor: Type.Optional(text(1, 200, { description: 'The id of who acted.' })),
  action: Type.Optional(text(1, 200, { description: 'How the action begins: auth, member.add.' })),
  target: Type.Optional(text(1, 2000, { description: 'What was acted on, in full.' })),
  outcome: Type.Optional(Type.Enum(['success', 'refused'])),
  since: Type.Optional(moment('The earliest time.')),
  until: Type.Optional(moment('The time before which it happened.')),
};
type FilterInput = Static<Type.TObject<typeof filterInput>>;

const filterOf = ({ actor, action, target, outcome, since, until }: FilterInput): Filter => ({
  ...(actor === undefined ? {} : { actor }),
  ...(action === undefined ? {} : { action }),
  ...(target === undefined ? {} : { target }),
  ...(outcome === undefined ? {} : { outcome }),
  ...(since === undefined ? {} : { since: new Date(since) }),
  ...(until === undefined ? {} : { until: new Date(until) }),
});

const listInput = Type.Object({ ...filterInput, ...pageInput }, strict);

async function pageOfLog(ports: Ports, log: Log, input: Static<typeof listInput>): Promise<Page<ShownEvent>> {
  const { limit = defaultPageSize, page_token, ...rest } = input;
  const [place] = placeOf(page_token, 1) ?? [];
  if (place !== undefined && !/^\d{1,15}$/.test(place)) {
    throw invalid('page_token: not a token of this list', 'page_token');
  }
  const before = place === undefined ? undefined : Number(place);
  const rows = await log.open((tx) => rowsOf(tx, log, { before }, filterOf(rest), limit + 1));
  const page = pageFrom(
    rows,
    limit,
    (row) => [String(row.seq)],
    (row) => row,
  );
  return { ...page, items: await shownEvents(ports.identity.people, page.items) };
}

/** The audit log of the caller's tenant, the newest row first. */
export const list = defineOperation({
  name: 'audit.list',
  permission: 'audit:read',
  transaction: 'own',
  input: listInput,
  output: pageOf(auditEvent),
  run: ({ ports, tenant }, input) => pageOfLog(ports, tenantLog(ports.db, tenant.id), input),
});

/** The operators' audit log, the newest row first. */
export const listForOperators = defineOperation({
  name: 'operator_audit.list',
  permission: 'operator',
  transaction: 'administration',
  input: listInput,
  output: pageOf(auditEvent),
  run: ({ ports, db }, input) => pageOfLog(ports, operatorLog(db), input),
});

const exportInput = Type.Object({ format: Type.Enum(['jsonl', 'csv']), ...filterInput }, strict);
const exported = Type.Unsafe<Exported>({ description: 'The rows, the oldest first.' });

/** The rows of `log` as a file. `record` writes down who takes them, before anything is read. */
async function fileOf(
  { ports, caller }: Pick<Contexts['own'], 'ports' | 'caller'>,
  { format, ...filter }: Static<typeof exportInput>,
  log: Log,
  record: () => Promise<unknown>,
): Promise<Exported> {
  const body = await ports.limits.logExports.open(caller, log.chain, async () => {
    await record();
    return exportOf(log, ports.identity.people, format, filterOf(filter));
  });
  return { fileName: `audit.${format}`, type: mediaTypeOf(format), body };
}

/** Before anything is read: who takes a log with them is in it. */
const recordIn = (
  inTenant: <T>(run: (tx: TenantTx) => Promise<T>) => Promise<T>,
  event: AuditEvent,
): Promise<unknown> => inTenant((tx) => insertAuditEvent(tx, event));

const recordForOperators = ({ db }: Contexts['administration'], event: AuditEvent): Promise<unknown> =>
  db.inIdentity((tx) => insertOperatorAuditEvent(tx, event));

/** The caller's tenant's log as a file. */
export const exportLog = defineOperation({
  name: 'audit.export',
  permission: 'audit:read',
  transaction: 'own',
  audit: 'own',
  streams: true,
  input: exportInput,
  output: exported,
  run: (context, input) =>
    fileOf(context, input, tenantLog(context.ports.db, context.tenant.id), () =>
      recordIn(context.inTenant, recordOf(context, 'audit.export', '', input)),
    ),
});

/** The operators' log as a file. */
export const exportForOperators = defineOperation({
  name: 'operator_audit.export',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: exportInput,
  output: exported,
  run: (context, input) =>
    fileOf(context, input, operatorLog(context.db), () =>
      recordForOperators(context, recordOf(context, 'operator_audit.export', '', input)),
    ),
});

const number = Type.Union([Type.Integer(), Type.Null()]);
const verification = Type.Object({
  ok: Type.Boolean(),
  checked: Type.Integer({ description: 'How many rows were computed anew.' }),
  first_seq: number,
  last_seq: number,
  head_hash: Type.String({ description: 'Of the last row, in hex: keep it elsewhere, and compare.' }),
  anchor: Type.Union([
    Type.Object({
      seq: Type.Integer(),
      hash: Type.String(),
      signed: Type.String({ description: 'A JWS of this Maestro (RFC 7515) over both.' }),
    }),
    Type.Null(),
  ]),
  fault: Type.Optional(Type.Object({ seq: Type.Integer(), reason: Type.String() })),
});

async function verified(ports: Ports, log: Log): Promise<Static<typeof verification>> {
  const { checked, first, head, anchor, fault } = await verifyLog(log, ports.identity.statements);
  if (fault) ports.log.error({ chain: log.chain, ...fault }, 'an audit log does not verify');
  return {
    ok: fault === undefined,
    checked,
    first_seq: first ?? null,
    last_seq: head.seq === 0 ? null : head.seq,
    head_hash: head.hash.toString('hex'),
    anchor: anchor ? { seq: anchor.seq, hash: anchor.hash.toString('hex'), signed: anchor.signed } : null,
    ...(fault ? { fault: { seq: fault.seq, reason: fault.reason } } : {}),
  };
}

/** Computes the chain of the caller's tenant's log anew. */
export const verify = defineOperation({
  name: 'audit.verify',
  permission: 'audit:read',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({}, strict),
  output: verification,
  async run(context) {
    const { ports, tenant, inTenant } = context;
    await recordIn(inTenant, recordOf(context, 'audit.verify', ''));
    return verified(ports, tenantLog(ports.db, tenant.id));
  },
});

/** Computes the chain of the operators' log anew. */
export const verifyForOperators = defineOperation({
  name: 'operator_audit.verify',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: verification,
  async run(context) {
    await recordForOperators(context, recordOf(context, 'operator_audit.verify', ''));
    return verified(context.ports, operatorLog(context.db));
  },
});

/** Operators cannot wipe out the traces of what they did this month. */
const keptDaysMin = 30;

/** Takes the oldest rows from every log, and leaves a signed anchor in each. */
export const retain = defineOperation({
  name: 'audit.retention',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ before: moment(`Rows before this are removed; at least ${keptDaysMin} days ago.`) }, strict),
  output: Type.Object({
    removed: Type.Integer(),
    faults: Type.Array(Type.Object({ chain: Type.String(), fault: Type.String() }), {
      description: 'Logs of which rows were kept because they do not verify.',
    }),
  }),
  async run(context, input) {
    const before = new Date(input.before);
    if (before.getTime() > Date.now() - keptDaysMin * 86_400_000) {
      throw invalid(`before: must be at least ${keptDaysMin} days ago`, 'before');
    }
    const { actor, requestId, address } = recordOf(context, 'audit.retention', '');
    const removals = await retainSince(context.db, context.ports.identity, before, { actor, requestId, address });
    return {
      removed: removals.reduce((sum, { removed }) => sum + removed, 0),
      faults: removals.flatMap(({ chain, fault }) => (fault === undefined ? [] : [{ chain, fault }])),
    };
  },
});
