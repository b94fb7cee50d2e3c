import type { FastifyInstance } from 'fastify';
import type { Ports } from '../ports/ports.ts';
import { accessRoutes } from './access.ts';
import { accountRoutes } from './accounts.ts';
import { auditRoutes } from './audit.ts';
import { authRoutes } from './auth.ts';
import { contractOf } from './contract.ts';
import { deviceRoutes } from './devices.ts';
import type { Contract } from './docs.ts';
import { experimentRoutes } from './experiments.ts';
import { factorRoutes } from './factors.ts';
import { fileRoutes } from './files.ts';
import { insightRoutes } from './insight.ts';
import { keyRoutes } from './keys.ts';
import { libraryRoutes } from './library.ts';
import { limitRoutes } from './limits.ts';
import { loggedModelRoutes } from './logged_models.ts';
import { mlRoutes } from './ml.ts';
import { processMetricRoutes } from './process_metrics.ts';
import { projectRoutes } from './projects.ts';
import { providerRoutes } from './providers.ts';
import { rotationRoutes } from './rotation.ts';
import { mountNative, type NativeRoute } from './route.ts';
import { metricRoutes, runRoutes } from './runs.ts';
import { serviceAccountRoutes } from './service_accounts.ts';
import { sourceRoutes } from './sources.ts';
import { teamRoutes } from './teams.ts';
import { tenantRoutes } from './tenants.ts';
import { userRoutes } from './users.ts';
import { viewRoutes } from './views.ts';

/** Every route of `/api/v1`. */
export const nativeRoutes: readonly NativeRoute[] = [
  ...authRoutes,
  ...deviceRoutes,
  ...providerRoutes,
  ...factorRoutes,
  ...accountRoutes,
  ...tenantRoutes,
  ...limitRoutes,
  ...rotationRoutes,
  ...userRoutes,
  ...keyRoutes,
  ...serviceAccountRoutes,
  ...accessRoutes,
  ...auditRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...metricRoutes,
  ...viewRoutes,
  ...fileRoutes,
  ...loggedModelRoutes,
  ...projectRoutes,
  ...libraryRoutes,
  ...sourceRoutes,
  ...processMetricRoutes,
  ...teamRoutes,
  ...mlRoutes,
  ...insightRoutes,
];

/** The contract, as /api/docs shows it. */
export const contract = (): Contract => contractOf(nativeRoutes) as unknown as Contract;

/** The contract as it is served and committed (contract/openapi.json). */
export const contractText = (): string => `${JSON.stringify(contract(), null, 2)}\n`;

/** `/api/v1`. */
export const nativeFace =
  (ports: Ports) =>
  async (app: FastifyInstance): Promise<void> => {
    mountNative(app, ports, nativeRoutes);
    const config = { unguarded: 'the contract is the same for everybody, and no secret' };
    const text = contractText();
    app.get('/openapi.json', { config }, (_request, reply) => reply.type('application/json; charset=utf-8').send(text));
  };
