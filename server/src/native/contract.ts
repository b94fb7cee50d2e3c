import type { TSchema } from 'typebox';
import { type ErrorCode, problemStatusOf } from '../errors.ts';
import type { Required } from '../operation.ts';
import { type NativeRoute, workspaceOfLink } from './route.ts';

type Json = Record<string, unknown>;

/** An operation's input as a JSON schema. */
type Input = { properties: Record<string, TSchema>; required?: string[]; additionalProperties?: boolean };

/** Of the contract; it grows with the routes, not with Maestro. */
const contractVersion = '1.0.0';

const description = `The REST API of Maestro.

Sign in with \`POST /auth/login\` for an access token, or send an API key; either goes as a bearer token. An API key
acts in its own tenant. A page of this server asks the sign-in for a session in a cookie instead (\`cookie: true\`);
requests with it must come from such a page, by \`Sec-Fetch-Site\` or \`Origin\`. A user who belongs to several tenants
names one by its slug in the header \`X-MLFLOW-WORKSPACE\`.

Lists come in pages: \`limit\` items, and a \`next_page_token\` to send as \`page_token\` for the next; it is null on the
last page. Errors are problem details (RFC 9457) that name the field at fault.`;

const isInTenant = (permission: Required): boolean => permission === 'in_tenant' || permission.includes(':');

/** What any route can answer, by what it is. */
function errorsOf(route: NativeRoute): ErrorCode[] {
  const { permission } = route.operation;
  const inTenant = isInTenant(permission);
  const hasBody = !route.places.inUrl || route.upload === true;
  return [
    'invalid_parameter',
    // Strangers by their address, tenants by their quota, false credentials by both.
    'limit_exceeded',
    ...(permission === 'public' ? [] : (['unauthenticated', 'permission_denied'] as const)),
    ...(inTenant || route.places.path.length > 0 ? (['not_found'] as const) : []),
    ...(hasBody && !route.upload ? (['too_large', 'unsupported_media_type'] as const) : []),
    // Long text in a path or a query string may pass what HTTP headers may be long.
    ...(route.places.path.length > 0 || route.places.inUrl ? (['headers_too_large'] as const) : []),
    ...(route.errors ?? []),
    'internal',
    'unavailable',
  ];
}

const titleOf = (summary: string): string => summary.replace(/\.$/, '');

/** A schema as plain JSON: what TypeBox keeps for itself does not get into it. */
const plain = (schema: TSchema): Json => JSON.parse(JSON.stringify(schema)) as Json;

function parameter(name: string, place: 'path' | 'query', schema: TSchema, required: boolean): Json {
  const { description: text, ...rest } = plain(schema);
  return {
    name,
    in: place,
    required: required || place === 'path',
    ...(text === undefined ? {} : { description: text }),
    // An empty segment is no segment: nothing would be found at that path.
    schema:
      place === 'path' && rest.type === 'string' && rest.minLength === undefined ? { ...rest, minLength: 1 } : rest,
    ...(rest.type === 'array' ? { style: 'form', explode: true } : {}),
  };
}

const file = (text: string): Json => ({ description: text, content: { '*/*': { schema: {} } } });

function successOf({ send, redirect, media, status, shown, operation }: NativeRoute): Json {
  if (redirect) return { 303: { description: 'The browser goes on to a page of this server.' } };
  if (media) {
    const content = Object.fromEntries(media.map((type) => [type, { schema: { type: 'string' } }]));
    return { 200: { description: 'Done.', content } };
  }
  if (send) {
    return {
      200: file('The file.'),
      206: file('The range of it that was asked for.'),
      304: { description: 'The caller has this content.' },
    };
  }
  if (status === 204) return { 204: { description: 'Done.' } };
  const schema = plain(shown?.schema ?? operation.output);
  return { [status]: { description: 'Done.', content: { 'application/json': { schema } } } };
}

function bodyOf({ operation, places, upload }: NativeRoute): Json {
  if (upload) return { requestBody: { required: false, content: { 'application/octet-stream': { schema: {} } } } };
  if (places.inUrl || places.rest.length === 0) return {};
  const { properties, required = [], additionalProperties } = operation.input as unknown as Input;
  const needed = places.rest.filter((name) => required.includes(name));
  const schema = {
    type: 'object',
    properties: Object.fromEntries(places.rest.map((name) => [name, plain(properties[name] as TSchema)])),
    ...(needed.length > 0 ? { required: needed } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
  };
  return { requestBody: { required: needed.length > 0, content: { 'application/json': { schema } } } };
}

function operationOf(route: NativeRoute): Json {
  const { operation, summary, places, id } = route;
  const { properties, required = [] } = operation.input as unknown as Input;
  const parameters = [
    ...places.path.map((name) => parameter(name, 'path', properties[name] as TSchema, true)),
    ...(places.inUrl
      ? places.rest.map((name) => parameter(name, 'query', properties[name] as TSchema, required.includes(name)))
      : []),
    ...(isInTenant(operation.permission) ? [{ $ref: '#/components/parameters/Workspace' }] : []),
    ...(isInTenant(operation.permission) && route.send ? [{ $ref: '#/components/parameters/WorkspaceOfLink' }] : []),
  ];
  const statuses = [...new Set(errorsOf(route).map((code) => problemStatusOf(code).status))].sort((a, b) => a - b);
  return {
    operationId: id ?? operation.name,
    summary: titleOf(summary),
    tags: [operation.name.split('.')[0]],
    ...(operation.permission.includes(':') ? { 'x-permission': operation.permission } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...bodyOf(route),
    responses: {
      ...successOf(route),
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }])),
    },
    ...(operation.permission === 'public' ? { security: [] } : {}),
  };
}

const slug = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' };

const problem = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  properties: {
    type: { type: 'string', description: 'What kind of error: urn:maestro:error:…' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, for the caller.' },
    field: { type: 'string', description: 'The field of the input at fault, where there is one.' },
    position: {
      type: 'integer',
      description: 'Of a filter or an order: the character at which it goes wrong, from 0.',
    },
    request_id: { type: 'string', description: 'Names this request in the log.' },
  },
  required: ['type', 'title', 'status', 'detail', 'request_id'],
};

function responsesOf(routes: readonly NativeRoute[]): Json {
  const codes = [...new Set(routes.flatMap(errorsOf))];
  const titles = new Map<number, Set<string>>();
  for (const code of codes) {
    const { status, title } = problemStatusOf(code);
    titles.set(status, (titles.get(status) ?? new Set()).add(title));
  }
  const statuses = [...titles].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    statuses.map(([status, names]) => [
      `Problem${status}`,
      {
        description: `${[...names].join(', or ')}.`,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

const methodOrder = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];

/** The OpenAPI 3.1 description of routes below `/api/v1`, the same for the same routes whatever their order. */
export function contractOf(routes: readonly NativeRoute[]): Json {
  const paths: Record<string, Json> = {};
  const ids = new Set<string>();
  const sorted = [...routes].sort(
    (a, b) =>
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || methodOrder.indexOf(a.method) - methodOrder.indexOf(b.method),
  );
  for (const route of sorted) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    const described = operationOf(route);
    const id = described.operationId as string;
    if (ids.has(id)) throw new Error(`Two routes are called ${id}; give one an id of its own.`);
    ids.add(id);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: described };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Maestro',
      version: contractVersion,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or an access token.' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name, and an API key as the password.' },
      },
      parameters: {
        Workspace: {
          name: 'X-MLFLOW-WORKSPACE',
          in: 'header',
          required: false,
          description: "The slug of the tenant to act in, among the caller's; their own without it.",
          schema: slug,
        },
        WorkspaceOfLink: {
          name: workspaceOfLink,
          in: 'query',
          required: false,
          description: 'As the header X-MLFLOW-WORKSPACE, which holds before it: for links, which send no header.',
          schema: slug,
        },
      },
      schemas: { Problem: problem },
      responses: responsesOf(routes),
    },
  };
}
