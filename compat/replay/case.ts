/** A value of a JSON request; `{{name}}` inside any string stands for a value an earlier answer was bound to. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';

/** One request, sent in turn to both servers, and what is to be remembered of its answer. */
export interface Case {
  /** Unique in its area; says what is asked, not what is expected. */
  name: string;
  method: Method;
  /** Below `/api/2.0/mlflow/`, or absolute when it starts with a slash. Sent as written: nothing is decoded or folded. */
  path: string;
  query?: Record<string, string | string[]>;
  body?: Json;
  /** The body's very text, for what `body` cannot say: `1.0`, `NaN`, broken JSON, file content. Wins over `body`. */
  raw?: string;
  headers?: Record<string, string>;
  /** Variable → where it stands in the answer, such as `run.info.run_id` or `runs.0.info.run_id`. */
  bind?: Record<string, string>;
  /** Arrays at these paths (with `*` for an index) are sets to the genuine server: their order is not compared. */
  unordered?: string[];
  /** The answer's body is a page for people or a stack trace: only the status is compared. */
  statusOnly?: boolean;
}

/** A named list of cases that run in order, on experiments of its own. */
export interface Area {
  name: string;
  cases: Case[];
  /** Needs a genuine server with workspaces switched on. */
  workspaces?: boolean;
}

type More = Omit<Partial<Case>, 'name' | 'method' | 'path' | 'body'>;

export function post(name: string, path: string, body: Json, more: More = {}): Case {
  return { name, method: 'POST', path, body, ...more };
}

export function get(name: string, path: string, query: Record<string, string | string[]> = {}, more: More = {}): Case {
  return { name, method: 'GET', path, query, ...more };
}

export function send(method: Method, name: string, path: string, body?: Json, more: More = {}): Case {
  return { name, method, path, ...(body === undefined ? {} : { body }), ...more };
}

/** POST of a text as it stands, for what a JSON value in TypeScript cannot say. */
export function text(name: string, path: string, raw: string, more: More = {}): Case {
  return { name, method: 'POST', path, raw, ...more };
}

const wrongValues: Record<string, Json> = {
  'a number': 12,
  'a text': 'abc',
  true: true,
  null: null,
  'a list': [],
  'an object': {},
  'an empty text': '',
};

/**
 * The same request with one field after another given a value of each wrong kind, and left out.
 * @param valid a body the server accepts
 * @param fields the fields to spoil; each entry may limit the kinds, by their names in `wrongValues` or `absent`
 */
export function spoiled(path: string, valid: Record<string, Json>, fields: Record<string, string[]>): Case[] {
  const cases: Case[] = [];
  for (const [field, kinds] of Object.entries(fields)) {
    for (const kind of kinds) {
      const body: Record<string, Json> = { ...valid };
      if (kind === 'absent') delete body[field];
      else body[field] = wrongValues[kind]!;
      cases.push(post(`${path}: ${field} is ${kind}`, path, body));
    }
  }
  return cases;
}

/** The request as both servers get it, for the fingerprint of a recorded answer. */
export function requestOf(c: Case): Json {
  return [c.method, c.path, c.query ?? {}, c.raw ?? null, c.body ?? null, c.headers ?? {}];
}
