import { randomUUID } from 'node:crypto';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type Database, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import { hashOfKey, mintKey, shownOfKey } from './key_text.ts';
import { generatePassword, type Passwords } from './passwords.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { defaultTenantId, seedTenant } from './tenants.ts';

/** What the first start makes, for people: shown once. */
export interface FirstStart {
  readonly tenant: string;
  readonly email: string;
  readonly password: string;
  readonly apiKey: string;
  /** When the key ends; null for one without an end. */
  readonly apiKeyEnds: Date | null;
}

/**
 * Keeps what the first start makes from before it is in the database until it has been shown: a process that is killed
 * between the two must not lock everybody out.
 */
export interface FirstStartKeeper {
  /** The text kept; `generate`'s, kept from now on, where there is none. It is on disk when the promise is fulfilled. */
  keep(generate: () => string): Promise<string>;
  /** The text kept; undefined where there is none. */
  kept(): Promise<string | undefined>;
  forget(): Promise<void>;
}

export interface BootstrapOptions {
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly policy?: Pick<Policy, 'apiKeyDays'>;
  /** In this process only, unless said otherwise. */
  readonly keeper?: FirstStartKeeper;
  /** `admin@localhost` unless said otherwise. */
  readonly email?: string;
}

/** A first start before it is in the database. The ids tell whether it was this one that got there. */
interface Draft {
  readonly userId: string;
  readonly keyId: string;
  readonly email: string;
  readonly password: string;
  readonly apiKey: string;
}

const slug = 'default';

/**
 * On an empty database: the tenant `default`, an administrator (operator, and tenant_admin of `default`) with a
 * generated password, and an API key of that user. Where they exist: undefined, unless the keeper still has what was
 * never shown. The caller shows it and then calls `keeper.forget`. Of several processes that start at once one wins;
 * one that is interrupted leaves nothing in the way of the next.
 */
export async function bootstrap(db: Database, options: BootstrapOptions): Promise<FirstStart | undefined> {
  const { passwords, policy = defaultPolicy, keeper = keepNowhere, email = 'admin@localhost' } = options;
  const made = await db.inIdentity((tx) =>
    tx.first(build.selectFrom('tenants').select('tenant_id').where('tenant_id', '=', defaultTenantId)),
  );
  if (made) {
    const kept = await keeper.kept();
    return kept === undefined ? undefined : settle(db, JSON.parse(kept), keeper);
  }
  const draft: Draft = JSON.parse(await keeper.keep(() => JSON.stringify(draftOf(email))));
  const passwordHash = await passwords.hash(draft.password);
  // First the tenant's own rows: until the transaction below commits, its key stands for nobody.
  await db.inTenant(defaultTenantId, async (tx) => {
    await seedTenant(tx);
    await insertKey(tx, draft, policy.apiKeyDays);
  });
  await db.inIdentity((tx) => insertAdministrator(tx, draft, passwordHash));
  return settle(db, draft, keeper);
}

const keepNowhere: FirstStartKeeper = {
  keep: async (generate) => generate(),
  kept: async () => undefined,
  forget: async () => undefined,
};

function draftOf(email: string): Draft {
  const apiKey = mintKey(defaultTenantId).text;
  return { userId: randomUUID(), keyId: randomUUID(), email, password: generatePassword(), apiKey };
}

/** What to show where the draft is what stands in the database; where another process was first, it is cleared away. */
async function settle(db: Database, draft: Draft, keeper: FirstStartKeeper): Promise<FirstStart | undefined> {
  const { userId, keyId, email, password, apiKey } = draft;
  const won = await db.inIdentity((tx) =>
    tx.first(build.selectFrom('users').select('user_id').where('user_id', '=', userId)),
  );
  if (won) {
    const key = await db.inTenant(defaultTenantId, (tx) =>
      tx.first(
        build
          .selectFrom('api_keys')
          .select('expires_at')
          .where('tenant_id', '=', defaultTenantId)
          .where('key_id', '=', keyId),
      ),
    );
    return { tenant: slug, email, password, apiKey, apiKeyEnds: key?.expires_at ?? null };
  }
  await db.inTenant(defaultTenantId, (tx) =>
    tx.all(build.deleteFrom('api_keys').where('tenant_id', '=', defaultTenantId).where('key_id', '=', keyId)),
  );
  await keeper.forget();
  return undefined;
}

/** Safe to repeat. */
async function insertKey(tx: TenantTx, { userId, keyId, apiKey }: Draft, days: number): Promise<void> {
  await tx.all(
    build
      .insertInto('api_keys')
      .values({
        tenant_id: defaultTenantId,
        key_id: keyId,
        name: 'first start',
        prefix: shownOfKey(apiKey),
        secret_hash: hashOfKey(apiKey),
        user_id: userId,
        created_by: 'maestro',
        expires_at: new Date(Date.now() + days * 86_400_000),
      })
      .onConflict((conflict) => conflict.doNothing()),
  );
}

/** Makes the tenant appear, with its administrator; nothing where it is there. */
async function insertAdministrator(tx: IdentityTx, { userId, email }: Draft, passwordHash: string): Promise<boolean> {
  const tenant = await tx.first(
    build
      .insertInto('tenants')
      .values({ tenant_id: defaultTenantId, slug, name: 'Default' })
      .onConflict((conflict) => conflict.doNothing())
      .returning('tenant_id'),
  );
  if (!tenant) return false;
  await tx.all(
    build
      .insertInto('users')
      .values({ user_id: userId, email, name: 'Administrator', password_hash: passwordHash, is_operator: true }),
  );
  await tx.all(
    build.insertInto('memberships').values({ tenant_id: defaultTenantId, user_id: userId, role: 'tenant_admin' }),
  );
  await insertOperatorAuditEvent(tx, {
    actor: { kind: 'system', id: 'maestro' },
    action: 'first_start',
    target: userId,
    outcome: 'success',
    requestId: '',
    address: '',
  });
  return true;
}
