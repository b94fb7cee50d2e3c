import { invalid } from '../errors.ts';
import { offsetOf, utcOf } from './times.ts';

const idMax = 100;

/** A JSON object whose members are asked for by what they must be. Throws `invalid_parameter`, which names the member. */
export class Payload {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path = 'payload') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid(`${path}: expected an object`);
    this.#members = value as Record<string, unknown>;
    this.#path = path;
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  #wrong(name: string, expected: string): Error {
    return invalid(`${this.#path}.${name}: expected ${expected}`, name);
  }

  has(name: string): boolean {
    return (this.#get(name) ?? null) !== null;
  }

  /** Null where it is null, or not there. */
  objectOrNull(name: string): Payload | null {
    return this.has(name) ? this.object(name) : null;
  }

  object(name: string): Payload {
    return new Payload(this.#get(name), `${this.#path}.${name}`);
  }

  objects(name: string, max: number): Payload[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value) || value.length > max) throw this.#wrong(name, `a list of ${max} at most`);
    return value.map((each, index) => new Payload(each, `${this.#path}.${name}[${index}]`));
  }

  /** How many a list has; 0 where there is none. */
  length(name: string): number {
    const value = this.#get(name);
    return Array.isArray(value) ? value.length : 0;
  }

  /** A text, or a number as text; cut to `max` characters. */
  text(name: string, max = 300): string {
    const value = this.#get(name);
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text === '' || !text.isWellFormed() || text.includes('\0')) {
      throw this.#wrong(name, 'a text');
    }
    return text.slice(0, max);
  }

  /** The source's own name of a thing, whole: cut, it would be another's. */
  id(name: string): string {
    const value = this.text(name);
    if (value.length > idMax) throw this.#wrong(name, `an id of ${idMax} characters at most`);
    return value;
  }

  textOr<Other>(name: string, other: Other, max = 300): string | Other {
    return this.has(name) && this.#get(name) !== '' ? this.text(name, max) : other;
  }

  /** A number of things; null where it is not said. */
  count(name: string): number | null {
    if (!this.has(name)) return null;
    const value = this.#get(name);
    if (!Number.isInteger(value) || (value as number) < 0) throw this.#wrong(name, 'a whole number');
    return Math.min(value as number, 2_147_483_647);
  }

  isNot(name: string): boolean {
    return this.#get(name) === false;
  }

  is(name: string): boolean {
    return this.#get(name) === true;
  }

  /** ISO 8601, in UTC. GitLab writes times as `2021-04-28 21:50:00 +0200` and `2016-08-12 15:23:28 UTC` too. */
  time(name: string): string {
    const [, day, clock, zone = 'Z'] =
      /^(\d{4}-\d\d-\d\d)[T ]([\d:.]+) ?(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(this.text(name)) ?? [];
    const at = utcOf(`${day}T${clock}${zone.replace('UTC', 'Z').replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
    if (day === undefined || at === undefined) throw this.#wrong(name, 'a time in the years 1970 to 9999');
    return at;
  }

  timeOrNull(name: string): string | null {
    return this.has(name) ? this.time(name) : null;
  }

  /** A time, and how many minutes the clock that it was written by was ahead of UTC. */
  localTime(name: string): { authoredAt: string; authoredOffset: number } {
    return { authoredAt: this.time(name), authoredOffset: offsetOf(this.text(name)) };
  }

  /** A commit's id. */
  sha(name: string): string {
    const value = this.shaOrNull(name);
    if (value === null) throw this.#wrong(name, 'the id of a commit');
    return value;
  }

  /** A commit's id; null where there is none, or it is none. */
  shaOrNull(name: string): string | null {
    const value = this.textOr(name, null);
    return value !== null && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(value) ? value : null;
  }
}

/** `github.com/owner/name` of the address of a repository's page. Throws where it is none. */
export function repositoryIn(payload: Payload, name: string): string {
  const url = payload.text(name, 2000);
  if (!URL.canParse(url)) throw invalid(`${name}: expected an address`, name);
  const { hostname, pathname } = new URL(url);
  return `${hostname}${pathname.replace(/\/+$/, '')}`.slice(0, 300);
}
