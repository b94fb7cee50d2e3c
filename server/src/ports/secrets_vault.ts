import { type HeldSecrets, type SecretStore, SecretsError, secretsIn } from './secrets.ts';
import { type VaultAnswer, type VaultCall, vaultHttp } from './secrets_vault_http.ts';

/** How to get a token. What is read from a file is read anew at each sign-in: agents and the kubelet renew it. */
export type VaultLogin =
  | { readonly method: 'token'; token(): string }
  | { readonly method: 'approle'; readonly mount: string; readonly roleId: string; secretId(): string }
  | { readonly method: 'kubernetes'; readonly mount: string; readonly role: string; jwt(): string };

export interface VaultOptions {
  /** Without a trailing slash. */
  readonly address: string;
  /** PEM. */
  readonly ca: string | undefined;
  readonly namespace: string | undefined;
  readonly mount: string;
  readonly path: string;
  readonly login: VaultLogin;
}

interface Lease {
  readonly token: string;
  /** Undefined: it has no end that we know of. */
  readonly seconds: number | undefined;
  readonly renewable: boolean;
}

const renewMsMax = 10_000;
/** The longest that a timer of Node's can be. */
const timerMsMax = 2 ** 31 - 1;

const encoded = (path: string): string => path.split('/').filter(Boolean).map(encodeURIComponent).join('/');

/** A member of an answer, however deep; undefined where there is none. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  let inner = value;
  for (const key of keys) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = (inner as Record<string, unknown>)[key];
  }
  return inner;
}

/**
 * The object at a path of a KV version 2 engine, of HashiCorp Vault or OpenBao. The token is renewed at half its life,
 * so that an AppRole whose SecretID is good once lasts; where it has ended all the same, one is asked for anew.
 */
export function vaultSecrets({ address, ca, namespace, mount, path, login }: VaultOptions): SecretStore {
  const name = `Vault at ${address}`;
  const where = `${encoded(mount)}/${encoded(path)}`;
  const call = vaultHttp({ name, address, ca, namespace });
  let lease: Lease | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  /** The answer to something that needs Vault to work at all. */
  async function ask(request: VaultCall): Promise<VaultAnswer> {
    const answer = await call(request);
    if (answer.status === 503 && JSON.stringify(answer.body ?? '').includes('sealed')) {
      throw new SecretsError(`${name} is sealed: it answers nothing until it is unsealed.`);
    }
    if (answer.status === 429 || answer.status >= 500) {
      throw new SecretsError(`${name} does not work at present (status ${answer.status}).`);
    }
    return answer;
  }

  async function signIn(signal: AbortSignal): Promise<Lease> {
    if (login.method === 'token') {
      const token = login.token();
      const { body } = await ask({ method: 'GET', path: 'auth/token/lookup-self', token, signal });
      // Whose policy lets it not look itself up may still read; a ttl of 0 is that of a token without an end.
      const seconds = Number(at(body, 'data', 'ttl')) || undefined;
      return { token, seconds, renewable: at(body, 'data', 'renewable') === true };
    }
    const body: Readonly<Record<string, string>> =
      login.method === 'approle'
        ? { role_id: login.roleId, secret_id: login.secretId() }
        : { role: login.role, jwt: login.jwt() };
    const answer = await ask({ method: 'POST', path: `auth/${encoded(login.mount)}/login`, body, signal });
    const token = at(answer.body, 'auth', 'client_token');
    if (answer.status !== 200 || typeof token !== 'string') {
      const [what, variables] =
        login.method === 'approle'
          ? ['AppRole', 'MAESTRO_VAULT_ROLE_ID and MAESTRO_VAULT_SECRET_ID']
          : ['Kubernetes', 'MAESTRO_VAULT_ROLE and MAESTRO_VAULT_JWT_FILE'];
      throw new SecretsError(`${name} refuses the sign-in by ${what} (status ${answer.status}): see ${variables}.`);
    }
    return leaseOf(token, answer.body);
  }

  const leaseOf = (token: string, body: unknown): Lease => ({
    token,
    seconds: Number(at(body, 'auth', 'lease_duration')) || undefined,
    renewable: at(body, 'auth', 'renewable') === true,
  });

  function keep(made: Lease): Lease {
    clearTimeout(timer);
    lease = made;
    if (made.renewable && made.seconds !== undefined && !closed) {
      timer = setTimeout(() => void renew(made), Math.min(made.seconds * 500, timerMsMax)).unref();
    }
    return made;
  }

  /** Where it fails, the next `read` signs in anew, or says why it cannot. */
  async function renew({ token }: Lease): Promise<void> {
    try {
      const signal = AbortSignal.timeout(renewMsMax);
      const { status, body } = await ask({ method: 'POST', path: 'auth/token/renew-self', token, body: {}, signal });
      if (status === 200 && lease?.token === token) keep(leaseOf(token, body));
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
    }
  }

  function held({ status, body }: VaultAnswer): HeldSecrets {
    if (status === 404) {
      const deleted = at(body, 'data', 'metadata', 'deletion_time') || at(body, 'data', 'metadata', 'destroyed');
      throw new SecretsError(
        deleted
          ? `${name}: the latest version of ${where} was deleted.`
          : `${name} has nothing at ${where}: see MAESTRO_VAULT_MOUNT, which must be a KV version 2 engine, and MAESTRO_VAULT_PATH.`,
      );
    }
    const version = at(body, 'data', 'metadata', 'version');
    if (status !== 200 || typeof version !== 'number') {
      throw new SecretsError(`${name} gives ${where} in another form than KV version 2 does (status ${status}).`);
    }
    return { values: secretsIn(at(body, 'data', 'data'), `${name}: ${where}`), version: String(version) };
  }

  return {
    name,
    async read(signal) {
      for (;;) {
        const known = lease;
        const { token } = known ?? keep(await signIn(signal));
        const data = `${encoded(mount)}/data/${encoded(path)}`;
        const answer = await ask({ method: 'GET', path: data, token, signal });
        if (answer.status !== 403) return held(answer);
        lease = undefined;
        // A token that was known may have ended; one of this moment is not good for this.
        if (known) continue;
        throw new SecretsError(
          `${name} refuses to give ${where} (status 403): see that the ${login.method === 'token' ? 'token is good and its policy' : 'policy of the role'} may read ${data}.`,
        );
      }
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
