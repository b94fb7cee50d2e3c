import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startGenuine } from '../compat/replay/genuine.ts';
import type { Figures } from '../web/test/budgets.ts';
import { curves } from '../web/test/many_runs.ts';
import {
  dragWithin,
  framesOf,
  fresh,
  heapOf,
  interactionsOf,
  largestPaint,
  once,
  p95,
  probedContext,
  untilShown,
  weightOf,
} from '../web/test/probe.ts';
import { seedMlflow } from './web_mlflow_seed.ts';

export interface MlflowServer {
  readonly url: string;
  readonly version: string;
  /** The experiments' ids. */
  readonly many: string;
  readonly curves: string;
  stop(): Promise<void>;
}

/** The genuine server, as it starts by default, on a SQLite file with the runs that Maestro's tenant has. */
export async function startManyMlflow(): Promise<MlflowServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'maestro-bench-mlflow-'));
  const file = path.join(folder, 'mlflow.db');
  const genuine = await startGenuine({ backend: `sqlite:///${file}`, workers: 4 });
  const stop = async () => {
    await genuine.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const made = async (name: string): Promise<string> => {
      const answer = await fetch(`${genuine.url}/api/2.0/mlflow/experiments/create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      return ((await answer.json()) as { experiment_id: string }).experiment_id;
    };
    const ids = { many: await made('many'), curves: await made('curves') };
    seedMlflow(file);
    return { url: genuine.url, version: genuine.version.trim(), ...ids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** How many lines the table has: it begins with a hundred, and has a button for a hundred more. */
const mlflowRows = 1_000;

const viewport = "document.querySelector('.ag-body-viewport')";
const traces = "document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length";
const hasTable = (page: Page) => page.locator('.ag-row').first().waitFor();
const hasHome = (page: Page) => page.getByText('Welcome to MLflow').waitFor();

async function loadMore(page: Page): Promise<void> {
  for (let rows = 100; rows < mlflowRows; rows += 100) {
    await page.evaluate(`${viewport}.scrollTop = ${viewport}.scrollHeight`);
    const height = await page.evaluate<number>(`${viewport}.scrollHeight`);
    // It moves while the table grows, and is no part of what is measured.
    await page.getByRole('button', { name: 'Load more' }).dispatchEvent('click');
    await page.evaluate(`probe.grown(() => ${viewport}, ${height + 1})`);
  }
}

function interactionsWith(page: Page): (() => Promise<unknown>)[] {
  const key = (name: string) => () => page.keyboard.press(name);
  const click = (testId: string) => () => page.getByTestId(testId).first().click();
  const rows = page.locator('.ag-row input[type=checkbox]:visible');
  const search = page.getByTestId('search-box');
  return [
    ...[0, 0].map(() => () => page.getByLabel('Select all runs').click()),
    ...[0, 1, 2, 2, 1, 0].map((row) => () => rows.nth(row).click()),
    click('sort-select-dropdown'),
    key('Escape'),
    click('column-selection-dropdown'),
    ...[...'layer_77'].map(key),
    key('Escape'),
    () => search.click(),
    ...[...'metrics.loss'].map(key),
    ...[...'metrics.loss'].map(() => key('Backspace')),
    key('Escape'),
  ];
}

/** Goes round pages by the links of the menu, and gives how long each took that was there before, in ms. */
async function goRound(page: Page, many: string): Promise<number[]> {
  const times: number[] = [];
  const go = async (name: string, isThere: string) => {
    const link = page.getByRole('link', { name, exact: true }).first();
    times.push(await untilShown(page, () => link.click(), isThere));
  };
  await go(
    'Experiments',
    `location.hash.startsWith('#/experiments') && document.querySelector('a[href$="/experiments/${many}"]')`,
  );
  await go('Prompts', "location.hash.startsWith('#/prompts') && document.querySelector('h1, h2, h3')");
  await go('Home', "document.body.innerText.includes('Welcome to MLflow')");
  return times;
}

/** Ways to measure the genuine interface as `interfaceFigures` measures Maestro's; it has no palette, and no edit in place. */
export function mlflowFigures(server: MlflowServer, browser: Browser): Omit<Figures, 'palette' | 'edit'> {
  const urlOf = (place: string) => `${server.url}/#/${place}`;
  const table = `experiments/${server.many}/runs`;
  const charts = `experiments/${server.curves}/runs?compareRunsMode=CHART`;

  async function open(): Promise<Page> {
    const context = await probedContext(browser);
    // An assistant that opens at the first visit would take a quarter of the window.
    await context.addInitScript("localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')");
    return context.newPage();
  }
  const weight = once(() => fresh(open, (page) => weightOf(page, urlOf(''), hasHome)));
  const tablePage = once(async () => {
    const page = await open();
    await page.goto(urlOf(table));
    await hasTable(page);
    await loadMore(page);
    return page;
  });
  const toured = once(async () => {
    const page = await open();
    await page.goto(urlOf(''));
    await hasHome(page);
    await goRound(page, server.many);
    return page;
  });
  const chartPage = once(async () => {
    const page = await open();
    await page.goto(urlOf(charts));
    await page.locator('.js-plotly-plot .trace').first().waitFor();
    await page.getByTestId('experiment-view-runs-visibility-column-header').click();
    await page.getByRole('menuitemradio', { name: 'Show all runs' }).click();
    await page
      .locator('.js-plotly-plot .scatterlayer .trace')
      .nth(curves.runs - 1)
      .waitFor({ state: 'attached' });
    return page;
  });
  return {
    script: async () => (await weight()).javascript,
    style: async () => (await weight()).css,
    coldFirst: () => fresh(open, (page) => largestPaint(page, urlOf(''), hasHome)),
    coldTable: () => fresh(open, (page) => largestPaint(page, urlOf(table), hasTable)),
    warmRoute: async () => p95(await goRound(await toured(), server.many)),
    frame: async () => (await framesOf(await tablePage(), { box: viewport, frames: 70, pixels: 340, from: 0 })).work,
    async interaction() {
      const page = await tablePage();
      await page.evaluate(`${viewport}.scrollTop = 0`);
      return p95(await interactionsOf(page, interactionsWith(page)));
    },
    async lines() {
      const page = await chartPage();
      await page.reload();
      const isDrawn = `() => ${traces} >= ${curves.runs}`;
      return page.evaluate<number>(`probe.fromAnswer('/get-history-bulk-interval', ${isDrawn})`);
    },
    async zoom() {
      const page = await chartPage();
      await page.evaluate(`probe.idle()`);
      const plot = page.locator('.js-plotly-plot .nsewdrag').first();
      await dragWithin(plot, 0.75);
      const times = await interactionsOf(page, [() => page.mouse.up()]);
      await plot.dblclick();
      return Math.max(...times);
    },
    heap: async () => Math.max(await heapOf(await tablePage()), await heapOf(await chartPage())),
  };
}
