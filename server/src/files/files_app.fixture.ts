import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { callOf } from '../call.ts';
import type { Database, TenantTx } from '../db/tenancy.ts';
import { MaestroError, mlflowErrorOf } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import { permissionsOf, type Role } from '../identity/roles.ts';
import { Fairness } from '../limits/fairness.ts';
import { Storage } from '../limits/storage.ts';
import type { TenantLimits } from '../limits/tenant_limits.ts';
import { fileRoutes, mountFiles } from '../mlflow/files.ts';
import { mountMlflow } from '../mlflow/route.ts';
import { fileRoutes as nativeFileRoutes } from '../native/files.ts';
import { mountNative } from '../native/route.ts';
import type { BlobStore } from '../ports/blobs.ts';
import type { Ports } from '../ports/ports.ts';

/** Who the bearer tokens of a test stand for. */
export type Callers = Record<string, { tenantId: string; slug: string; role: Role }>;

/** The routes of files, listening, over the ports they need. */
export async function serveFiles(
  blobs: BlobStore,
  callers: Callers,
  inTenant: <T>(tenantId: string, run: (tx: TenantTx) => Promise<T>) => Promise<T>,
): Promise<{ url: string; app: FastifyInstance }> {
  const authenticate = async (headers: Readonly<Record<string, string | string[] | undefined>>): Promise<Caller> => {
    const found = callers[String(headers.authorization).replace('Bearer ', '')];
    if (!found) throw new MaestroError('unauthenticated', 'Sign in, or send an API key.');
    const { tenantId, slug, role } = found;
    const owner = { kind: 'service_account', id: randomUUID(), name: slug } as const;
    const place = { tenant: { id: tenantId, slug }, requiresFactor: false, role, permissions: permissionsOf[role] };
    return {
      kind: 'api_key',
      keyId: slug,
      owner,
      place,
      boundTo: { users: [], accounts: [slug] },
      until: Number.POSITIVE_INFINITY,
      withFactor: true,
    };
  };
  // Bodies pass the meter of the quota, which finds room for everything.
  const tenants = { admit: () => undefined, of: async () => ({}) } as unknown as TenantLimits;
  const roomy = { inTenant: async () => true } as unknown as Database;
  const storage = new Storage({ db: roomy, limits: tenants, log: pino({ level: 'silent' }) });
  const limits = { tenants, storage, fairness: new Fairness({ slots: 16 }) };
  // What these routes write into the audit has nothing to seal.
  const identity = { people: { prepare: async () => undefined } };
  const ports = { blobs, authenticate, limits, identity, db: { inTenant } as Database } as unknown as Ports;
  const app = fastify({ bodyLimit: 64 * 1024, routerOptions: { maxParamLength: 5000, ignoreTrailingSlash: true } });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => {
    const known = error instanceof MaestroError ? error : new MaestroError('internal', String(error));
    const { status, body } = mlflowErrorOf(known, callOf(request).requestId);
    return reply.code(status).type('application/json').send(body);
  });
  await mountFiles(app, ports);
  await app.register(async (scope) => mountMlflow(scope, ports, fileRoutes), { prefix: '/api/2.0/mlflow' });
  await app.register(async (scope) => mountNative(scope, ports, nativeFileRoutes), { prefix: '/api/v1' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, app };
}
