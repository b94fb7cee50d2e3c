import type { Browser, Page } from 'playwright-core';
import type { Figures } from './budgets.ts';
import { settled } from './interface.ts';
import { curves, many } from './many_runs.ts';
import type { ManyRunsServer } from './many_runs_server.ts';
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
} from './probe.ts';

const grid = "document.querySelector('[role=grid]')";
const rowHeight = 34;

const hasRuns = (page: Page) => page.locator('[data-run]').first().waitFor();
const keys = (page: Page, pressed: string) => [...pressed].map((key) => () => page.keyboard.press(key));

/** Scrolls a table down until all its lines are loaded. */
async function loadAll(page: Page): Promise<void> {
  await page.evaluate(`probe.grown(() => ${grid}, ${many.runs * rowHeight})`);
  await page.evaluate(`${grid}.scrollTop = ${grid}.scrollHeight`);
  await page.getByRole('link', { name: 'trial-1', exact: true }).waitFor();
  await page.evaluate(`${grid}.scrollTop = 0`);
  await page.locator('#run-line-0').waitFor();
}

/** What people do with the table, key by key and click by click; it ends as it began. */
function interactionsWith(page: Page): (() => Promise<unknown>)[] {
  const click = (role: 'button' | 'checkbox', name: string) => () =>
    page.getByRole(role, { name, exact: true }).first().click();
  const key = (name: string) => () => page.keyboard.press(name);
  return [
    click('checkbox', 'Select all loaded runs'),
    click('checkbox', 'Select all loaded runs'),
    ...keys(page, 'jjjxjjxkkx'),
    ...['PageDown', 'Home', 'End', 'Home', 'Escape'].map(key),
    click('button', 'What can be done with accuracy'),
    key('Escape'),
    click('button', 'Columns'),
    () => page.getByLabel('Search metrics, params and tags').click(),
    ...keys(page, 'layer_77'),
    key('Escape'),
    () => page.getByLabel('Filter runs').click(),
    ...keys(page, 'metrics.loss'),
    ...keys(page, 'metrics.loss').map(() => key('Backspace')),
    key('Escape'),
  ];
}

/** Goes round the pages by links, and gives how long each took that was there before, in ms. */
async function goRound(page: Page, { experiment }: ManyRunsServer): Promise<number[]> {
  const times: number[] = [];
  const go = async (name: string, path: string) => {
    // The address changes before the page that is left does.
    const left = JSON.stringify(await page.locator('h1').first().textContent());
    const isThere = `location.pathname === '${path}' && ![null, ${left}].includes(document.querySelector('h1')?.textContent ?? null) && !document.querySelector('[role=status]')`;
    const act = () => page.getByRole('link', { name, exact: true }).first().click();
    times.push(await untilShown(page, act, isThere));
  };
  await go('Experiments', '/t/large/experiments');
  await go('many', `/t/large/experiments/${experiment}`);
  for (const name of ['Models', 'Projects', 'Library', 'Insight', 'Settings'])
    await go(name, `/t/large/${name.toLowerCase()}`);
  await go('Overview', '/t/large');
  return times;
}

/** Ways to measure the interface before a tenant of 100,000 runs. Each can be gone again. */
export function interfaceFigures(server: ManyRunsServer, browser: Browser): Figures {
  const urlOf = (path: string) => `${server.origin}/t/large${path}`;
  const table = `/experiments/${server.experiment}`;
  const charts = `/experiments/${server.curves}?tab=charts&first=${curves.runs}`;

  /** A page that is signed in, in a browser that has nothing cached. */
  async function open(): Promise<Page> {
    const context = await probedContext(browser);
    await server.signIn(context);
    return context.newPage();
  }
  const weight = once(() => fresh(open, (page) => weightOf(page, urlOf(''), settled)));
  const tablePage = once(async () => {
    const page = await open();
    await page.goto(urlOf(table));
    await hasRuns(page);
    await loadAll(page);
    return page;
  });
  const toured = once(async () => {
    const page = await open();
    await page.goto(urlOf(''));
    await settled(page);
    await goRound(page, server);
    return page;
  });
  const chartPage = once(async () => {
    const page = await open();
    await page.goto(urlOf(charts));
    return page;
  });
  const canvas = (page: Page) => page.getByRole('figure', { name: curves.metric }).locator('.u-over');

  let edits = 0;
  return {
    script: async () => (await weight()).javascript,
    style: async () => (await weight()).css,
    coldFirst: () => fresh(open, (page) => largestPaint(page, urlOf(''), settled)),
    coldTable: () => fresh(open, (page) => largestPaint(page, urlOf(table), hasRuns)),
    warmRoute: async () => p95(await goRound(await toured(), server)),
    // Ten lines a frame, as a wheel that is turned fast does.
    frame: async () => (await framesOf(await tablePage(), { box: grid, frames: 120, pixels: 340, from: 0.5 })).work,
    async interaction() {
      const page = await tablePage();
      await page.evaluate(`${grid}.scrollTop = 0`);
      await page.locator('[role=grid]').focus();
      return p95(await interactionsOf(page, interactionsWith(page)));
    },
    async palette() {
      const page = await tablePage();
      const time = await untilShown(
        page,
        () => page.keyboard.press('Control+k'),
        "document.activeElement?.closest('[role=dialog]')",
      );
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      return time;
    },
    async edit() {
      const page = await tablePage();
      edits += 1;
      const name = `renamed-${edits}`;
      await page.locator('[role=grid]').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('e');
      await page.locator('[role=grid] input:focus').fill(name);
      const isShown = `document.querySelector('#run-line-0 [data-run]')?.textContent === '${name}'`;
      return untilShown(page, () => page.keyboard.press('Enter'), isShown);
    },
    async lines() {
      const page = await chartPage();
      // The page is warm: what is measured begins with the data.
      await canvas(page).waitFor();
      await page.reload();
      return page.evaluate<number>("probe.fromAnswer('/metrics/series', () => document.querySelector('.u-over'))");
    },
    async zoom() {
      const page = await chartPage();
      await dragWithin(canvas(page), 0.5);
      const times = await interactionsOf(page, [
        () => page.mouse.up(),
        () => page.getByRole('figure', { name: curves.metric }).getByRole('group').press('+'),
        () => page.keyboard.press('0'),
      ]);
      return Math.max(...times);
    },
    heap: async () => Math.max(await heapOf(await tablePage()), await heapOf(await chartPage())),
  };
}
