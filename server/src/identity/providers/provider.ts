import { MaestroError } from '../../errors.ts';

/** What a browser is sent away with, and what must come back: one sign-in at a provider. */
export interface FlowChecks {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636), S256. */
  readonly verifier: string;
  /** Where the provider sends the browser back to: from our configuration, never from a request. */
  readonly redirectUri: string;
}

/** What the provider put into the address that it sent the browser back to. */
export interface ProviderAnswer {
  readonly code?: string;
  readonly state?: string;
  readonly iss?: string;
  readonly error?: string;
}

/** What a provider says of a person. `issuer` and `subject` are who it is; nothing else is. */
export interface Claimed {
  readonly issuer: string;
  readonly subject: string;
  /** The e-mail address, only where the provider says that it is the person's. */
  readonly verifiedEmail: string | undefined;
  readonly name: string;
  readonly groups: readonly string[];
  /** Whether the provider asked for a second factor of its own, and is believed in that. */
  readonly withFactor: boolean;
}

export interface Provider {
  readonly name: string;
  readonly label: string;
  readonly kind: string;
  /** Where to send the browser. Throws `unavailable` where the provider does not answer. */
  authorizationUrl(checks: FlowChecks): Promise<URL>;
  /**
   * Redeems what came back. Throws `ProviderRefusal` where it does not prove anybody, and `unavailable` where the
   * provider does not answer in time.
   */
  redeem(answer: ProviderAnswer, checks: FlowChecks): Promise<Claimed>;
}

/** Why what came back from a provider proves nobody. The message is for the audit, and holds nothing personal. */
export class ProviderRefusal extends Error {
  /** Whether the person said no, or the provider did. */
  readonly isDenial: boolean;

  constructor(message: string, { cause, isDenial = false }: { cause?: unknown; isDenial?: boolean } = {}) {
    super(message, { cause });
    this.name = 'ProviderRefusal';
    this.isDenial = isDenial;
  }
}

/** What failed and by what, for the log: messages alone, since what hangs on such an error may hold tokens. */
function storyOf(error: unknown): string {
  const messages: string[] = [];
  for (let at = error; at instanceof Error && messages.length < 6; at = at.cause) messages.push(at.message);
  return messages.join(': ');
}

export const unavailable = (label: string, error: unknown): MaestroError =>
  new MaestroError('unavailable', `${label} does not answer; try again, or sign in another way.`, {
    detail: storyOf(error),
  });
