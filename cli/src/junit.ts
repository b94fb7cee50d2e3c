import { Failure } from './failure.ts';

/** What JUnit reports count. A test that is skipped is one of the tests; an error counts as a failure. */
export interface TestCounts {
  tests: number;
  failed: number;
  skipped: number;
  /** Of all tests together, as the reports say. */
  seconds: number;
  /** When the first suite began, where a report says so: ISO 8601. */
  startedAt: string | undefined;
}

const nameShape = /[\w:.-]/;

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly kind: 'open' | 'close' | 'empty';
}

/**
 * Reads the tags of an XML document and skips the text between them. Strict, and without what makes XML dangerous: a
 * document type, and with it every entity of its own, is refused; so is what is not well-formed.
 */
function* tagsOf(xml: string, wrong: (what: string) => Failure): Generator<Tag> {
  let at = 0;
  const past = (end: string, what: string): number => {
    const found = xml.indexOf(end, at);
    if (found < 0) throw wrong(`${what} has no end`);
    return found + end.length;
  };
  while (true) {
    at = xml.indexOf('<', at);
    if (at < 0) return;
    if (xml.startsWith('<!--', at)) at = past('-->', 'a comment');
    else if (xml.startsWith('<![CDATA[', at)) at = past(']]>', 'a CDATA section');
    else if (xml.startsWith('<?', at)) at = past('?>', 'an instruction');
    else if (xml.startsWith('<!', at)) throw wrong('it declares a document type, which is not read');
    else {
      const [tag, end] = tagAt(xml, at, wrong);
      yield tag;
      at = end;
    }
  }
}

function tagAt(xml: string, begin: number, wrong: (what: string) => Failure): [Tag, number] {
  let at = begin + 1;
  const isClose = xml[at] === '/';
  if (isClose) at += 1;
  const word = (): string => {
    const from = at;
    while (at < xml.length && nameShape.test(xml[at] as string)) at += 1;
    if (at === from) throw wrong(`a tag at character ${begin + 1} is not well-formed`);
    return xml.slice(from, at);
  };
  const space = (): void => {
    while (at < xml.length && /\s/.test(xml[at] as string)) at += 1;
  };
  const name = word();
  const attributes = new Map<string, string>();
  while (true) {
    space();
    if (xml[at] === '>') return [{ name, attributes, kind: isClose ? 'close' : 'open' }, at + 1];
    if (xml.startsWith('/>', at) && !isClose) return [{ name, attributes, kind: 'empty' }, at + 2];
    if (isClose) throw wrong(`the end tag of ${name} is not well-formed`);
    const key = word();
    space();
    if (xml[at] !== '=') throw wrong(`the attribute ${key} has no value`);
    at += 1;
    space();
    const quote = xml[at];
    const end = quote === '"' || quote === "'" ? xml.indexOf(quote, at + 1) : -1;
    if (end < 0) throw wrong(`the value of the attribute ${key} is not quoted`);
    attributes.set(key, xml.slice(at + 1, end));
    at = end + 1;
  }
}

/** A year: what is longer was no time. */
const secondsMax = 31_536_000;

const secondsOf = (attributes: ReadonlyMap<string, string>): number | undefined => {
  const seconds = Number(attributes.get('time')?.replaceAll(',', ''));
  return seconds >= 0 && seconds <= secondsMax ? seconds : undefined;
};

const depthMax = 64;

/** Counts the test cases of one report, as JUnit, pytest, Vitest, Go and Maven write it. */
export function readJunit(xml: string, file: string): TestCounts {
  const wrong = (what: string): Failure => new Failure(`${file} is no JUnit report: ${what}.`);
  const counts: TestCounts = { tests: 0, failed: 0, skipped: 0, seconds: 0, startedAt: undefined };
  const open: string[] = [];
  let outcome: 'failed' | 'skipped' | undefined;
  let isReport = false;
  for (const { name, attributes, kind } of tagsOf(xml.replace(/^\u{feff}/u, ''), wrong)) {
    const inside = open.at(-1);
    if (kind === 'close') {
      if (open.pop() !== name) throw wrong(`${name} ends where it did not begin`);
      if (name === 'testcase' && outcome) counts[outcome] += 1;
      continue;
    }
    if (open.length === 0) {
      if (isReport || !['testsuites', 'testsuite'].includes(name)) throw wrong('it has no testsuites or testsuite');
      isReport = true;
    }
    if (name === 'testsuite') {
      const began = new Date(attributes.get('timestamp') ?? '');
      const text = Number.isNaN(began.getTime()) ? undefined : began.toISOString();
      if (text !== undefined && (counts.startedAt ?? text) >= text) counts.startedAt = text;
    } else if (name === 'testcase') {
      outcome = undefined;
      counts.tests += 1;
      counts.seconds += secondsOf(attributes) ?? 0;
    } else if (inside === 'testcase') {
      if (name === 'failure' || name === 'error') outcome = 'failed';
      else if (name === 'skipped') outcome ??= 'skipped';
    }
    if (kind === 'open') open.push(name);
    if (open.length > depthMax) throw wrong(`its tags are nested more than ${depthMax} deep`);
  }
  if (open.length > 0) throw wrong(`${open.at(-1)} has no end`);
  if (!isReport) throw wrong('it has no testsuites or testsuite');
  return counts;
}
