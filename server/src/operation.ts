import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type AuditEvent, insertAuditEvent, insertOperatorAuditEvent } from './audit/queries.ts';
import type { Database, IdentityTx, TenantTx } from './db/tenancy.ts';
import { type ErrorCode, type LimitState, MaestroError } from './errors.ts';
import { faultOf } from './fault.ts';
import { actorOf, type Caller, isOperator, type Place, type Tenant } from './identity/caller.ts';
import { type Scope, scopeOf, type Target } from './identity/granted.ts';
import { may, type RequiredInTenant } from './identity/may.ts';
import { detailIn } from './identity/record.ts';
import type { Permission } from './identity/roles.ts';
import type { Ports } from './ports/ports.ts';

/** What a face knows of a request. Header names are lower case. */
export interface Call {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly address: string;
  readonly requestId: string;
  readonly method: string;
  /** `scheme://host[:port]`, as the request addressed this server: the origin of a page of ours. */
  readonly origin: string;
  /** When the whole request was there, as performance.now() has it. */
  readonly arrivedAt: number;
  /** Sends a Set-Cookie header with the answer. */
  setCookie(text: string): void;
  /** Says with the answer where the caller stands with a limit. */
  sayLimit(state: LimitState): void;
}

interface BaseContext {
  readonly call: Call;
  readonly caller: Caller;
  readonly ports: Ports;
  /** Names what the operation acts on, for the audit row. `personal` is sealed with the key of the person who acts. */
  audit(target: string, detail?: Record<string, unknown>, personal?: Record<string, string>): void;
}

interface InTenant extends BaseContext {
  readonly tenant: Tenant;
  /** The caller's own in it. */
  readonly place: Place;
  /** What grants open to a caller whose role does not allow the operation; undefined where the role does. */
  readonly scope: Scope | undefined;
}

/** What `run` gets, by the kind of transaction that the operation asks for. */
export interface Contexts {
  /** The default: the pipeline opens the tenant's transaction and commits it. */
  tenant: InTenant & { readonly tx: TenantTx };
  /** The operation opens tenant transactions of its own (ingestion, streams); it passed the same checks. */
  own: InTenant & { readonly inTenant: <T>(run: (tx: TenantTx) => Promise<T>) => Promise<T> };
  /** Over the personal and global tables, in no tenant. */
  identity: BaseContext & { readonly tx: IdentityTx };
  /** Across both: the operation opens its transactions. Only for the administration of tenants and keys. */
  administration: BaseContext & { readonly db: Database };
}

/** Who may call: anyone; anyone signed in; operators; or somebody in the tenant. */
export type Required = 'public' | 'signed_in' | 'operator' | RequiredInTenant;

interface Definition<Kind extends keyof Contexts, In extends TSchema, Out extends TSchema> {
  /** `resource.verb`: the action in the audit log. */
  name: string;
  permission: Kind extends 'tenant' | 'own' ? RequiredInTenant : Required;
  transaction?: Kind;
  /** What a call is about, where that is one thing that may be granted by itself: grants on it then let callers in. */
  on?: (input: Static<In>, where: { ports: Ports; tenant: Tenant }) => Target | undefined | Promise<Target | undefined>;
  /** A list or search that gives a caller whom only grants let in what lies within `context.scope`. */
  narrows?: true;
  input: In;
  /** What `run` gives: the type, and the schema in the contract of `/api/v1`. */
  output: Out;
  /**
   * Writes an audit row in the operation's transaction: access, administration, deletion, outcomes. `own`: `run` writes
   * it, into the transaction that does the work; the only way where it opens that itself.
   */
  audit?: boolean | 'own';
  /** It lasts as long as its caller sends: it takes no place among the tenants' requests. */
  streams?: boolean;
  run(context: Contexts[Kind], input: Static<In>): Promise<Static<Out>>;
}

export interface Operation<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly permission: Required;
  readonly input: TSchema;
  readonly output: TSchema;
  /** How far a grant opens it: for the one thing it is about, narrowed to what is granted, or not at all. */
  readonly byGrant: 'thing' | 'list' | 'no';
  /**
   * A method, so that a table of routes can hold operations of any input: each is validated by the pipeline. A face
   * that reads a request with complaints of its own gives a function, called once it is known who sends it.
   */
  execute(ports: Ports, call: Call, input: Input | (() => Input)): Promise<Output>;
}

const publicNames = new Set<string>();

/** Whether an operation may be called by anyone. */
export const isPublic = (operation: string): boolean => publicNames.has(operation);

const denials: readonly ErrorCode[] = ['permission_denied', 'fresh_sign_in_required'];

const isDenial = (error: unknown): boolean => error instanceof MaestroError && denials.includes(error.code);

function authorizeOutsideTenant(caller: Caller, permission: Required): void {
  if (permission === 'public') return;
  if (caller.kind === 'anonymous') throw new MaestroError('unauthenticated', 'Sign in, or send an API key.');
  if (permission === 'signed_in') return;
  if (permission !== 'operator' || !isOperator(caller)) {
    throw new MaestroError('permission_denied', 'Only an operator may do this.');
  }
}

/** That a caller gets into no tenant: the answer, and what the audit says of it. */
class NoEntry extends MaestroError {
  readonly reason: string;
  /** The tenant whose own log says so: one that the caller belongs to, and that is closed to it. */
  readonly tenantId: string | undefined;

  constructor(code: ErrorCode, message: string, reason: string, tenantId?: string) {
    super(code, message);
    this.reason = reason;
    this.tenantId = tenantId;
  }
}

const withoutFactor = ({ tenant }: Place, who: string): NoEntry => {
  const message = `Workspace '${tenant.slug}' requires a second factor: ${who}`;
  return new NoEntry('permission_denied', message, 'without the second factor that the tenant requires', tenant.id);
};

/**
 * The tenant of a request: an API key's own; for a user the one that `X-MLFLOW-WORKSPACE` names among those the user
 * belongs to, else the token's. A tenant that the caller is not in does not exist.
 */
function enterTenant(caller: Caller, call: Call): Place {
  const header = call.headers['x-mlflow-workspace'];
  const slug = typeof header === 'string' && header !== '' ? header : undefined;
  const missing = (name: string) =>
    new NoEntry('not_found', `Workspace '${name}' not found`, 'not in the tenant that the call names');
  switch (caller.kind) {
    case 'anonymous':
      throw new MaestroError('unauthenticated', 'Sign in, or send an API key.');
    case 'operator_key':
      throw new NoEntry('permission_denied', 'An operator key gives no right inside a tenant.', 'in no tenant');
    case 'api_key':
      if (slug !== undefined && slug !== caller.place.tenant.slug) throw missing(slug);
      if (caller.place.requiresFactor && !caller.withFactor) {
        throw withoutFactor(caller.place, 'whoever holds this key, or is responsible for it, must set one up.');
      }
      return caller.place;
    case 'session': {
      const found = caller.places.find(({ tenant }) =>
        slug === undefined ? tenant.id === caller.tenantId : tenant.slug === slug,
      );
      if (found?.requiresFactor && !caller.withFactor) throw withoutFactor(found, 'set one up, then it opens.');
      if (found) return found;
      if (slug !== undefined) throw missing(slug);
      throw new NoEntry(
        'permission_denied',
        'You belong to no tenant; ask an administrator for a membership.',
        'in no tenant',
      );
    }
  }
}

/**
 * Defines an operation: the one pipeline that every route of both faces runs through. For each call: authenticate →
 * resolve the tenant → validate → authorize → open the transaction → run → audit in the same transaction → commit →
 * effects. A refusal is audited in a transaction of its own: within a tenant each, outside, where no limit of a tenant
 * holds, as the first of a minute and how many more.
 */
export function defineOperation<In extends TSchema, Out extends TSchema, Kind extends keyof Contexts = 'tenant'>(
  definition: Definition<Kind, In, Out>,
): Operation<Static<In>, Static<Out>> {
  const validator: Validator = Compile(definition.input);
  const kind: keyof Contexts = definition.transaction ?? 'tenant';
  const isTenantKind = kind === 'tenant' || kind === 'own';
  const permission: Required = definition.permission;
  if (definition.audit === true && (kind === 'own' || kind === 'administration')) {
    throw new Error(`${definition.name} opens its transactions: its audit row belongs into one of them (audit: 'own')`);
  }
  if (permission === 'public') publicNames.add(definition.name);

  async function execute(ports: Ports, call: Call, given: Static<In> | (() => Static<In>)): Promise<Static<Out>> {
    // A public operation never looks at credentials: a stale token must not keep its holder from signing in.
    const caller: Caller =
      permission === 'public' ? { kind: 'anonymous' } : await ports.authenticate(call.headers, call.address, call);
    let place: Place | undefined;
    /** Refused by the pipeline itself, also where it says that there is no such thing. */
    let refused = false;
    let target = '';
    let detail: Record<string, unknown> | undefined;
    let personal: Record<string, string> | undefined;
    const event = (outcome: AuditEvent['outcome']): AuditEvent => ({
      actor: actorOf(caller),
      action: definition.name,
      target,
      outcome,
      requestId: call.requestId,
      address: call.address,
      ...detailIn(place, detail),
      ...(personal ? { personal } : {}),
    });
    const base: BaseContext = {
      call,
      caller,
      ports,
      audit(name, more, sealed) {
        target = name;
        detail = more;
        personal = sealed;
      },
    };
    /** A person's key is looked up before a transaction is open: within one it would take a second connection. */
    const prepareAudit = async (): Promise<void> => {
      const { kind, id } = actorOf(caller);
      await ports.identity.people.prepare(kind === 'user' ? id : undefined);
    };
    const auditRefusal = async (error: unknown): Promise<void> => {
      if (place) {
        await prepareAudit();
        await ports.db.inTenant(place.tenant.id, (tx) => insertAuditEvent(tx, event('refused')));
        return;
      }
      const { action, actor, address, requestId } = event('refused');
      await ports.identity.refusals.note({
        action,
        address,
        requestId,
        of: caller.kind === 'api_key' ? caller.keyId : actor.id,
        ...(error instanceof NoEntry ? { reason: error.reason } : {}),
        ...(error instanceof NoEntry && error.tenantId !== undefined ? { tenantId: error.tenantId } : {}),
        party: () => ({ actor, target, ...(detail ? { detail } : {}), ...(personal ? { personal } : {}) }),
      });
    };
    const run = definition.run as (context: Contexts[keyof Contexts], input: Static<In>) => Promise<Static<Out>>;
    const validated = (): Static<In> => {
      const input = typeof given === 'function' ? (given as () => Static<In>)() : given;
      if (!validator.Check(input)) throw faultOf(validator.Errors(input)[0]);
      return input;
    };

    async function outsideTenants(): Promise<Static<Out>> {
      authorizeOutsideTenant(caller, permission);
      const input = validated();
      if (kind === 'administration') {
        return run({ ...base, db: ports.db }, input);
      }
      // What people do to their own access concerns every tenant that they may enter.
      const concerned =
        permission === 'signed_in' && caller.kind === 'session' ? caller.places.map(({ tenant }) => tenant.id) : [];
      return ports.db.inIdentity(async (tx) => {
        const output = await run({ ...base, tx }, input);
        if (definition.audit === true) await insertOperatorAuditEvent(tx, event('success'), concerned);
        return output;
      });
    }

    /** What grants allow a caller whose role does not. Throws where they do not, either. */
    async function authorizeByGrants(
      place: Place,
      input: Static<In>,
      inTransaction: <T>(look: (tx: TenantTx) => Promise<T>) => Promise<T>,
    ): Promise<Scope> {
      refused = true;
      const target = await definition.on?.(input, { ports, tenant: place.tenant });
      const asked = { permission: permission as Permission, target, narrows: definition.narrows === true };
      const scope = await scopeOf(inTransaction, caller, place, asked);
      refused = false;
      return scope;
    }

    async function within(place: Place): Promise<Static<Out>> {
      const { tenant } = place;
      const input = validated();
      const isAllowed = may(place, permission as RequiredInTenant);
      // A switched operator leaves a trace of everything; before the operation, whose last statement may be COMMIT's.
      const isTraced = place.switched === true && !definition.audit;
      if (definition.audit || isTraced) await prepareAudit();
      if (kind === 'own') {
        const inTenant: Contexts['own']['inTenant'] = (body) => ports.db.inTenant(tenant.id, body);
        const scope = isAllowed ? undefined : await authorizeByGrants(place, input, inTenant);
        if (isTraced) await inTenant((tx) => insertAuditEvent(tx, event('success')));
        return run({ ...base, tenant, place, scope, inTenant }, input);
      }
      return ports.db.inTenant(tenant.id, async (tx) => {
        const scope = isAllowed ? undefined : await authorizeByGrants(place, input, (look) => look(tx));
        if (isTraced) await insertAuditEvent(tx, event('success'));
        const output = await run({ ...base, tenant, place, scope, tx }, input);
        if (definition.audit === true) await insertAuditEvent(tx, event('success'));
        return output;
      });
    }

    try {
      if (!isTenantKind) return await outsideTenants();
      // A key's calls count for its own tenant, also those that are not let in.
      const own = caller.kind === 'api_key' ? caller.place : undefined;
      const entered = own ?? enterTenant(caller, call);
      const admitted = ports.limits.tenants.admit(entered.tenant.id);
      const standing = admitted && (await admitted);
      if (standing) call.sayLimit(standing);
      if (own) enterTenant(caller, call);
      place = entered;
      if (definition.streams) return await within(entered);
      return await ports.limits.fairness.run(entered.tenant.id, definition.name, () => within(entered));
    } catch (error) {
      // A tenant that the caller may not enter does not exist to the caller, but the attempt is a refusal.
      if (error instanceof NoEntry) target = String(call.headers['x-mlflow-workspace'] ?? '').slice(0, 200);
      const isRefusal = isDenial(error) || error instanceof NoEntry || refused;
      if (isRefusal && caller.kind !== 'anonymous') await auditRefusal(error);
      throw error;
    }
  }

  return {
    name: definition.name,
    permission,
    input: definition.input,
    output: definition.output,
    byGrant: definition.on ? 'thing' : definition.narrows ? 'list' : 'no',
    execute,
  };
}
