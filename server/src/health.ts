import type { FastifyInstance } from 'fastify';
import type { Ports } from './ports/ports.ts';

/** The protocol version the MLflow face speaks; its client compares it with its own. */
export const mlflowVersion = '3.17.2';

/** Liveness, readiness and versions: public, and they say nothing of what is inside. */
export function mountHealth(app: FastifyInstance, ports: Ports): void {
  app.get('/health', { config: { unguarded: 'liveness for load balancers' } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('OK'),
  );
  app.get('/version', { config: { unguarded: 'clients compare versions before they sign in' } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(mlflowVersion),
  );
  app.get('/ready', { config: { unguarded: 'readiness for load balancers' } }, async (_request, reply) => {
    try {
      await ports.db.ping();
      // Still ready: every process would leave its load balancer at once where a store of secrets is down.
      const isDegraded = ports.secretWatch.state().failures > 0;
      return reply.type('text/plain; charset=utf-8').send(isDegraded ? 'Degraded: secrets cannot be read.' : 'OK');
    } catch {
      return reply.code(503).type('text/plain; charset=utf-8').send('The database does not answer.');
    }
  });
}
