import type { TSchema } from 'typebox';
import { invalid } from '../errors.ts';

type Shape = { type?: string; items?: Shape; anyOf?: Shape[] };

/** One value of a URL as its schema has it; text that does not read so stays text, and validation then refuses it. */
function readText(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'number':
      return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

/** The texts of a URL as `properties` has them: a list is a parameter given any number of times. */
export function readUrl(
  properties: Readonly<Record<string, TSchema>>,
  given: Readonly<Record<string, string | string[]>>,
  only?: readonly string[],
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (only && !only.includes(name)) continue;
    const shape = (Object.hasOwn(properties, name) ? properties[name] : {}) as Shape;
    const texts = typeof value === 'string' ? [value] : value;
    read[name] =
      shape.type === 'array'
        ? texts.map((text) => readText(shape.items ?? {}, text))
        : typeof value === 'string'
          ? readText(shape, value)
          : value;
  }
  return read;
}

const nestingMax = 100;

/**
 * Members of an object, and elements of a list: more than any input has. A validator tells the faults of each of them,
 * and would be busy for seconds with the millions that fit a body.
 */
const membersMax = 1000;
const elementsMax = 10_000;

/**
 * Refuses what has more members or is nested deeper than any input, and text that PostgreSQL cannot store (NUL) or no JSON writer can carry (unpaired surrogates), wherever it
 * stands, by the name of its field.
 */
export function checkText(value: unknown, place = '', depth = 0): void {
  if (typeof value === 'string') {
    if (value.isWellFormed() && !value.includes('\0')) return;
    throw invalid(`${place || 'The input'}: must hold neither NUL nor unpaired surrogates`, place);
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === nestingMax) throw invalid(`${place}: is nested more than ${nestingMax} deep`, place);
  const max = Array.isArray(value) ? elementsMax : membersMax;
  if (Object.keys(value).length > max) throw invalid(`${place || 'The input'}: holds more than ${max} members`, place);
  for (const [name, inner] of Object.entries(value)) {
    const at = place === '' ? name : `${place}.${name}`;
    if (!name.isWellFormed() || name.includes('\0')) {
      throw invalid(`${place || 'The input'}: a name in it holds NUL or an unpaired surrogate`, place);
    }
    checkText(inner, at, depth + 1);
  }
}
