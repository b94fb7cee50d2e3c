import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rules = ['search_change', 'ask_anew', 'locale', 'iso_time'];
const directory = mkdtempSync(join(tmpdir(), 'maestro-lint-'));
afterAll(() => rmSync(directory, { recursive: true }));

const refused = [
  'client.invalidateQueries({ queryKey })',
  'client?.invalidateQueries()',
  'client.invalidateQueries?.({ queryKey })',
  'client.refetchQueries({ queryKey }, { cancelRefetch: true })',
  'client?.refetchQueries({ queryKey })',
  'navigate({ search: next })',
  'navigate?.({ search: next })',
  'navigate({ replace, search })',
  'router?.navigate({ search: next })',
  'router.navigate?.({ search: next })',
  'navigate({ search: { from, to } })',
  'navigate({ search: (before) => ({ ...before, to: day }) })',
  'navigate({ search(before) { return before; } })',
  'navigate({ "search": next })',
  'navigate({ to: ".", search })',
  'route.useNavigate()',
  'route?.useNavigate({ from })',
  'new Date(time).toISOString()',
  'new Date(time)?.toISOString()',
  'new Date(time)?.toISOString?.()',
  'n.toLocaleString()',
  'n?.toLocaleString("de", options)',
  'name?.localeCompare(other)',
  'name.localeCompare?.(other)',
  'name?.first\n.localeCompare(other)',
  'new Intl.NumberFormat("de")',
  'Intl.NumberFormat()',
];
const allowed = [
  'askAnew(queryKey)',
  'query.refetch()',
  'client.resetQueries({ queryKey })',
  'navigate({ to: "/t/$tenant", search: next })',
  'navigate?.({ href, search: next })',
  'new Date(Date.now()).toISOString()',
  'n.toLocaleString(locale, options)',
  'name?.localeCompare(other, locale)',
  'new Intl.NumberFormat(locale)',
];

/** What the rules say of lines of code, each a file of its own. */
let found: Map<string, string[]>;
beforeAll(() => {
  const sources = join(directory, 'web/src');
  mkdirSync(sources, { recursive: true });
  const plugins = rules.map((rule) => join(root, `web/${rule}.grit`));
  writeFileSync(join(directory, 'biome.json'), JSON.stringify({ plugins, linter: { rules: { recommended: false } } }));
  const lines = [...refused, ...allowed];
  for (const [at, line] of lines.entries()) writeFileSync(join(sources, `line${at}.ts`), `${line};\n`);
  const said = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--reporter=github', '--max-diagnostics=none', sources],
    { cwd: directory, encoding: 'utf8', timeout: 20_000 },
  );
  found = new Map(lines.map((line) => [line, []]));
  for (const [, at, message] of said.stdout.matchAll(/^::error title=plugin,file=.*?line(\d+)\.ts,.*?::(.*)$/gm)) {
    found.get(lines[Number(at)] as string)?.push(message as string);
  }
});

describe('the rules of the linter for the interface', () => {
  test.each(refused)('refuse %j once', (line) => expect(found.get(line)).toHaveLength(1));
  test.each(allowed)('leave %j alone', (line) => expect(found.get(line)).toEqual([]));
});
