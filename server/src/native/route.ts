import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import { strangersBodyBytesMax } from '../bodies.ts';
import { callOf } from '../call.ts';
import type { ErrorCode } from '../errors.ts';
import { bodyOf, leaveBodiesAsStreams } from '../files/raw_body.ts';
import type { Call, Operation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { checkText, readUrl } from './input.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface More<Output> {
  /** 200 unless said otherwise; 204 sends no body. */
  status?: number;
  /** What the face shows of the output, and its schema, where that is not the output itself. */
  shown?: { schema: TSchema; of: (output: Output) => unknown };
  /** Sends the output by other means than JSON: a file, also to HEAD. */
  send?: (output: Output, reply: FastifyReply) => unknown;
  /** Answers 303, to where this says: for a browser that another site sent here. */
  redirect?: (output: Output) => string;
  /** The media types of what `send` sends, where it is no file with ranges and validators. */
  media?: readonly string[];
  /** The request's body is a file: the input's `body` is its stream, and the rest of the input is in the URL. */
  upload?: boolean;
  /** What it can answer beyond what every route can (see contract.ts). */
  errors?: readonly ErrorCode[];
  /** Tells this route from another one of the same operation. */
  id?: string;
}

/** A route of `/api/v1`: a method and a path (`:name` marks a parameter) over an operation. */
export interface NativeRoute extends More<unknown> {
  readonly method: Method;
  readonly path: string;
  readonly operation: Operation;
  readonly summary: string;
  readonly status: number;
  /** Where HTTP carries each property of the input, by name. */
  readonly places: { readonly path: readonly string[]; readonly rest: readonly string[]; readonly inUrl: boolean };
}

/**
 * Declares a route. The operation's input is one object: the path's parameters, and the rest from the query string
 * (GET, DELETE, uploads) or from the body.
 */
export function route<Input, Output>(
  method: Method,
  path: string,
  operation: Operation<Input, Output>,
  summary: string,
  more: More<Output> = {},
): NativeRoute {
  const inPath = [...path.matchAll(/:([a-z_]+)/g)].map((match) => match[1] as string);
  const names = Object.keys((operation.input as TObject).properties);
  const unknown = inPath.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`${operation.name} takes no ${unknown}, which ${path} names`);
  const rest = names.filter((name) => !inPath.includes(name) && !(more.upload && name === 'body'));
  return {
    ...(more as More<unknown>),
    method,
    path,
    operation: operation as Operation,
    summary,
    status: more.status ?? 200,
    places: { path: inPath, rest, inUrl: method === 'GET' || method === 'DELETE' || more.upload === true },
  };
}

/** Mounts routes below the prefix of `app`. Validation is the pipeline's; Fastify's own is off (app.ts). */
export function mountNative(app: FastifyInstance, ports: Ports, routes: readonly NativeRoute[]): void {
  app.removeContentTypeParser('text/plain');
  mountIn(
    app,
    ports,
    routes.filter(({ upload }) => !upload),
  );
  app.register(async (scope) => {
    leaveBodiesAsStreams(scope);
    mountIn(
      scope,
      ports,
      routes.filter(({ upload }) => upload),
    );
  });
}

function mountIn(app: FastifyInstance, ports: Ports, routes: readonly NativeRoute[]): void {
  for (const entry of routes) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const call = entry.send ? callOfLink(request) : callOf(request);
      const output = await entry.operation.execute(ports, call, () => inputOf(entry, request));
      if (entry.send) return entry.send(output, reply);
      if (entry.redirect) return reply.redirect(entry.redirect(output), 303);
      reply.code(entry.status);
      return entry.status === 204 ? reply.send() : reply.send(entry.shown ? entry.shown.of(output) : output);
    };
    const config = { operation: entry.operation.name };
    const limits = entry.operation.permission === 'public' ? { bodyLimit: strangersBodyBytesMax } : {};
    // Fastify's own answer to HEAD would read the whole file.
    if (entry.send && entry.method === 'GET') app.route({ method: 'HEAD', url: entry.path, config, handler });
    app.route({ method: entry.method, url: entry.path, config, handler, ...limits });
  }
}

/** The parameter by which a link names a tenant: a browser that saves a file sends no header of ours. */
export const workspaceOfLink = 'workspace';

/** The call of a download, in the tenant that its header names, else its URL. */
function callOfLink(request: FastifyRequest): Call {
  const call = callOf(request);
  const named = (request.query as Record<string, unknown>)[workspaceOfLink];
  if (typeof named !== 'string' || call.headers['x-mlflow-workspace'] !== undefined) return call;
  return { ...call, headers: { ...call.headers, 'x-mlflow-workspace': named } };
}

/** Text of the URL becomes what the schema says (numbers, booleans, lists); a body is taken as it is. */
function inputOf({ operation, upload, places, send }: NativeRoute, request: FastifyRequest): unknown {
  const { properties } = operation.input as TObject;
  const inPath = readUrl(properties, request.params as Record<string, string>, places.path);
  if (places.inUrl) {
    const { [workspaceOfLink]: workspace, ...query } = request.query as Record<string, string | string[]>;
    const given = send || workspace === undefined ? query : { ...query, [workspaceOfLink]: workspace };
    const input = { ...readUrl(properties, given), ...inPath };
    checkText(input);
    return upload ? { ...input, body: bodyOf(request) } : input;
  }
  const { body = {} } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const input = { ...body, ...inPath };
  checkText(input);
  return input;
}
