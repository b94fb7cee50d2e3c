import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import { callOf } from './call.ts';
import { defineOperation } from './operation.ts';
import type { Ports } from './ports/ports.ts';

/** Seconds, from a lone metric write to a scan that a person waits for. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What a scrape gives. Not public: paths, rates and queues tell an outsider who works here and when. Prometheus
 * authenticates with the operator key of the data directory (`authorization: credentials_file`).
 */
function readMetrics(registry: Registry) {
  return defineOperation({
    name: 'metrics.read',
    permission: 'operator',
    transaction: 'administration',
    input: Type.Object({}),
    output: Type.String(),
    run: () => registry.metrics(),
  });
}

/** Gauges that are read when they are asked for. */
function watch(registry: Registry, ports: Pick<Ports, 'db' | 'recorder' | 'limits' | 'secretWatch'>): void {
  const registers = [registry];
  new Gauge({
    name: 'maestro_database_connections',
    help: 'Connections of the database pool, by whether a transaction has them.',
    labelNames: ['state'],
    registers,
    collect() {
      const { total, idle } = ports.db.poolState();
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'busy' }, total - idle);
    },
  });
  new Gauge({
    name: 'maestro_database_waiting',
    help: 'Transactions that wait for a connection of the pool.',
    registers,
    collect() {
      this.set(ports.db.poolState().waiting);
    },
  });
  new Gauge({
    name: 'maestro_tenant_requests_waiting',
    help: 'Requests of tenants that flood, which wait so that others are not slowed.',
    registers,
    collect() {
      this.set(ports.limits.fairness.state.waiting);
    },
  });
  new Gauge({
    name: 'maestro_secrets_age_seconds',
    help: 'Since the secrets were last read from where they are kept.',
    registers,
    collect() {
      this.set(ports.secretWatch.state().ageSeconds);
    },
  });
  new Gauge({
    name: 'maestro_secrets_failures',
    help: 'Attempts to read the secrets that failed since one last did not: above 0, alarm.',
    registers,
    collect() {
      this.set(ports.secretWatch.state().failures);
    },
  });
  new Gauge({
    name: 'maestro_group_commit_queue',
    help: 'Calls that wait for their group to start, by what they do.',
    labelNames: ['kind'],
    registers,
    collect() {
      const { record, createRun, readRun } = ports.recorder.queued();
      this.set({ kind: 'record' }, record);
      this.set({ kind: 'create_run' }, createRun);
      this.set({ kind: 'read_run' }, readRun);
    },
  });
}

/**
 * Measures every request that `app` answers and mounts `/metrics`; call it before any other route is added. Requests
 * are told apart by the pattern of their route, never by their path, so that no caller can make series.
 */
export function mountMetrics(app: FastifyInstance, ports: Ports): void {
  const registry = new Registry();
  const durations = new Histogram({
    name: 'maestro_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBuckets,
    registers: [registry],
  });
  watch(registry, ports);
  // The process, its memory, garbage collection, and the lag of the event loop.
  collectDefaultMetrics({ register: registry });

  app.addHook('onResponse', (request, reply, done) => {
    const { method = 'other', url = 'unknown' } = request.is404
      ? {}
      : { method: request.method, url: request.routeOptions.url };
    durations.observe({ method, route: url, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  const operation = readMetrics(registry);
  app.get('/metrics', { config: { operation: operation.name } }, async (request, reply) => {
    const text = await operation.execute(ports, callOf(request), {});
    return reply.type(registry.contentType).send(text);
  });
}
