import Type, { type Static } from 'typebox';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { accountIfAny } from './account_queries.ts';
import { type Grant, grantsTo, type Subject } from './grant_queries.ts';
import { subjectOf } from './granted.ts';
import { memberIfAny } from './members.ts';
import { type Responsible, responsibleNow } from './responsible.ts';
import { customRoles } from './role_queries.ts';
import { type CustomRoles, lineageOf, type Permission, permissions } from './roles.ts';
import { id, role, strict, time } from './schemas.ts';
import { switchesNow } from './switch_queries.ts';
import { experimentsOfModels, experimentsOfRuns, projectOfExperiment } from './target_queries.ts';

const source = Type.Object({
  kind: Type.Enum(['role', 'grant', 'operator_switch']),
  via: Type.Array(Type.String(), {
    description: 'Names of roles: from the one that is held to the one that has the permission.',
  }),
  grant_id: Type.Optional(id),
  resource: Type.Optional(Type.Object({ kind: Type.String(), id: Type.String() })),
  until: Type.Optional(time),
});
type Source = Static<typeof source>;

const explanation = Type.Object({
  subject: Type.Object({ kind: Type.Enum(['user', 'service_account']), id, name: Type.String() }),
  is_active: Type.Boolean(),
  role: Type.Union([role, Type.Null()], { description: 'Null for an operator who is here by a switch alone.' }),
  responsible: Type.Optional(
    Type.Array(
      Type.Object({
        kind: Type.Enum(['user', 'service_account']),
        id,
        name: Type.Union([Type.String(), Type.Null()], { description: 'Null for who is gone from the tenant.' }),
        is_active: Type.Boolean(),
      }),
      { description: 'Of a service account: it may no more than each of them, and nothing without one.' },
    ),
  ),
  permissions: Type.Array(Type.Object({ permission: Type.String(), from: Type.Array(source) }), {
    description: 'Those that hold now.',
  }),
  answer: Type.Optional(
    Type.Object({
      permission: Type.String(),
      allowed: Type.Boolean(),
      reason: Type.String({ description: 'A sentence for people.' }),
    }),
  ),
});

const input = Type.Object(
  {
    user_id: Type.Optional(id),
    service_account_id: Type.Optional(id),
    permission: Type.Optional(Type.Enum([...permissions])),
    resource_kind: Type.Optional(Type.Enum(['experiment', 'project', 'run', 'model'])),
    resource_id: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
  },
  strict,
);

/** Who is asked about: the caller where nobody is named. */
function subjectAsked({ caller, place }: Contexts['own'], asked: Static<typeof input>): Subject {
  if (asked.user_id !== undefined && asked.service_account_id !== undefined) {
    throw invalid('user_id: expected either a user_id or a service_account_id', 'user_id');
  }
  const self = subjectOf(caller) as Subject;
  const named: Subject | undefined =
    asked.user_id !== undefined
      ? { kind: 'user', id: asked.user_id }
      : asked.service_account_id !== undefined
        ? { kind: 'service_account', id: asked.service_account_id }
        : undefined;
  const isSelf = named === undefined || (named.kind === self.kind && named.id === self.id);
  if (!isSelf && !place.permissions.has('role:read')) {
    throw new MaestroError('permission_denied', `Your role (${place.role}) does not include role:read.`);
  }
  return named ?? self;
}

/** What the subject holds in the tenant: a name to show, its role, and stays by an operator's switch. */
async function holdingsOf({ ports, tenant, inTenant }: Contexts['own'], subject: Subject) {
  if (subject.kind === 'service_account') {
    const account = await inTenant((tx) => accountIfAny(tx, subject.id));
    if (!account) throw notFound(`Service account '${subject.id}' not found`);
    const responsible = await responsibleNow(ports.db, tenant.id, {
      users: account.bound_user_ids,
      accounts: account.bound_account_ids,
    });
    return { name: account.name, isActive: account.is_active, role: account.role, stays: [], responsible };
  }
  const { member, stays } = await ports.db.inIdentity(async (tx) => ({
    member: await memberIfAny(tx, tenant.id, subject.id),
    stays: await switchesNow(tx, { userId: subject.id, tenantId: tenant.id }),
  }));
  const name = member?.email ?? stays[0]?.email;
  if (name === undefined) throw notFound(`Member '${subject.id}' not found`);
  return { name, isActive: member?.is_active ?? true, role: member?.role ?? null, stays, responsible: [] };
}

/** Every permission with all the ways it comes by. */
function sourcesOf(
  held: { role: string | null; stays: readonly { role: string; expires_at: Date }[] },
  grants: readonly Grant[],
  custom: CustomRoles,
): Map<string, Source[]> {
  const sources = new Map<string, Source[]>();
  const add = (permission: string, from: Source) => sources.set(permission, [...(sources.get(permission) ?? []), from]);
  const addRole = (name: string, more: Omit<Source, 'via'>) => {
    for (const { path, own } of lineageOf(name, custom)) {
      for (const permission of own) add(permission, { ...more, via: [...path] });
    }
  };
  if (held.role !== null) addRole(held.role, { kind: 'role' });
  for (const stay of held.stays) addRole(stay.role, { kind: 'operator_switch', until: stay.expires_at.toISOString() });
  for (const { grantId, thing, role: name, permissions: given } of grants) {
    for (const permission of given) {
      add(permission, { kind: 'grant', via: name === null ? [] : [name], grant_id: grantId, resource: { ...thing } });
    }
  }
  return sources;
}

/** The things whose grants hold for the thing asked about: itself, and the experiment and the project it lies in. */
async function thingsAround({ inTenant }: Contexts['own'], kind: string, thing: string): Promise<Set<string>> {
  const things = new Set([`${kind} ${thing}`]);
  if (kind === 'project') return things;
  return inTenant(async (tx) => {
    const find = kind === 'run' ? experimentsOfRuns : experimentsOfModels;
    const experiment = kind === 'experiment' ? Number(thing) : (await find(tx, [thing])).get(thing);
    if (experiment === undefined || !Number.isSafeInteger(experiment)) return things;
    things.add(`experiment ${experiment}`);
    const project = await projectOfExperiment(tx, experiment);
    return project === undefined ? things : things.add(`project ${project}`);
  });
}

function reasonOf(from: Source): string {
  const [held, ...inherited] = from.via;
  const through = inherited.length === 0 ? '' : `, which inherits it from ${inherited.join(', then ')}`;
  if (from.kind === 'grant') {
    const by = held === undefined ? '' : ` of the role ${held}`;
    return `A grant${by} on ${from.resource?.kind} ${from.resource?.id} (${from.grant_id}) allows it.`;
  }
  if (from.kind === 'role') return `The role ${held} allows it${through}.`;
  return `An operator's switch until ${from.until} gives the role ${held}, which allows it${through}.`;
}

/** Who, among those responsible for a service account, keeps it from having a permission. */
const keeperOf = (responsible: readonly Responsible[], permission: string): Responsible | undefined =>
  responsible.find(({ permissions: held }) => !held?.has(permission as Permission));

function keptBy({ kind, id: who, name, permissions: held }: Responsible, permission: string): string {
  const called = `the ${kind === 'user' ? 'user' : 'service account'} ${name ?? who}`;
  if (held)
    return `Its role or a grant allows it, but ${called}, who is responsible for it, does not hold ${permission}.`;
  return `Nothing is allowed: ${called}, who is responsible for it, is gone or not active; an administrator may take it over.`;
}

const shownResponsible = ({ kind, id: who, name, permissions: held }: Responsible) => ({
  kind,
  id: who,
  name: name ?? null,
  is_active: held !== undefined,
});

/** What a member or service account may do here, and by what; yes or no for one permission, on one thing where given. */
export const why = defineOperation({
  name: 'access.why',
  permission: 'in_tenant',
  transaction: 'own',
  input,
  output: explanation,
  async run(context, asked) {
    const { permission, resource_kind: kind, resource_id: thing } = asked;
    if ((kind === undefined) !== (thing === undefined)) {
      throw invalid('resource_id: expected together with resource_kind', 'resource_id');
    }
    const subject = subjectAsked(context, asked);
    const held = await holdingsOf(context, subject);
    const { grants, custom } = await context.inTenant(async (tx) => ({
      grants: await grantsTo(tx, subject),
      custom: await customRoles(tx),
    }));
    const sources = sourcesOf(held, grants, custom);
    // Whoever asks about itself asks about the key that it asks with.
    const self = subjectOf(context.caller);
    const bound = self?.kind === subject.kind && self.id === subject.id ? context.place.bound : undefined;
    const isInBound = (name: string): boolean => !bound || bound.has(name as Permission);
    const described = {
      subject: { ...subject, name: held.name },
      is_active: held.isActive,
      role: held.role,
      ...(subject.kind === 'user' ? {} : { responsible: held.responsible.map(shownResponsible) }),
      permissions: [...sources]
        .filter(([name]) => isInBound(name) && !keeperOf(held.responsible, name))
        .map(([name, from]) => ({ permission: name, from }))
        .sort((a, b) => (a.permission < b.permission ? -1 : 1)),
    };
    if (permission === undefined) return described;
    const around = kind === undefined ? new Set<string>() : await thingsAround(context, kind, thing as string);
    const from = sources.get(permission) ?? [];
    const holds = from.find(
      ({ kind: by, resource }) => by !== 'grant' || around.has(`${resource?.kind} ${resource?.id}`),
    );
    const elsewhere = from.length > 0 ? ' Grants allow it on other things.' : '';
    const on = kind === undefined ? '' : ` on ${kind} ${thing}`;
    const keeper = holds && keeperOf(held.responsible, permission);
    const reason = !held.isActive
      ? 'The user or service account is not active: nothing is allowed.'
      : keeper
        ? keptBy(keeper, permission)
        : holds && !isInBound(permission)
          ? `The role or a grant allows it, but the scopes of this key do not include ${permission}.`
          : holds
            ? reasonOf(holds)
            : `Neither the role (${held.role ?? 'none'}) nor a grant allows ${permission}${on}.${elsewhere}`;
    return {
      ...described,
      answer: { permission, allowed: held.isActive && holds !== undefined && !keeper && isInBound(permission), reason },
    };
  },
});
