import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import Type from 'typebox';
import { insertAuditEvent } from '../audit/queries.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { lengthOf } from '../files/raw_body.ts';
import { actorOf, type Tenant } from '../identity/caller.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { recordOf } from '../identity/record.ts';
import { id, pageInput, slug, strict, time } from '../identity/schemas.ts';
import { sealedColumns } from '../identity/sealed_rows.ts';
import { projectExists } from '../identity/target_queries.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Ports } from '../ports/ports.ts';
import { missingProject } from '../projects/refusals.ts';
import { requireProject } from '../projects/required.ts';
import { readDelivery } from './delivery_body.ts';
import { recordEvent, type SourceEvent } from './events.ts';
import { githubEvent } from './github.ts';
import { gitlabEvent } from './gitlab.ts';
import { Payload } from './payload.ts';
import { takeTurn } from './people.ts';
import { deliveryIdOf, githubEventOf, isGenuine, secretPrefix, type WebhookKind } from './signatures.ts';
import * as queries from './webhook_queries.ts';

const kind = Type.Enum(['github', 'gitlab']);
const webhook = { webhook_id: id, kind, created_by: Type.String(), created_at: time };

/** Of one project. */
const webhooksMax = 50;

const webhookUrl = Type.String({ description: 'Where the deliveries go, as JSON.' });
const Secret = Type.Object({
  ...webhook,
  url: webhookUrl,
  secret: Type.String({
    description: 'What signs them; it is shown this once. At GitLab it is a signing token, or the secret token.',
  }),
});

const newSecret = (): string => `${secretPrefix}${randomBytes(32).toString('base64')}`;

const shown = <Row extends queries.WebhookRow>({ ports, tenant }: { ports: Ports; tenant: Tenant }, row: Row) => ({
  ...row,
  created_at: row.created_at.toISOString(),
  url: `${ports.publicUrl()}/api/v1/hooks/${tenant.slug}/${row.webhook_id}`,
});

const missing = (hook: string): MaestroError => notFound(`No webhook with id '${hook}'`);

export const createWebhook = defineOperation({
  name: 'webhook.create',
  permission: 'project:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ project_id: id, kind }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Secret,
  async run(context, { project_id: project, kind }) {
    const { tenant, ports, caller, inTenant } = context;
    const secret = newSecret();
    const hook = randomUUID();
    const sealedSecret = ports.identity.sealer.seal(secret, sealedColumns.webhook.context(hook));
    const createdBy = actorOf(caller).id;
    // Told of before it is there: one that nobody was told of would be a door that nobody knows.
    await inTenant(async (tx) => {
      await requireProject(tx, project);
      await insertAuditEvent(tx, recordOf(context, 'webhook.create', hook, { project, kind }));
    });
    const made = await ports.db.inIdentity((tx) =>
      queries.insertWebhook(tx, { id: hook, tenantId: tenant.id, project, kind, sealedSecret, createdBy }, webhooksMax),
    );
    if (!made) throw new MaestroError('invalid_state', `A project has ${webhooksMax} webhooks at most.`);
    // A project that was deleted meanwhile took along the webhooks that it had by then.
    if (!(await inTenant((tx) => projectExists(tx, project)))) {
      await ports.db.inIdentity((tx) => queries.deleteWebhook(tx, { tenantId: tenant.id, project, id: hook }));
      throw missingProject(project);
    }
    return { ...shown(context, made), secret };
  },
});

/** Gives a webhook another secret; what is signed with the one before is refused from then on. */
export const rotateWebhook = defineOperation({
  name: 'webhook.rotate',
  permission: 'project:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ project_id: id, webhook_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Secret,
  async run(context, { project_id: project, webhook_id: hook }) {
    const { tenant, ports, inTenant } = context;
    const secret = newSecret();
    const sealedSecret = ports.identity.sealer.seal(secret, sealedColumns.webhook.context(hook));
    const where = { tenantId: tenant.id, project, id: hook };
    const isThere = await ports.db.inIdentity((tx) => queries.webhookExists(tx, where));
    if (!isThere) throw missing(hook);
    await inTenant((tx) => insertAuditEvent(tx, recordOf(context, 'webhook.rotate', hook, { project })));
    const changed = await ports.db.inIdentity((tx) => queries.changeSecret(tx, where, sealedSecret));
    if (!changed) throw missing(hook);
    return { ...shown(context, changed), secret };
  },
});

export const getWebhooks = defineOperation({
  name: 'webhook.list',
  permission: 'project:read',
  transaction: 'own',
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({ items: Type.Array(Type.Object({ ...webhook, url: webhookUrl })) }),
  async run({ tenant, ports, inTenant }, { project_id: project }) {
    await inTenant((tx) => requireProject(tx, project));
    const rows = await ports.db.inIdentity((tx) => queries.listWebhooks(tx, tenant.id, project));
    return { items: rows.map((row) => shown({ ports, tenant }, row)) };
  },
});

/** The webhooks of all projects, by their ids, which are random. */
export const getAllWebhooks = defineOperation({
  name: 'webhook.list_all',
  permission: 'project:read',
  transaction: 'own',
  input: Type.Object(pageInput, strict),
  output: pageOf(Type.Object({ ...webhook, url: webhookUrl, project_id: id, project: Type.String() })),
  async run({ tenant, ports, inTenant }, { limit = defaultPageSize, page_token }) {
    const place = placeOf(page_token, 1);
    const rows = await atPlace(place, () =>
      ports.db.inIdentity((tx) => queries.webhooksAfter(tx, tenant.id, place?.[0], limit + 1)),
    );
    const names = await inTenant((tx) => queries.namesOfProjects(tx, [...new Set(rows.map((row) => row.project_id))]));
    return pageFrom(
      rows,
      limit,
      (row) => [row.webhook_id],
      (row) => ({ ...shown({ ports, tenant }, row), project: names.get(row.project_id) ?? '' }),
    );
  },
});

export const deleteWebhook = defineOperation({
  name: 'webhook.delete',
  permission: 'project:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ project_id: id, webhook_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({}),
  async run(context, { project_id: project, webhook_id: hook }) {
    const { tenant, ports, inTenant } = context;
    const isGone = await ports.db.inIdentity((tx) =>
      queries.deleteWebhook(tx, { tenantId: tenant.id, project, id: hook }),
    );
    if (!isGone) throw missing(hook);
    await inTenant(async (tx) => {
      await queries.forgetDeliveries(tx, hook);
      await insertAuditEvent(tx, recordOf(context, 'webhook.delete', hook, { project }));
    });
    return {};
  },
});

type Outcome = 'recorded' | 'repeated' | 'ignored';

function eventOf(kind: WebhookKind, name: string, body: Buffer): SourceEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw invalid('The body is not valid JSON: choose the content type application/json at the source.');
  }
  return kind === 'github' ? githubEvent(name, new Payload(value)) : gitlabEvent(new Payload(value));
}

/**
 * A delivery of GitHub or GitLab. Its signature is all that says who sends it, so nothing of it is looked at before; and
 * what answers a false one answers a webhook that is not there. That one costs a look-up: its body is not read, since
 * bodies take memory that all webhooks share. Whether a webhook is there is no secret to who knows its id, which is random.
 */
export const receiveDelivery = defineOperation({
  name: 'webhook.receive',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ tenant: slug, hook_id: id, body: Type.Unsafe<Readable>({}) }, strict),
  output: Type.Object({
    outcome: Type.Enum(['recorded', 'repeated', 'ignored'], {
      description: 'ignored: it tells nothing that is recorded; a ping among them.',
    }),
  }),
  async run({ db, ports, call }, { tenant: tenantSlug, hook_id: hook, body: stream }) {
    const found = await db.inIdentity((tx) => queries.findWebhook(tx, tenantSlug, hook));
    const refuse = async (reason: string, tenantId?: string): Promise<MaestroError> => {
      const { address, requestId } = call;
      const action = 'webhook.receive';
      await ports.identity.refusals.note({ action, reason, address, requestId, ...(tenantId ? { tenantId } : {}) });
      return notFound('No such webhook, or the signature is not that of its secret.');
    };
    if (!found) throw await refuse('no such webhook');
    const body = await readDelivery(stream, lengthOf(call));
    const context = sealedColumns.webhook.context(hook);
    const secret = (await ports.identity.sealer.open(found.sealed_secret, context)).toString();
    if (!isGenuine(found.kind, secret, call, body)) throw await refuse('a false signature', found.tenant_id);
    const standing = ports.limits.tenants.admit(found.tenant_id);
    if (standing) await standing;
    const event = eventOf(found.kind, githubEventOf(call), body);
    const bodyHash = hash('sha256', body, 'buffer');
    const project = found.project_id;
    const delivery = { project, webhook: hook, id: deliveryIdOf(found.kind, call, bodyHash), bodyHash };
    const outcome = await db.inTenant(found.tenant_id, async (tx): Promise<Outcome | undefined> => {
      if (!(await takeTurn(tx, project))) return undefined;
      if (!(await queries.keepDelivery(tx, delivery))) return 'repeated';
      if (!event) return 'ignored';
      await recordEvent(tx, project, event);
      return 'recorded';
    });
    if (outcome === undefined) throw await refuse('the project is gone', found.tenant_id);
    return { outcome };
  },
});
