import type { FastifyRequest } from 'fastify';
import { invalid } from '../errors.ts';
import { invalidValue, missingValue } from '../tracking/limits.ts';

/**
 * Reads requests as the genuine server does: protobuf's JSON mapping (unknown fields ignored, null is absent, numbers
 * accepted as text, camelCase names accepted too), then its checks for required fields, with its messages.
 */

const docsHint = ' See the API docs for more information about request parameters.';

/** A field's value could not be read; the message names the field where it is known. */
class Unreadable extends Error {}

/** A field's place in the message, for faults alone: `prefix + name`, put together where it is needed. */
type Read<T> = (raw: unknown, prefix: string, name: string) => T;

export interface Field<T> {
  readonly read: Read<T>;
  readonly required: boolean;
  readonly repeated: boolean;
}

const pythonTypeOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : 'dict';
};

const wrongType = (path: string, value: unknown) =>
  new Unreadable(`${invalidValue(path, value, ` Hint: Value was of type '${pythonTypeOf(value)}'.`)}${docsHint}`);

const readText: Read<string> = (raw, prefix, name) => {
  if (typeof raw !== 'string') throw wrongType(prefix + name, raw);
  if (!raw.isWellFormed() || raw.includes('\0')) {
    throw new Unreadable(
      `Invalid value for parameter '${prefix}${name}' supplied: text holds a NUL or an unpaired surrogate.`,
    );
  }
  return raw;
};

/** int64 as a number: beyond 2^53 it would be altered silently, so it is refused. */
const readInteger: Read<number> = (raw, prefix, name) => {
  const value = typeof raw === 'string' && /^-?\d+(?:\.0*)?$/.test(raw) ? Number(raw) : raw;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(prefix + name, raw);
  if (!Number.isSafeInteger(value)) {
    throw new Unreadable(
      `${invalidValue(prefix + name, raw, 'expected an integer between -9007199254740991 and 9007199254740991.')}${docsHint}`,
    );
  }
  return value === 0 ? 0 : value;
};

const namedDoubles = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

export const readDouble: Read<number> = (raw, prefix, name) => {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'string') {
    const named = namedDoubles.get(raw);
    if (named !== undefined) return named;
    // As Python spells them.
    if (/^[+-]?inf(?:inity)?$/i.test(raw)) return raw.startsWith('-') ? -Infinity : Infinity;
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(raw)) return Number(raw);
  }
  throw wrongType(prefix + name, raw);
};

const readFlag: Read<boolean> = (raw, prefix, name) => {
  if (raw === true || raw === 'true' || raw === 'True') return true;
  if (raw === false || raw === 'false' || raw === 'False') return false;
  if (typeof raw === 'string') {
    throw new Unreadable(`Invalid boolean value: ${raw}, must be 'true' or 'false'.`);
  }
  throw wrongType(prefix + name, raw);
};

const field = <T>(read: Read<T>, repeated = false): Field<T | undefined> => ({ read, required: false, repeated });

export const text = (): Field<string | undefined> => field(readText);
export const integer = (): Field<number | undefined> => field(readInteger);
export const double = (): Field<number | undefined> => field(readDouble);
export const flag = (): Field<boolean | undefined> => field(readFlag);

/** An enum by name, or by its number (`values[number]`; holes are undefined). Empty text is as good as absent. */
export const oneOf = <Name extends string>(values: readonly (Name | undefined)[]): Field<Name | undefined> =>
  field((raw, prefix, name) => {
    if (raw === '') return undefined;
    const index =
      typeof raw === 'number' ? raw : typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : undefined;
    const found = index === undefined ? values.find((value) => value === raw) : values[index];
    if (found === undefined) throw wrongType(prefix + name, raw);
    return found;
  });

export const repeated = <T>(item: Field<T | undefined>): Field<T[] | undefined> =>
  field((raw, prefix, name) => {
    if (!Array.isArray(raw)) throw wrongType(prefix + name, raw);
    const path = prefix + name;
    return raw.map((value, index) => item.read(value, path, `[${index}]`) as T);
  }, true);

/** Absent or empty is refused, as the genuine server does. */
export const required = <T>(of: Field<T | undefined>): Field<T> => ({
  read: of.read as Read<T>,
  required: true,
  repeated: of.repeated,
});

export type Fields = Record<string, Field<unknown>>;

/** Optional fields are absent, not undefined, so that inputs pass on as they are. */
export type Message<F extends Fields> = {
  [K in keyof F as undefined extends TypeOf<F[K]> ? never : K]: TypeOf<F[K]>;
} & {
  [K in keyof F as undefined extends TypeOf<F[K]> ? K : never]?: Exclude<TypeOf<F[K]>, undefined>;
};
type TypeOf<T> = T extends { read: Read<infer V> } ? V : never;

/** Names of fields in camel case, which few are and every request asks for. */
const camelNames = new Map<string, string>();

function camel(name: string): string {
  let alias = camelNames.get(name);
  if (alias === undefined) {
    alias = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    camelNames.set(name, alias);
  }
  return alias;
}

/** A message's fields with what reading them needs, worked out once for all items of a list. */
const planOf = (fields: Fields) =>
  Object.entries(fields).map(([name, { read, required }]) => ({ name, alias: camel(name), read, required }));

function readFields(plan: ReturnType<typeof planOf>, source: Record<string, unknown>, prefix: string): object {
  const message: Record<string, unknown> = {};
  for (const { name, alias, read, required } of plan) {
    let raw = source[name];
    if (alias !== name && alias in source) {
      if (name in source) {
        throw new Unreadable(`Request specifies both '${name}' and '${alias}'; provide only one of them.`);
      }
      raw = source[alias];
    }
    if (raw === undefined || raw === null || (required && raw === '')) {
      if (required) throw new Unreadable(missingValue(prefix + name) + docsHint);
      continue;
    }
    const value = read(raw, prefix, name);
    if (value !== undefined) message[name] = value;
  }
  return message;
}

/** A message within a message. */
export function nested<F extends Fields>(fields: F): Field<Message<F> | undefined> {
  const plan = planOf(fields);
  return field((raw, prefix, name) => {
    if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) throw wrongType(prefix + name, raw);
    return readFields(plan, raw as Record<string, unknown>, `${prefix}${name}.`) as Message<F>;
  });
}

/** What a request carries: the query string of a GET or HEAD that has one, else the body. */
function sourceOf(request: FastifyRequest, fields: Fields): Record<string, unknown> {
  const query = request.query as Record<string, string | string[]>;
  if ((request.method === 'GET' || request.method === 'HEAD') && Object.keys(query).length > 0) {
    return Object.fromEntries(
      Object.entries(query).map(([name, value]) => {
        if (fields[name]?.repeated) return [name, Array.isArray(value) ? value : [value]];
        return [name, Array.isArray(value) ? value[0] : value];
      }),
    );
  }
  let body = request.body;
  // Old clients encode their JSON twice.
  if (typeof body === 'string') body = JSON.parse(body);
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw new Unreadable('The request body must be a JSON object.');
  return body as Record<string, unknown>;
}

/** Reads a request's message. A fault is INVALID_PARAMETER_VALUE and names the field. */
export function read<F extends Fields>(request: FastifyRequest, fields: F): Message<F> {
  try {
    const source = sourceOf(request, fields);
    // The older name of the field, which clients still send.
    if (fields.run_id && source.run_id === undefined && source.run_uuid !== undefined) source.run_id = source.run_uuid;
    return readFields(planOf(fields), source, '') as Message<F>;
  } catch (error) {
    if (error instanceof Unreadable) throw invalid(error.message);
    if (error instanceof SyntaxError) throw invalid('The request body is not valid JSON.');
    throw error;
  }
}

/** A double as the genuine server prints it: never as an integer, and what JSON has no number for as text. */
export function doubleText(value: number): string {
  if (Number.isFinite(value)) {
    const digits = String(value);
    return /[.e]/.test(digits) ? digits : Object.is(value, -0) ? '-0.0' : `${digits}.0`;
  }
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}
