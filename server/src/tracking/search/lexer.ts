import { MaestroError } from '../../errors.ts';

/**
 * The tokens of a filter or an order_by clause. An `identifier` is a whole dotted path, quotes included
 * (`` metrics.`a b` ``); a lone word may turn out a keyword. `integer` and `float` are as SQL writes them.
 */
export type TokenKind = 'identifier' | 'keyword' | 'string' | 'integer' | 'float' | 'comparator' | '(' | ')' | ',';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it starts: an index into the text of the caller. */
  readonly at: number;
}

const keywords = new Set(['AND', 'OR', 'NOT', 'IN', 'IS', 'NULL', 'TRUE', 'FALSE', 'BETWEEN', 'ASC', 'DESC']);

/** Words that the reference's SQL lexer takes for keywords even behind a period; as keys they need quotes. */
const reservedKeys = new Set(['CASE', 'IN', 'VALUES', 'USING', 'FROM', 'AS']);

const whitespace = /\s+/y;
const word = /[\p{L}\p{N}_]+/uy;
// A number and the letters it runs into make a word: `1abc`.
const exponential = /-?\d+(?:\.\d+)?[eE]-?\d+/y;
const decimal = /-?(?:\d+\.\d*|\.\d+)(?![\p{L}_])/uy;
const integral = /-?\d+(?![\p{L}_])/uy;
const hexadecimal = /-?0x[\dA-Fa-f]+/y;
const worded = /(?:NOT\s+)?(?:LIKE|ILIKE|RLIKE)(?![\p{L}\p{N}_])/iuy;
const symbolic = /[<>=~!]+/y;
const numericKey = /^\d+(?:e\d+)?$/i;

/**
 * An error that shows the token at fault and where it stands, counted from 1; `position` of the problem details counts
 * from 0.
 */
export function invalidAt(message: string, text: string, at: number, field = 'filter'): MaestroError {
  const found = text.slice(at, at + 40);
  const where = found === '' ? 'at the end' : `at character ${at + 1}, near ${JSON.stringify(found)}`;
  const said = message.length > 500 ? `${message.slice(0, 500)}…` : message;
  return new MaestroError('invalid_parameter', `${said} (${where})`, { field, members: { position: at } });
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * The end of a quoted piece that opens at `at`, or -1 where it never closes. A doubled quote and a backslashed one do
 * not close it, unless nothing after them does.
 */
function endOfQuoted(text: string, at: number, escapes: boolean): number {
  const quote = text[at]!;
  let lastResort = -1;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === quote) {
      if (text[i + 1] !== quote) return i + 1;
      lastResort = i + 1;
      i++;
    } else if (escapes && text[i] === '\\' && text[i + 1] === quote) {
      lastResort = i + 2;
      i++;
    }
  }
  return lastResort;
}

const quotes = new Set(['`', '"', "'"]);

/** The end of one piece of a dotted path, or -1 where none starts at `at`. */
function endOfPiece(text: string, at: number, field: string): number {
  const first = text[at];
  if (first !== undefined && quotes.has(first)) {
    const end = endOfQuoted(text, at, first !== '`');
    if (end < 0) throw invalidAt('A quote that is never closed', text, at, field);
    return end;
  }
  const found = match(word, text, at);
  return found === undefined ? -1 : at + found.length;
}

function pathFrom(text: string, at: number, field: string): Token {
  let end = endOfPiece(text, at, field);
  const first = text.slice(at, end);
  if (text[end] !== '.' && keywords.has(first.toUpperCase())) return { kind: 'keyword', text: first, at };
  while (text[end] === '.') {
    const start = end + 1;
    const pieceEnd = endOfPiece(text, start, field);
    const piece = text.slice(start, pieceEnd);
    if (pieceEnd < 0 || numericKey.test(piece) || reservedKeys.has(piece.toUpperCase())) {
      throw invalidAt('Expected a key after the period; quote it with backticks', text, start, field);
    }
    end = pieceEnd;
  }
  return { kind: 'identifier', text: text.slice(at, end), at };
}

function tokenAt(text: string, at: number, field: string): Token {
  const char = text[at]!;
  if (char === '(' || char === ')' || char === ',') return { kind: char, text: char, at };
  if (char === "'") {
    const end = endOfQuoted(text, at, true);
    if (end < 0) throw invalidAt('A quote that is never closed', text, at, field);
    return { kind: 'string', text: text.slice(at, end), at };
  }
  if (match(hexadecimal, text, at) === undefined) {
    const float = match(exponential, text, at) ?? match(decimal, text, at);
    if (float !== undefined) return { kind: 'float', text: float, at };
    const integer = match(integral, text, at);
    if (integer !== undefined) return { kind: 'integer', text: integer, at };
  }
  const comparator = match(symbolic, text, at) ?? match(worded, text, at);
  if (comparator !== undefined) return { kind: 'comparator', text: comparator, at };
  if (char === '`' || char === '"' || match(word, text, at) !== undefined) return pathFrom(text, at, field);
  throw invalidAt(
    `Unexpected ${JSON.stringify(char)}; keys with special characters are quoted with backticks`,
    text,
    at,
    field,
  );
}

/** Splits a filter or order_by clause, which is in `field` of the input, into tokens; throws `invalid_parameter` at a character that fits nowhere. */
export function tokensOf(text: string, field = 'filter'): Token[] {
  const tokens: Token[] = [];
  for (let at = match(whitespace, text, 0)?.length ?? 0; at < text.length; ) {
    const token = tokenAt(text, at, field);
    tokens.push(token);
    at += token.text.length;
    at += match(whitespace, text, at)?.length ?? 0;
  }
  return tokens;
}
