import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { budgets } from './budgets.ts';

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
const addedBy = (route: string): number =>
  kilobytes(
    [...filesOf(route)].filter((file) => !firstLoad.has(file)),
    '.js',
  );

const routeMax = 80;
const routes = Object.keys(chunks).filter((name) => /_(?:page|tab)\.tsx$/.test(name));

afterAll(() => {
  const heaviest = Math.max(...routes.map(addedBy)).toFixed(0);
  process.stdout.write(`| heaviest route, JavaScript | ${routeMax} kB | ${heaviest} kB |\n`);
});

describe('what the interface weighs, gzipped', () => {
  test('the first load keeps its budgets of JavaScript and CSS', () => {
    const [script, style] = [kilobytes(firstLoad, '.js'), kilobytes(firstLoad, '.css')];
    expect(script).toBeLessThanOrEqual(budgets.script.most);
    expect(style).toBeLessThanOrEqual(budgets.style.most);
  });

  test.each(routes)(`%s adds at most ${routeMax} kB`, (route) => {
    expect(addedBy(route)).toBeLessThanOrEqual(routeMax);
  });

  test('the charts that are seldom shown, the graph and the renderer of Markdown are loaded when they are', () => {
    const sources = [...firstLoad].map((file) => readFileSync(join(dist, file), 'utf8')).join('');
    for (const name of ['echarts', 'react-flow__', 'rehype']) expect(sources).not.toContain(name);
  });
});
