import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../src');

interface Import {
  /** From `server/src`: `native/route.ts`. */
  from: string;
  /** A file of ours from `server/src`, or the name of a package. */
  to: string;
  typeOnly: boolean;
}

interface Source {
  name: string;
  text: string;
}

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.(?:test|suite|fixture)\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

/** dependency-cruiser would tell the same, but reads TypeScript by a compiler older than ours. */
function importsOf({ name, text }: Source): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, type, target, called]) => {
    const to = (target ?? called) as string;
    const path = to.startsWith('.') ? relative(root, join(root, dirname(name), to)) : to;
    return { from: name, to: path, typeOnly: type !== undefined };
  });
}

/** Where a file stands: a face, a feature, or a part below both. */
const isFace = (name: string) => /^(?:native|mlflow)\//.test(name);
const isBuilder = (name: string) => /^(?:app|application|main|lifecycle|listen|terminal)\.ts$/.test(name);
const isQueries = (name: string) => /(?:^|\/)(?:\w+_)?queries\.ts$/.test(name);
const isOperations = (name: string) => /(?:^|\/)(?:\w+_)?operations\.ts$/.test(name) || name === 'operation.ts';

/** Each says of an import why it may not be; undefined where it may. */
const rules: Record<string, (edge: Import) => boolean> = {
  'only db/ reaches the driver': ({ from, to }) => to === 'pg' && !from.startsWith('db/'),
  'the two faces do not know each other': ({ from, to }) =>
    (from.startsWith('native/') && to.startsWith('mlflow/')) ||
    (from.startsWith('mlflow/') && to.startsWith('native/')),
  'nothing but the app knows a face': ({ from, to }) => isFace(to) && !isFace(from) && !isBuilder(from),
  'a face runs no query and opens no transaction': ({ from, to, typeOnly }) =>
    isFace(from) && ((to.startsWith('db/') && !typeOnly) || (isQueries(to) && !typeOnly)),
  'queries know no operation': ({ from, to }) => isQueries(from) && isOperations(to),
  'db/ knows no feature': ({ from, to }) =>
    from.startsWith('db/') && /^(?:audit|identity|tracking|files|ports)\//.test(to),
  'nothing but main.ts starts the process': ({ to }) => to === 'main.ts',
  'no test is part of the server': ({ to }) =>
    /(?:^|\/)test\//.test(to) || /\.(?:test|suite|fixture)\.ts$/.test(to) || to === 'vitest',
};

describe('in the house', () => {
  const edges = sources.flatMap(importsOf);

  test('every import of a file of ours is found', () => {
    expect(edges.length).toBeGreaterThan(300);
    const names = new Set(sources.map(({ name }) => name));
    const ours = edges.filter(({ to }) => to.endsWith('.ts'));
    expect(ours.filter(({ to }) => !names.has(to))).toEqual([]);
    for (const { name, text } of sources) {
      const froms = [...text.matchAll(/^(?:import|export)\s[^'`;]*\sfrom\s+'[^']+';$/gm)].length;
      expect(importsOf({ name, text }).length, name).toBeGreaterThanOrEqual(froms);
    }
  });

  test.each(Object.entries(rules))('%s', (_rule, isWrong) => {
    expect(edges.filter(isWrong).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('only main.ts reads the environment', () => {
    // Programs that we start need a PATH; what the environment says of Maestro is none of theirs.
    const passingOn = ['db/embedded.ts', 'process_identity.ts'];
    const readers = sources
      .filter(({ text }) => /\bprocess\.env\b|\bprocess\[['"]env/.test(text))
      .map(({ name }) => name);
    expect(readers.sort()).toEqual([...passingOn, 'main.ts'].sort());
  });
});
