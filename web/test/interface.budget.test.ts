import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from '../../server/test/chromium.ts';
import { leastOf, slowness } from '../../server/test/slowness.ts';
import { budgetNames, budgets, type Figures, written } from './budgets.ts';
import { interfaceFigures } from './interface_figures.ts';
import { type ManyRunsServer, startManyRuns } from './many_runs_server.ts';

let server: Promise<ManyRunsServer>;
let browser: Browser;
let figures: Figures;
const lines: string[] = [];

beforeAll(async () => {
  server = startManyRuns();
  browser = await startChromium({ whole: true });
  figures = interfaceFigures(await server, browser);
}, 600_000);
afterAll(async () => {
  process.stdout.write(`${lines.join('\n')}\n`);
  await browser?.close();
  await (await server).stop();
}, 600_000);

describe('before a tenant of 100,000 runs the interface keeps its budget', () => {
  test.each(budgetNames.map((name) => [budgets[name].what, name] as const))('of %s', async (what, name) => {
    const { most, unit } = budgets[name];
    const slow = unit === 'ms' ? slowness : () => 1;
    // Times are those of the machine that the budgets are meant for.
    const figure = await leastOf(most, async () => (await figures[name]()) / slow());
    lines.push(`| ${what} | ${written(name, most)} | ${written(name, figure)} |`);
    expect(figure).toBeGreaterThan(0);
    expect(figure).toBeLessThanOrEqual(most);
  });
});
