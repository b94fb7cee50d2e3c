import type { Browser, CDPSession, Page } from 'playwright-core';

/** An answer of `navigator.credentials`, as `toJSON()` gives it. */
export interface CredentialJson {
  id: string;
  rawId: string;
  type: string;
  response: Record<string, string | undefined>;
}

export interface Authenticator {
  /** `navigator.credentials.create` with these options. Throws what the browser throws. */
  create(options: unknown): Promise<CredentialJson>;
  /** `navigator.credentials.get`. */
  get(options: unknown): Promise<CredentialJson>;
  /** Whether its holder passes verification. */
  verifies(isVerified: boolean): Promise<void>;
  /** Makes it show a counter lower than before, as a copy of an older state of it would. */
  setBack(credentialId: string): Promise<void>;
}

interface StoredCredential {
  credentialId: string;
  isResidentCredential: boolean;
  rpId: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

const ceremony = (page: Page, which: 'create' | 'get', options: unknown): Promise<CredentialJson> =>
  page.evaluate(
    async ([name, json]) => {
      // What the page has and Node has not.
      const { PublicKeyCredential, navigator } = globalThis as unknown as {
        PublicKeyCredential: Record<string, (options: unknown) => unknown>;
        navigator: { credentials: Record<string, (options: unknown) => Promise<{ toJSON(): CredentialJson }>> };
      };
      const parse = name === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
      const publicKey = PublicKeyCredential[parse]!(json);
      return (await navigator.credentials[name]!({ publicKey })).toJSON();
    },
    [which, options] as const,
  );

async function setBack(cdp: CDPSession, authenticatorId: string, credentialId: string): Promise<void> {
  const id = Buffer.from(credentialId, 'base64url').toString('base64');
  const { credential } = (await cdp.send('WebAuthn.getCredential', { authenticatorId, credentialId: id })) as {
    credential: StoredCredential;
  };
  await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: id });
  await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount: 0 } });
}

/**
 * A page at `url` with an authenticator of Chromium's own plugged in: one that keeps passkeys and verifies its holder, or
 * a plain one that can do neither.
 */
export async function authenticatorAt(
  browser: Browser,
  url: string,
  kind: { plain?: boolean } = {},
): Promise<Authenticator> {
  const page = await browser.newPage();
  const answer = await page.goto(url);
  if (!answer?.ok()) throw new Error(`${url}: ${answer?.status()}`);
  return plugInto(page, kind);
}

/** An authenticator of a page that is there. */
export async function plugInto(page: Page, { plain = false }: { plain?: boolean } = {}): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: !plain,
      hasUserVerification: !plain,
      isUserVerified: !plain,
      automaticPresenceSimulation: true,
    },
  });
  return {
    create: (options) => ceremony(page, 'create', options),
    get: (options) => ceremony(page, 'get', options),
    verifies: async (isVerified) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: isVerified });
    },
    setBack: (credentialId) => setBack(cdp, authenticatorId, credentialId),
  };
}
