import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { MaestroError, notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { SessionCaller } from './caller.ts';
import {
  type Answer,
  approveSignIn,
  askForSignIn,
  denySignIn,
  findOpenSignIn,
  intervalSeconds,
  lifeSeconds,
  type OpenSignIn,
  takeAnswer,
} from './device_sign_in_queries.ts';
import { isFresh, requireFresh, sessionOf } from './fresh.ts';
import { auditRefusal, openSession, tokenPair } from './new_session.ts';
import { recordOf } from './record.ts';
import { slug, strict, text, time } from './schemas.ts';
import { provedNow } from './session_queries.ts';

const signInAction = 'auth.device';
const approveAction = 'auth.device_approve';
const denyAction = 'auth.device_deny';

/** What is shown to somebody who is to approve; a name that plays tricks with the text around it is none. */
const clientName = Type.Refine(
  text(1, 100, { description: 'What asks, as its user would know it.' }),
  (value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value),
  () => 'must hold no control characters',
);

/** Begins the sign-in of a program that has no browser (RFC 8628): somebody approves it in one, by its user code. */
export const beginDeviceSignIn = defineOperation({
  name: 'auth.begin_device',
  permission: 'public',
  transaction: 'identity',
  input: Type.Object({ client_name: Type.Optional(clientName), tenant: Type.Optional(slug) }, strict),
  output: Type.Object({
    device_code: Type.String({ description: 'Ask with it at /auth/device/token. Good for one sign-in.' }),
    user_code: Type.String({ description: 'To be shown to the person who is to approve.' }),
    verification_uri: Type.String({ description: 'Where they approve.' }),
    verification_uri_complete: Type.String({ description: 'The same with the code in it, for a link or a QR code.' }),
    expires_in: Type.Integer({ description: 'Seconds the codes live.' }),
    interval: Type.Integer({ description: 'Seconds to wait between two questions.' }),
  }),
  async run({ tx, call, ports }, { client_name = 'a program without a name', tenant }) {
    const asked = { clientName: client_name, tenant, address: call.address };
    const { deviceCode, userCode } = await askForSignIn(tx, asked);
    const page = `${ports.publicUrl()}/account#device`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}=${userCode}`,
      expires_in: lifeSeconds,
      interval: intervalSeconds,
    };
  },
});

const sentences = {
  authorization_pending: 'Nobody has approved this sign-in yet; ask again.',
  slow_down: 'Asked too soon; wait 5 seconds longer between two questions.',
  expired_token: 'The device code does not hold: it was used, or its time has passed. Begin again.',
  access_denied: 'The sign-in was denied.',
} as const satisfies Record<Extract<Answer, string>, string>;

/** Whether a program may sign in: the errors of RFC 8628 (3.5) in the member `error`, or the tokens. */
export const deviceSignIn = defineOperation({
  name: signInAction,
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ device_code: text(1, 100) }, strict),
  output: tokenPair,
  async run(context, { device_code: deviceCode }) {
    const answer = await context.db.inIdentity((tx) => takeAnswer(tx, deviceCode));
    if (typeof answer === 'string') {
      throw new MaestroError('invalid_state', sentences[answer], { members: { error: answer } });
    }
    const { approval, clientName: device, tenant } = answer;
    const { withFactor, authenticatedAt, providerDomain } = approval;
    return openSession(context, {
      user: approval,
      action: signInAction,
      tenant,
      withFactor,
      device,
      authenticatedAt,
      providerDomain,
    });
  },
});

const userCode = text(1, 40, { description: 'As the program shows it; case, blanks and hyphens do not matter.' });

/**
 * Looks a user code up for somebody who is signed in. Codes are short: whoever names wrong ones has to wait, longer each
 * time. Throws `not_found` for a code that is none, which is audited, and `limit_exceeded`.
 */
async function byUserCode(
  { ports, call }: Contexts['administration'],
  { userId }: SessionCaller,
  action: string,
  look: () => Promise<OpenSignIn | undefined>,
): Promise<OpenSignIn> {
  const { userCodes } = ports.identity;
  const bucket = { key: userId, free: 10 };
  const waitMs = await userCodes.begin(bucket);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    throw new MaestroError('limit_exceeded', `Too many wrong codes; try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }
  const found = await look();
  if (found) {
    await userCodes.giveBack(bucket);
    return found;
  }
  await auditRefusal(ports, call, action, userId, 'no such user code');
  throw notFound('user_code: no program waits with this code; it was answered, or its time has passed.');
}

/** Which program waits with a code. The code is in the body: it is for no log of addresses. */
export const readDeviceSignIn = defineOperation({
  name: 'auth.read_device',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({ user_code: userCode }, strict),
  output: Type.Object({
    client_name: Type.String(),
    tenant: Type.Union([Type.String(), Type.Null()], { description: 'The tenant it asks for, where it names one.' }),
    address: Type.String({ description: 'The network address that it asked from.' }),
    created_at: time,
    expires_at: time,
    is_fresh: Type.Boolean({ description: 'Whether the caller signed in recently enough to approve.' }),
  }),
  async run(context, input) {
    const session = sessionOf(context.caller);
    const found = await byUserCode(context, session, 'auth.read_device', () =>
      context.db.inIdentity((tx) => findOpenSignIn(tx, input.user_code)),
    );
    return {
      client_name: found.client_name,
      tenant: found.tenant,
      address: found.address,
      created_at: found.created_at.toISOString(),
      expires_at: found.expires_at.toISOString(),
      is_fresh: isFresh(session, context.ports.identity.policy),
    };
  },
});

/**
 * Approves a program's sign-in, or denies it. Approving opens a session of the caller's for whoever holds the device code:
 * it takes a fresh sign-in.
 */
export const decideDeviceSignIn = defineOperation({
  name: 'auth.decide_device',
  permission: 'signed_in',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ user_code: userCode, approve: Type.Boolean() }, strict),
  output: Type.Null(),
  async run(context, { user_code: code, approve }) {
    const { caller, db, ports } = context;
    const session = approve ? requireFresh(caller, ports.identity.policy) : sessionOf(caller);
    const { userId, sessionId, places, authenticatedAt, withFactor } = session;
    const action = approve ? approveAction : denyAction;
    await byUserCode(context, session, action, () =>
      db.inIdentity(async (tx) => {
        const user = await provedNow(tx, userId);
        if (!user) throw new MaestroError('unauthenticated', 'The session has ended; sign in again.');
        const approver = { ...user, sessionId, authenticatedAt: new Date(authenticatedAt), withFactor };
        const [found] = await (approve ? approveSignIn(tx, code, approver) : denySignIn(tx, code, userId));
        if (!found) return undefined;
        if (approve && found.tenant !== null && !places.some(({ tenant }) => tenant.slug === found.tenant)) {
          throw notFound(`Workspace '${found.tenant}' not found`);
        }
        const event = recordOf(context, action, userId);
        const personal = { device: found.client_name, asked_from: found.address };
        await insertOperatorAuditEvent(
          tx,
          { ...event, personal },
          places.map(({ tenant }) => tenant.id),
        );
        return found;
      }),
    );
    return null;
  },
});
