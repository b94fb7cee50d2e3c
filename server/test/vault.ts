import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Token {
  endsAt: number;
  ttlSeconds: number;
  renewable: boolean;
  /** It is not renewed beyond this. */
  lastAt: number;
  mayRead: boolean;
}

interface TokenSettings {
  /** 0: without an end. */
  readonly ttlSeconds?: number;
  readonly maxTtlSeconds?: number;
  readonly mayRead?: boolean;
}

/**
 * A Vault of the tests': answers as the documentation of KV version 2, AppRole, Kubernetes and tokens says, over HTTP
 * or HTTPS, in one namespace. What it was asked is in `calls`.
 */
export interface TestVault {
  readonly url: string;
  /** `GET secret/data/maestro`, in order. */
  readonly calls: string[];
  readonly approle: { readonly roleId: string; readonly secretId: string };
  readonly kubernetes: { readonly role: string; readonly jwt: string };
  /** Writes the next version. */
  put(path: string, data: unknown): void;
  /** Deletes the latest version, as `vault kv delete` does. */
  remove(path: string): void;
  makeToken(settings?: TokenSettings): string;
  revoke(token: string): void;
  /** Of the tokens of later sign-ins. */
  tokensOfSignIns: TokenSettings;
  /** Sign-ins by SecretID that are still good; undefined: any number. */
  secretIdUses: number | undefined;
  sealed: boolean;
  /** Takes requests, and answers none. */
  hangs: boolean;
  /** As a standby, sends everybody to this address. */
  redirectTo: string | undefined;
  stop(): Promise<void>;
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').replace(/^\/v1\//, '');

interface Settings {
  readonly namespace?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

export async function startTestVault({ namespace = '', tls }: Settings = {}): Promise<TestVault> {
  const versions = new Map<string, { data: unknown; version: number; deletedAt: string }>();
  const tokens = new Map<string, Token>();
  const server = tls ? createHttpsServer(tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const vault: TestVault = {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`,
    calls: [],
    approle: { roleId: randomUUID(), secretId: randomUUID() },
    kubernetes: { role: 'maestro', jwt: randomBytes(32).toString('base64url') },
    put(path, data) {
      versions.set(path, { data, version: (versions.get(path)?.version ?? 0) + 1, deletedAt: '' });
    },
    remove(path) {
      const kept = versions.get(path);
      if (kept) versions.set(path, { ...kept, data: null, deletedAt: new Date().toISOString() });
    },
    makeToken,
    revoke: (token) => void tokens.delete(token),
    tokensOfSignIns: {},
    secretIdUses: undefined,
    sealed: false,
    hangs: false,
    redirectTo: undefined,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return vault;

  function makeToken({ ttlSeconds = 3600, maxTtlSeconds = 86_400, mayRead = true }: TokenSettings = {}): string {
    const token = `hvs.${randomBytes(24).toString('base64url')}`;
    const now = Date.now();
    const endsAt = ttlSeconds === 0 ? Number.POSITIVE_INFINITY : now + ttlSeconds * 1000;
    tokens.set(token, { endsAt, ttlSeconds, renewable: ttlSeconds > 0, lastAt: now + maxTtlSeconds * 1000, mayRead });
    return token;
  }

  function authOf(token: string): object {
    const { endsAt, renewable } = tokens.get(token) as Token;
    const lease_duration = Number.isFinite(endsAt) ? Math.ceil((endsAt - Date.now()) / 1000) : 0;
    return { auth: { client_token: token, lease_duration, renewable, policies: ['default', 'maestro'] } };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    vault.calls.push(`${request.method} ${pathOf(request)}`);
    if (vault.hangs) return;
    if (vault.redirectTo !== undefined) {
      response.writeHead(307, { location: `${vault.redirectTo}${request.url}` }).end();
      return;
    }
    const [status, body] = await answerTo(request, pathOf(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  async function answerTo(request: IncomingMessage, path: string): Promise<[number, object]> {
    if (vault.sealed) return [503, { errors: ['Vault is sealed'] }];
    if ((request.headers['x-vault-namespace'] ?? '') !== namespace) return [404, { errors: ['no such namespace'] }];
    if (/^auth\/[^/]+\/login$/.test(path)) return signIn(path, JSON.parse(await text(request)));
    const presented = String(request.headers['x-vault-token'] ?? '');
    const token = tokens.get(presented);
    if (!token || token.endsAt <= Date.now()) return [403, { errors: ['permission denied', 'invalid token'] }];
    return withToken(request.method ?? '', path, presented, token);
  }

  function signIn(path: string, body: Record<string, unknown>): [number, object] {
    if (path === 'auth/approle/login') {
      const { roleId, secretId } = vault.approle;
      if (body.role_id !== roleId) return [400, { errors: ['invalid role ID'] }];
      if (body.secret_id !== secretId || vault.secretIdUses === 0) return [400, { errors: ['invalid secret id'] }];
      if (vault.secretIdUses !== undefined) vault.secretIdUses -= 1;
      return [200, authOf(makeToken(vault.tokensOfSignIns))];
    }
    if (path === 'auth/kubernetes/login') {
      const { role, jwt } = vault.kubernetes;
      if (body.role !== role) return [400, { errors: [`invalid role name "${body.role}"`] }];
      return body.jwt === jwt
        ? [200, authOf(makeToken(vault.tokensOfSignIns))]
        : [403, { errors: ['permission denied'] }];
    }
    return [404, { errors: [`no handler for route "${path}"`] }];
  }

  function withToken(method: string, path: string, presented: string, token: Token): [number, object] {
    if (method === 'GET' && path === 'auth/token/lookup-self') {
      const ttl = Number.isFinite(token.endsAt) ? Math.ceil((token.endsAt - Date.now()) / 1000) : 0;
      return [200, { data: { id: presented, ttl, renewable: token.renewable } }];
    }
    if (method === 'POST' && path === 'auth/token/renew-self') {
      token.endsAt = Math.min(Date.now() + token.ttlSeconds * 1000, token.lastAt);
      return [200, authOf(presented)];
    }
    if (method !== 'GET' || !path.startsWith('secret/data/')) return [404, { errors: [] }];
    if (!token.mayRead) return [403, { errors: ['1 error occurred:\n\t* permission denied\n\n'] }];
    const kept = versions.get(path.slice('secret/data/'.length));
    if (!kept) return [404, { errors: [] }];
    const { data, version, deletedAt } = kept;
    const metadata = { version, created_time: new Date().toISOString(), deletion_time: deletedAt, destroyed: false };
    return [deletedAt === '' ? 200 : 404, { request_id: randomUUID(), data: { data, metadata } }];
  }
}
