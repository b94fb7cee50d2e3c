// npm run bench:web: the budgets of the interface, measured on Maestro's and on the genuine MLflow server's, in one browser.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startChromium } from '../server/test/chromium.ts';
import { leastOf } from '../server/test/slowness.ts';
import { type BudgetName, budgetNames, budgets, type Figures, written } from '../web/test/budgets.ts';
import { interfaceFigures } from '../web/test/interface_figures.ts';
import { startManyRuns } from '../web/test/many_runs_server.ts';
import { mlflowFigures, startManyMlflow } from './web_mlflow.ts';

const usage = `Usage: npm run bench:web -- [options]
  --maestro-only    without the genuine server
  --help            this text`;

const { values } = parseArgs({
  options: { 'maestro-only': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

type Measured = Readonly<Partial<Record<BudgetName, number>>>;

/** One after another, so that none disturbs the next; what cannot be measured is said, and left out. */
async function measured(who: string, figures: Partial<Figures>): Promise<Measured> {
  const found: Partial<Record<BudgetName, number>> = {};
  for (const name of budgetNames) {
    const measure = figures[name];
    if (!measure) continue;
    console.error(`${who}: ${budgets[name].what} …`);
    try {
      found[name] = await leastOf(budgets[name].most, measure);
    } catch (error) {
      console.error(`${who}: ${budgets[name].what} could not be measured: ${(error as Error).message}`);
    }
  }
  return found;
}

interface Started {
  stop(): Promise<void>;
}

/** Measures a server in a browser of its own, and ends both. */
async function measuredOn<Server extends Started>(
  start: () => Promise<Server>,
  measure: (server: Server, browser: Awaited<ReturnType<typeof startChromium>>) => Promise<Measured>,
): Promise<Measured> {
  const server = await start();
  try {
    const browser = await startChromium({ whole: true });
    try {
      return await measure(server, browser);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const load = (loadavg()[0] as number).toFixed(1);
  const versions: string[] = [];
  const maestro = await measuredOn(startManyRuns, (server, browser) => {
    versions.push(`Chromium ${browser.version()}`, `Node ${process.versions.node}`);
    return measured('Maestro', interfaceFigures(server, browser));
  });
  const mlflow = values['maestro-only']
    ? {}
    : await measuredOn(startManyMlflow, (server, browser) => {
        versions.push(`mlflow ${server.version}`);
        return measured('MLflow', mlflowFigures(server, browser));
      });
  const cell = (name: BudgetName, found: Measured) => (found[name] === undefined ? '–' : written(name, found[name]));
  console.log(`${new Date().toISOString().slice(0, 10)}; ${cpus()[0]?.model.trim()}, ${cpus().length} cores; ${versions.join(', ')}; load before ${load}

| budget | at most | Maestro | MLflow |
| --- | --- | --- | --- |`);
  for (const name of budgetNames) {
    const { what, most } = budgets[name];
    console.log(`| ${what} | ${written(name, most)} | ${cell(name, maestro)} | ${cell(name, mlflow)} |`);
  }
}

await main();
