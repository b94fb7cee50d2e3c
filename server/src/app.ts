import { randomUUID } from 'node:crypto';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import { bodyBytesMax, limitBodyTime, readJson, refuseEncodedBodies, refuseStrangersBodies } from './bodies.ts';
import { sendWhatWasSaid } from './call.ts';
import { MaestroError, mlflowErrorOf, problemOf } from './errors.ts';
import { mountHealth } from './health.ts';
import { hostRules, refuseStrangeHosts } from './hosts.ts';
import { allowOrigins, answerHeaders, headersFor, sayHeaders } from './http_headers.ts';
import { sendLimit } from './limits/headers.ts';
import { limitStrangers } from './limits/strangers.ts';
import { MethodsByPath } from './methods.ts';
import { mountMetrics } from './metrics.ts';
import { mlflowFace, wrongContentType } from './mlflow/face.ts';
import { mountJwks } from './native/auth.ts';
import { mountDocs } from './native/docs.ts';
import { contract, nativeFace } from './native/face.ts';
import type { Ports } from './ports/ports.ts';
import type { Pair } from './tls/pair.ts';
import { tlsProtocol } from './tls/protocol.ts';
import { refuseUnreadable } from './unreadable.ts';
import { mountWeb, sendMissingPage } from './web/pages.ts';

export interface AppOptions {
  /** Proxies whose X-Forwarded-* headers are believed; false for none. */
  trustProxy: string[] | false;
  /** Where people reach this Maestro, where somebody said it; its name is one that requests may use. */
  publicUrl?: string | undefined;
  /** Further names, as `Host` has them: `name` or `name:port`. */
  allowedHosts?: readonly string[];
  /** Of pages elsewhere that may call the API with a token. */
  corsOrigins?: readonly string[];
  /** The server speaks HTTPS where given. */
  tls?: Pair | undefined;
  /** Other times than the usual ones. */
  times?: Partial<ConnectionTimes>;
  /** Sees every route as it is mounted. */
  onRoute?: (route: RouteOptions) => void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation behind a route. Every route names one; `unguarded` names the few that need none, and why. */
    operation?: string;
    unguarded?: string;
  }
}

/** How long a client may take, in milliseconds. */
export interface ConnectionTimes {
  /** For the head of a request. */
  head: number;
  /** For a body other than a file; a file may take its time, as long as it moves. */
  body: number;
  /** Between a byte and the next, either way: an answer may be computed so long, a link may stall so long. */
  silence: number;
}

const usualTimes: ConnectionTimes = { head: 20_000, body: 60_000, silence: 300_000 };

/** Connections at once; each costs some 10 kB. What is past it is closed at once. */
const connectionsMax = 10_000;

type Code = MaestroError['code'];

/** Faults of a request that Fastify finds, by their status. */
const codeByStatus: Record<number, Code> = {
  400: 'bad_request',
  404: 'endpoint_not_found',
  413: 'too_large',
  414: 'bad_request',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
};

/**
 * What PostgreSQL reports, by SQLSTATE, that is not a fault of ours: what passes by itself (nothing of the call was
 * written), and a row that another call made first.
 */
const databaseFaults: Record<string, [Code, string]> = {
  '23505': ['already_exists', 'It exists already.'],
  '22021': ['invalid_parameter', 'Text holds a character that cannot be stored.'],
  '40001': ['unavailable', 'Two calls were in each other’s way; try again.'],
  '40P01': ['unavailable', 'Two calls were in each other’s way; try again.'],
  '53300': ['unavailable', 'The database has no free connection; try again.'],
  // 400, which clients do not try again: it would take as long again.
  '57014': [
    'invalid_parameter',
    'It took longer than 30 seconds; ask for less: a narrower filter, fewer runs or points.',
  ],
  '55P03': ['unavailable', 'Another call is changing the same thing; try again.'],
  '57P01': ['unavailable', 'The database is restarting; try again.'],
  '57P03': ['unavailable', 'The database is starting; try again.'],
};

/** What Fastify, the driver and the operations throw, as the one error of the house. */
function errorOf(error: FastifyError | MaestroError): MaestroError {
  if (error instanceof MaestroError) return error;
  const fault = databaseFaults[error.code ?? ''];
  if (fault) return new MaestroError(fault[0], fault[1], { detail: error.message, cause: error });
  const code = error.statusCode === undefined ? undefined : codeByStatus[error.statusCode];
  return new MaestroError(code ?? 'internal', error.message, { cause: error });
}

const isNative = (request: FastifyRequest): boolean => request.url.startsWith('/api/v1');

function sendError(error: FastifyError | MaestroError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = errorOf(error);
  // An empty Content-Type is no media type to Fastify; the MLflow face words it as it words any other one.
  if (known.code === 'unsupported_media_type' && known !== error && !isNative(request))
    return sendError(wrongContentType(), request, reply);
  if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
  else if (known.detail) request.log.warn({ detail: known.detail }, known.message);
  if (known.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="maestro"');
  sendLimit(reply, known);
  const rendered = (isNative(request) ? problemOf : mlflowErrorOf)(known, request.id);
  return reply
    .code(rendered.status)
    .type(isNative(request) ? 'application/problem+json' : 'application/json')
    .send(rendered.body);
}

const namesOf = ({ publicUrl, allowedHosts = [] }: AppOptions): string[] => [
  ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]),
  ...allowedHosts,
];

/** Builds the app from its ports and mounts the two faces. It listens nowhere yet. */
export async function createApp(ports: Ports, options: AppOptions): Promise<FastifyInstance> {
  const headers = await answerHeaders();
  const times = { ...usualTimes, ...options.times };
  const http = {
    headersTimeout: times.head,
    connectionsCheckingInterval: Math.min(times.head, 5_000),
    insecureHTTPParser: false,
  };
  const app = fastify({
    loggerInstance: ports.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: bodyBytesMax,
    trustProxy: options.trustProxy,
    forceCloseConnections: 'idle',
    connectionTimeout: times.silence,
    // What fails before a route is found (a URL that does not decode), and before any hook.
    frameworkErrors: (error, request, reply) =>
      void sendError(error, request, reply.headers(headersFor(request, headers))),
    clientErrorHandler: refuseUnreadable(headers),
    routerOptions: { maxParamLength: 5000, ignoreTrailingSlash: true },
    ...(options.tls ? { https: { ...tlsProtocol, ...options.tls, ...http } } : { http }),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendError);
  const methods = new MethodsByPath();
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.of(request.url);
    if (allowed.length === 0) {
      const missing = new MaestroError('endpoint_not_found', 'There is no such endpoint.');
      return sendMissingPage(request, reply) ?? sendError(missing, request, reply);
    }
    const message = `${request.method} is not answered here, but ${allowed.join(', ')}.`;
    return sendError(
      new MaestroError('method_not_allowed', message),
      request,
      reply.header('allow', allowed.join(', ')),
    );
  });
  // Denied by default: a route that names neither an operation nor its reason to need none cannot be mounted.
  app.addHook('onRoute', (entry) => {
    if (!entry.config?.operation && !entry.config?.unguarded) {
      throw new Error(`${entry.method} ${entry.url} runs through no operation`);
    }
    methods.add(entry);
  });
  if (options.onRoute) app.addHook('onRoute', options.onRoute);
  app.server.maxConnections = connectionsMax;
  app.decorate('publicUrl', options.publicUrl);
  sayHeaders(app, headers);
  sendWhatWasSaid(app);
  refuseStrangeHosts(app, hostRules(namesOf(options)));
  allowOrigins(app, options.corsOrigins ?? []);
  refuseEncodedBodies(app);
  limitStrangers(app, ports);
  refuseStrangersBodies(app, ports);
  limitBodyTime(app, times.body, refuseUnreadable(headers));
  readJson(app);
  mountMetrics(app, ports);
  mountHealth(app, ports);
  mountJwks(app, ports);
  mountDocs(app, contract());
  mountWeb(app);
  await app.register(nativeFace(ports), { prefix: '/api/v1' });
  await app.register(mlflowFace(ports));
  return app;
}
