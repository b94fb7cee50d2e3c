import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'openid-client';
import { MaestroError } from '../../errors.ts';
import { isAway } from './bounded_fetch.ts';
import { ProviderRefusal, unavailable } from './provider.ts';

/** How long one request to a provider may take, in seconds, and all of a sign-in's, in milliseconds. */
export const requestSeconds = 5;
const allMs = 10_000;

/** By the way that the provider knows: in the body where it says so, else as Basic (RFC 6749, 2.3.1). */
export function clientAuth(secret: string): ClientAuth {
  const [post, basic] = [ClientSecretPost(secret), ClientSecretBasic(secret)];
  return (server, ...rest) =>
    (server.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? post : basic)(server, ...rest);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no more is known';

/** What the provider itself says of it, for the audit: `error` of its answer, never its free text. */
function saidBy(error: unknown): string | undefined {
  return error instanceof Error &&
    'error' in error &&
    typeof error.error === 'string' &&
    /^[\w.-]{1,60}$/.test(error.error)
    ? error.error
    : undefined;
}

/**
 * Runs a dialogue with a provider, for ten seconds at most, and gives its failures the two names that they have here:
 * `ProviderRefusal`, and `unavailable` where the provider does not answer.
 */
export async function dialogue<T>(label: string, run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(label, new Error(`it took more than ${allMs} ms`))), allMs);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    if (error instanceof ProviderRefusal || error instanceof MaestroError) throw error;
    if (isAway(error)) throw unavailable(label, error);
    if (!(error instanceof Error)) throw error;
    const said = saidBy(error);
    throw new ProviderRefusal(
      said === undefined ? `${error.message} (${codeOf(error)})` : `the provider said ${said}`,
      {
        cause: error,
        isDenial: said === 'access_denied',
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** As `dialogue`, before anybody was sent away: a provider that cannot be asked is as one that is away. */
export async function opening<T>(label: string, run: () => Promise<T>): Promise<T> {
  try {
    return await dialogue(label, run);
  } catch (error) {
    throw error instanceof ProviderRefusal ? unavailable(label, error) : error;
  }
}
