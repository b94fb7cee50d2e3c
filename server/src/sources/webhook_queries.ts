import type { IdentityTx, TenantTx } from '../db/tenancy.ts';
import type { WebhookKind } from './signatures.ts';

export interface WebhookRow {
  webhook_id: string;
  kind: WebhookKind;
  created_by: string;
  created_at: Date;
}

export interface NewWebhook {
  readonly id: string;
  readonly tenantId: string;
  readonly project: string;
  readonly kind: WebhookKind;
  readonly sealedSecret: Buffer;
  readonly createdBy: string;
}

/**
 * Undefined where the project has as many as it may. A tenant's webhooks are made one at a time: two that count at once
 * would both find room.
 */
export async function insertWebhook(tx: IdentityTx, hook: NewWebhook, max: number): Promise<WebhookRow | undefined> {
  await tx.sql('SELECT 1 FROM maestro.tenants WHERE tenant_id = $1 FOR NO KEY UPDATE', [hook.tenantId]);
  const [row] = await tx.sql<WebhookRow>(
    `INSERT INTO maestro.webhooks (webhook_id, tenant_id, project_id, kind, sealed_secret, created_by)
     SELECT $1, $2, $3, $4, $5, $6
      WHERE (SELECT count(*) FROM maestro.webhooks WHERE tenant_id = $2 AND project_id = $3) < $7
     RETURNING webhook_id, kind, created_by, created_at`,
    [hook.id, hook.tenantId, hook.project, hook.kind, hook.sealedSecret, hook.createdBy, max],
  );
  return row;
}

export const listWebhooks = (tx: IdentityTx, tenantId: string, project: string): Promise<WebhookRow[]> =>
  tx.sql<WebhookRow>(
    `SELECT webhook_id, kind, created_by, created_at FROM maestro.webhooks
      WHERE tenant_id = $1 AND project_id = $2 ORDER BY created_at, webhook_id`,
    [tenantId, project],
  );

/** The webhooks of a tenant after one of them, by their ids. */
export const webhooksAfter = (
  tx: IdentityTx,
  tenantId: string,
  after: string | undefined,
  limit: number,
): Promise<(WebhookRow & { project_id: string })[]> =>
  tx.sql<WebhookRow & { project_id: string }>(
    `SELECT webhook_id, project_id, kind, created_by, created_at FROM maestro.webhooks
      WHERE tenant_id = $1 AND ($2::uuid IS NULL OR webhook_id > $2) ORDER BY webhook_id LIMIT $3`,
    [tenantId, after ?? null, limit],
  );

/** The names of projects by their ids. */
export async function namesOfProjects(tx: TenantTx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ project_id: string; name: string }>(
    'SELECT project_id, name FROM maestro.projects WHERE tenant_id = $1 AND project_id = ANY($2::uuid[])',
    [tx.tenantId, ids],
  );
  return new Map(rows.map(({ project_id, name }) => [project_id, name]));
}

/** Which webhook is meant. */
interface WhichWebhook {
  readonly tenantId: string;
  readonly project: string;
  readonly id: string;
}

export async function webhookExists(tx: IdentityTx, { tenantId, project, id }: WhichWebhook): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.webhooks WHERE tenant_id = $1 AND project_id = $2 AND webhook_id = $3',
    [tenantId, project, id],
  );
  return rows.length > 0;
}

/** Undefined where there is no such webhook. */
export async function changeSecret(
  tx: IdentityTx,
  { tenantId, project, id }: WhichWebhook,
  sealedSecret: Buffer,
): Promise<WebhookRow | undefined> {
  const [row] = await tx.sql<WebhookRow>(
    `UPDATE maestro.webhooks SET sealed_secret = $4 WHERE tenant_id = $1 AND project_id = $2 AND webhook_id = $3
     RETURNING webhook_id, kind, created_by, created_at`,
    [tenantId, project, id, sealedSecret],
  );
  return row;
}

/** All of a project. */
export async function deleteWebhooks(tx: IdentityTx, tenantId: string, project: string): Promise<void> {
  await tx.sql('DELETE FROM maestro.webhooks WHERE tenant_id = $1 AND project_id = $2', [tenantId, project]);
}

/** False where there is no such webhook. */
export async function deleteWebhook(tx: IdentityTx, { tenantId, project, id }: WhichWebhook): Promise<boolean> {
  const rows = await tx.sql(
    'DELETE FROM maestro.webhooks WHERE tenant_id = $1 AND project_id = $2 AND webhook_id = $3 RETURNING 1',
    [tenantId, project, id],
  );
  return rows.length > 0;
}

export interface FoundWebhook {
  tenant_id: string;
  project_id: string;
  kind: WebhookKind;
  sealed_secret: Buffer;
}

/** A webhook of a tenant that is open. */
export async function findWebhook(tx: IdentityTx, slug: string, id: string): Promise<FoundWebhook | undefined> {
  const [row] = await tx.sql<FoundWebhook>(
    `SELECT w.tenant_id, w.project_id, w.kind, w.sealed_secret
       FROM maestro.webhooks w JOIN maestro.tenants t ON t.tenant_id = w.tenant_id
      WHERE w.webhook_id = $1 AND t.slug = $2 AND t.is_active`,
    [id, slug],
    'find_webhook',
  );
  return row;
}

/** Of one webhook that are known when they come again. Recording one that is older comes to the same as before. */
const deliveriesKept = 2000;

export interface Delivery {
  readonly project: string;
  readonly webhook: string;
  readonly id: string;
  readonly bodyHash: Buffer;
}

/**
 * Keeps a delivery; false where it was there already. GitHub's signature does not cover the name of the delivery: the same
 * body under another name is the same one.
 */
export async function keepDelivery(tx: TenantTx, { project, webhook, id, bodyHash }: Delivery): Promise<boolean> {
  const kept = await tx.sql(
    `INSERT INTO maestro.webhook_deliveries (tenant_id, project_id, webhook_id, delivery_id, body_hash, received_at)
     SELECT $1, $2, $3, $4, $5, now()
      WHERE NOT EXISTS (SELECT 1 FROM maestro.webhook_deliveries d
                         WHERE d.tenant_id = $1 AND d.webhook_id = $3 AND d.body_hash = $5)
     ON CONFLICT (tenant_id, webhook_id, delivery_id) DO NOTHING RETURNING 1`,
    [tx.tenantId, project, webhook, id, bodyHash],
    'keep_delivery',
  );
  if (kept.length === 0) return false;
  await tx.sql(
    `DELETE FROM maestro.webhook_deliveries
      WHERE tenant_id = $1 AND webhook_id = $2 AND received_at < (
        SELECT d.received_at FROM maestro.webhook_deliveries d WHERE d.tenant_id = $1 AND d.webhook_id = $2
         ORDER BY d.received_at DESC OFFSET ${deliveriesKept - 1} LIMIT 1)`,
    [tx.tenantId, webhook],
    'forget_deliveries',
  );
  return true;
}

export async function forgetDeliveries(tx: TenantTx, webhook: string): Promise<void> {
  await tx.sql('DELETE FROM maestro.webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2', [
    tx.tenantId,
    webhook,
  ]);
}
