import Type, { type Static } from 'typebox';
import { MaestroError } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { clearedCookieText, cookieSecretOf, cookieText, flowCookieNameOf } from '../browser.ts';
import { challengeSeconds, issueChallenge, spendChallenge } from '../challenges.ts';
import { askForFactor, secondFactor, wrongFactor } from '../factor_proof.ts';
import { factorsOf } from '../factor_queries.ts';
import { noteRefusal, openSession } from '../new_session.ts';
import { membershipsOf } from '../queries.ts';
import { slug, strict } from '../schemas.ts';
import { type Proved, provedNow } from '../session_queries.ts';
import { arrivalOf } from './arrival.ts';
import { domainOf } from './claimed_email.ts';
import { personOf } from './first_sign_in.ts';
import {
  auditFailure,
  beginFlow,
  checksOf,
  defaultReturnTo,
  Failure,
  type FlowContext,
  providerName,
  providerOf,
  returnTo,
} from './flow.ts';
import { type Flow, spendFlow } from './flow_queries.ts';
import { tenantsTaking } from './identity_queries.ts';
import { linkIdentity } from './linking.ts';
import { type Claimed, type Provider, type ProviderAnswer, ProviderRefusal } from './provider.ts';
import { keepSaid, type Said, takeSaid } from './said.ts';

const action = 'auth.provider_sign_in';

/** The identity providers that people may sign in with. */
export const list = defineOperation({
  name: 'auth.list_providers',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: Type.Object({
    providers: Type.Array(Type.Object({ name: Type.String(), label: Type.String(), kind: Type.String() })),
  }),
  run: async ({ ports }) => ({
    providers: [...ports.providers.values()].map(({ name, label, kind }) => ({ name, label, kind })),
  }),
});

/**
 * Begins a sign-in at an identity provider, for a page of ours: it sends the browser to the address of the answer, and the
 * browser comes back with a session in its cookie, to `return_to`.
 */
export const begin = defineOperation({
  name: 'auth.begin_provider',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object(
    {
      provider: providerName,
      return_to: Type.Optional(returnTo),
      cookie: Type.Optional(Type.Literal(true, { description: 'The session is in a cookie always.' })),
      tenant: Type.Optional(slug),
    },
    strict,
  ),
  output: Type.Object({ authorization_url: Type.String({ description: 'Where to send the browser.' }) }),
  run: (context, input) =>
    beginFlow(context, providerOf(context.ports, input.provider), {
      return_to: input.return_to ?? defaultReturnTo,
      tenant: input.tenant ?? null,
      link_user_id: null,
      link_session_id: null,
    }),
});

const answerText = Type.Optional(Type.String({ maxLength: 8000 }));

interface Wish {
  readonly userId: string;
  readonly provider: string;
  readonly domain: string;
  readonly tenant: string | null;
}

/** Throws `Failure` where no tenant that the sign-in could be for is open to it, or would take the person. */
async function checkPlaces({ db }: FlowContext, { userId, provider, domain, tenant }: Wish): Promise<void> {
  const { all, open, taking } = await db.inIdentity(async (tx) => ({
    all: await membershipsOf(tx, userId),
    open: await membershipsOf(tx, userId, domain),
    taking: tenant === null ? [] : await tenantsTaking(tx, { provider, domain, tenant }),
  }));
  const isAsked = ({ tenant: { slug } }: { tenant: { slug: string } }) => tenant === null || slug === tenant;
  if (open.some(isAsked) || taking.length > 0 || (tenant === null && all.length === 0)) return;
  if (all.some(isAsked)) throw new Failure('domain-not-allowed', 'the tenant lists other domains', userId);
  throw new Failure('not-a-member', 'no member of the tenant', userId);
}

/** Asks for the second factor on the page that the browser goes to; false where the user has none. */
async function leaveChallenge(
  { db, ports, call }: FlowContext,
  user: Proved,
  { flow, domain, said }: { flow: Flow; domain: string; said: Said },
): Promise<boolean> {
  const challenge = await db.inIdentity(async (tx) => {
    const { user_id: userId } = user;
    if ((await factorsOf(tx, userId)).length === 0) return undefined;
    const of = { userId, tenant: flow.tenant ?? undefined, providerDomain: domain };
    const issued = await issueChallenge(tx, 'provider', of);
    await keepSaid(tx, ports.identity.sealer, issued, said);
    return issued;
  });
  if (challenge === undefined) return false;
  call.setCookie(cookieText(call.origin, challenge, challengeSeconds, flowCookieNameOf(call.origin)));
  return true;
}

/** Signs in whoever the provider says it is; gives the path of ours to go to. Throws `Failure`. */
async function signIn(context: FlowContext, provider: Provider, flow: Flow, claimed: Claimed): Promise<string> {
  const tenant = flow.tenant ?? undefined;
  const user = await personOf(context, { provider: provider.name, tenant, claimed });
  const { user_id: userId, identity_id, used_at } = user;
  const domain = claimed.verifiedEmail === undefined ? '' : domainOf(claimed.verifiedEmail);
  await checkPlaces(context, { userId, provider: provider.name, domain, tenant: flow.tenant });
  const said = { identity_id, used_at, provider: provider.name, groups: claimed.groups };
  const { withFactor } = claimed;
  if (!withFactor && (await leaveChallenge(context, user, { flow, domain, said }))) {
    return `/account#second-factor=${encodeURIComponent(flow.return_to)}`;
  }
  await openSession(context, {
    user,
    action,
    tenant,
    withFactor,
    detail: { provider: provider.name, with_factor: withFactor },
    transport: 'cookie',
    providerDomain: domain,
    arrival: arrivalOf(context, { userId, tenant, domain, said, hasWaited: false }),
  });
  return flow.return_to;
}

/** What goes wrong for reasons that the person may know. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof ProviderRefusal) {
    return new Failure(error.isDenial ? 'cancelled' : 'provider-refused', error.message);
  }
  if (!(error instanceof MaestroError)) return undefined;
  if (error.code === 'unavailable') return new Failure('provider-unavailable', error.detail ?? error.message);
  if (error.code === 'limit_exceeded') return new Failure('tenant-full', 'the tenant has all the users it may have');
  if (error.code === 'not_found') return new Failure('not-a-member', 'the tenant closed during the sign-in');
  if (error.code === 'unauthenticated') return new Failure('changed', 'the account was changed during the sign-in');
  return undefined;
}

/** Completes what a browser was sent to a provider for; gives the path of ours to go to. */
async function complete(
  context: FlowContext,
  provider: Provider,
  answer: ProviderAnswer,
): Promise<{ path: string } | { failure: Failure; action: string; email: string | undefined }> {
  const { db, ports, call } = context;
  const cookieName = flowCookieNameOf(call.origin);
  const cookie = cookieSecretOf(call, cookieName);
  const { state = '' } = answer;
  const flow =
    typeof cookie === 'string'
      ? await db.inIdentity((tx) => spendFlow(tx, { state, cookie, provider: provider.name }))
      : undefined;
  let email: string | undefined;
  try {
    if (!flow) throw new Failure('expired', 'no sign-in of this browser at this provider is under way');
    call.setCookie(clearedCookieText(call.origin, cookieName));
    const claimed = await provider.redeem(answer, await checksOf(ports, flow, state));
    email = claimed.verifiedEmail;
    if (flow.link_user_id === null) return { path: await signIn(context, provider, flow, claimed) };
    await linkIdentity(context, provider, flow, claimed);
    return { path: flow.return_to };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const isLink = flow !== undefined && flow.link_user_id !== null;
    return { failure, action: isLink ? 'identity.link' : action, email };
  }
}

/**
 * Where a provider sends the browser back to. The browser goes on to a page of ours: with a session, to be asked for a
 * second factor (`#second-factor=<return_to>`), or to be told what went wrong (`#sign-in-failed=<code>`).
 */
export const callback = defineOperation({
  name: action,
  permission: 'public',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({
    provider: providerName,
    code: answerText,
    state: answerText,
    iss: answerText,
    error: answerText,
  }),
  output: Type.Object({ location: Type.String() }),
  async run(context, { provider: name, code, state, iss, error }) {
    const { ports, call } = context;
    const provider = providerOf(ports, name);
    ports.identity.requireOwnPage(call);
    const given = { code, state, iss, error };
    const answer = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const done = await complete(context, provider, answer as ProviderAnswer);
    if ('path' in done) return { location: ports.publicUrl() + done.path };
    const { failure, email } = done;
    // What belongs to nothing that we began is a credential that does not hold: a flood of it makes no flood of rows.
    if (failure.code === 'expired') {
      const { address, requestId } = call;
      await ports.identity.refusals.note({ action: done.action, reason: failure.message, address, requestId });
    } else await auditFailure(context, done.action, name, failure, email);
    return { location: `${ports.publicUrl()}/account#sign-in-failed=${failure.code}` };
  },
});

const noChallenge = 'no sign-in by a provider waits for a second factor in this browser';

/** Asks the browser that came back from a provider for the second factor, which `/auth/second-factor` then takes. */
export const askFactor = defineOperation({
  name: 'auth.provider_second_factor',
  permission: 'public',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: Type.Object({ second_factor: secondFactor }),
  async run(context): Promise<{ second_factor: Static<typeof secondFactor> }> {
    const { db, ports, call } = context;
    ports.identity.requireOwnPage(call);
    const cookieName = flowCookieNameOf(call.origin);
    const secret = cookieSecretOf(call, cookieName);
    const found =
      typeof secret === 'string'
        ? await db.inIdentity(async (tx) => {
            const challenge = await spendChallenge(tx, secret, 'provider');
            const user = challenge?.user_id ? await provedNow(tx, challenge.user_id) : undefined;
            const said = await takeSaid(tx, ports.identity.sealer, secret);
            return challenge && user && said && { challenge, user, said };
          })
        : undefined;
    if (secret !== undefined) call.setCookie(clearedCookieText(call.origin, cookieName));
    const asked =
      found &&
      (await askForFactor(context, {
        purpose: 'second_factor',
        action: 'auth.provider_second_factor',
        user: found.user,
        tenant: found.challenge.tenant ?? undefined,
        providerDomain: found.challenge.provider_domain ?? undefined,
      }));
    if (asked) {
      await db.inIdentity((tx) => keepSaid(tx, ports.identity.sealer, asked.challenge, found.said));
      return { second_factor: asked };
    }
    await noteRefusal(ports, call, 'auth.provider_second_factor', undefined, noChallenge);
    throw wrongFactor();
  },
});
