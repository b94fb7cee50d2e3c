import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

const dist = join(import.meta.dirname, '../dist');
const chunks: Record<string, Chunk> = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

/** The files that come with a module: itself, and what it imports before it runs. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const { file, css = [], imports = [] } = chunks[name] as Chunk;
  if (seen.has(file)) return seen;
  for (const one of [file, ...css]) seen.add(one);
  for (const next of imports) filesOf(next, seen);
  return seen;
}

const kilobytes = (files: Iterable<string>, ending: string): number =>
  [...files].reduce(
    (sum, file) => sum + (file.endsWith(ending) ? readFileSync(join(dist, `${file}.gz`)).length : 0),
    0,
  ) / 1_000;

const shell = 'src/app/shell.tsx';
const firstLoad = new Set([
  ...filesOf('index.html'),
  ...filesOf(shell),
  ...filesOf('src/dashboard/dashboard_page.tsx'),
]);
const routes = Object.keys(chunks).filter((name) => name.endsWith('_page.tsx'));

describe('what the interface weighs, gzipped', () => {
  test('the first load is at most 270 kB of JavaScript and 30 kB of CSS', () => {
    const [script, style] = [kilobytes(firstLoad, '.js'), kilobytes(firstLoad, '.css')];
    process.stdout.write(`first load: ${script.toFixed(0)} kB of JavaScript, ${style.toFixed(1)} kB of CSS\n`);
    expect(script).toBeLessThanOrEqual(270);
    expect(style).toBeLessThanOrEqual(30);
  });

  test.each(routes)('%s adds at most 80 kB', (route) => {
    const added = [...filesOf(route)].filter((file) => !firstLoad.has(file));
    expect(kilobytes(added, '.js')).toBeLessThanOrEqual(80);
  });

  test('the charts that are seldom shown, the graph and the renderer of Markdown are loaded when they are', () => {
    const sources = [...firstLoad].map((file) => readFileSync(join(dist, file), 'utf8')).join('');
    for (const name of ['echarts', 'react-flow__', 'rehype']) expect(sources).not.toContain(name);
  });
});
