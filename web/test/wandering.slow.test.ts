import { randomInt } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SeededTenant, startSeededTenant } from './seeded_tenant.ts';

/** To walk nearly the same way again, as far as pages take the same time: what a failure names. */
const seed = Number(process.env.MAESTRO_TEST_SEED ?? randomInt(1, 2 ** 31 - 1));
const actsPerPage = 150;
/** So many acts on a page that was come to, until it is gone back to the one that is looked at. */
const awayMax = 5;
/** A page that answers nothing for so long hangs. */
const answerMsMax = 20_000;

let tenant: SeededTenant;
beforeAll(async () => {
  tenant = await startSeededTenant();
}, 300_000);
afterAll(() => tenant?.web.stop());

type Random = (below: number) => number;

/** Whole numbers from 0 to `below`, the same for one seed. */
function randomOf(start: number): Random {
  let state = start;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const words = ['(a+)+$', '-1', '1e309', "it's", '%', '0', '12', 'a', 'loss', '🙂', 'metrics.loss >', '/x/', '<b>'];
const keys = [
  'j',
  'k',
  'e',
  'x',
  't',
  '#',
  '+',
  '-',
  '0',
  '?',
  '/',
  'Enter',
  'Escape',
  'Tab',
  'Space',
  'Backspace',
].concat(
  ['Left', 'Right', 'Up', 'Down'].flatMap((way) => [`Arrow${way}`, `Shift+Arrow${way}`]),
  'ControlOrMeta+k',
);
const things =
  'button, a[href^="/"], input, textarea, [role=option], [role=menuitem], [role=tab], [role=slider], label, canvas, th, summary';

interface Thing {
  readonly x: number;
  readonly y: number;
  readonly html: string;
  readonly isField: boolean;
  /** Leads away from the page. */
  readonly isOfMenu: boolean;
}

/** What of a page can be reached by the pointer: all that stands uncovered in the window. */
const reachable = (page: Page): Promise<Thing[]> =>
  page.evaluate(`[...document.querySelectorAll('${things}')].flatMap((node) => {
    const box = node.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!node.contains(document.elementFromPoint(x, y)) || node.textContent === 'Sign out') return [];
    const isField = node.matches('textarea, input:not([type=checkbox], [type=radio], [type=range], [type=file])');
    return [{ x, y, isField, isOfMenu: node.matches('nav *'), html: node.outerHTML.replace(/ (class|style|d)="[^"]*"/g, '').slice(0, 160) }];
  })`);

/** One thing that somebody without a plan does; what it was. */
async function act(page: Page, random: Random): Promise<string> {
  const pick = <Of>(all: readonly Of[]): Of => all[random(all.length)] as Of;
  const kind = random(40);
  if (kind === 0) return page.goBack({ waitUntil: 'commit' }).then(() => 'back');
  if (kind === 1) return page.reload().then(() => 'reload');
  if (kind === 2) {
    const width = pick([390, 1280]);
    return page.setViewportSize({ width, height: 800 }).then(() => `${width} px`);
  }
  if (kind < 6) {
    const by = pick([-400, 400, 2_000]);
    return page.mouse.wheel(0, by).then(() => `scroll by ${by}`);
  }
  if (kind < 14) {
    const key = pick(keys);
    return page.keyboard.press(key).then(() => key);
  }
  const isToLeave = random(10) === 0;
  const all = (await reachable(page)).filter(({ isOfMenu }) => isToLeave || !isOfMenu);
  if (all.length === 0) return 'nothing to do';
  const { x, y, html, isField } = pick(all);
  if (kind === 14) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + random(400) - 200, y + random(40) - 20, { steps: 3 });
    return page.mouse.up().then(() => `drag of ${html}`);
  }
  await page.mouse.click(x, y);
  if (!isField) return `click on ${html}`;
  const word = pick(words);
  await page.keyboard.press('ControlOrMeta+a');
  return page.keyboard.type(word).then(() => `"${word}" into ${html}`);
}

test('whoever wanders about the pages, and types what comes to mind, meets no fault', {
  timeout: 3_000_000,
}, async () => {
  const random = randomOf(seed);
  for (const [name, path] of Object.entries(tenant.pages)) {
    const home = `/t/tenant-a/${path}`;
    const { page, complaints } = await tenant.web.open(home, tenant.lead);
    const done: string[] = [];
    const trail = () => `seed ${seed}, ${name}, ${page.url()}\n${done.join('\n')}`;
    for (let at = 0, away = 0; at < actsPerPage; at += 1) {
      try {
        done.push(await act(page, random));
        const said = await page.locator('body').textContent({ timeout: answerMsMax });
        expect(said, trail()).not.toContain('Something went wrong');
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${trail()}`, { cause: error });
      }
      expect(complaints, trail()).toEqual([]);
      const isAway = new URL(page.url()).pathname !== new URL(home, tenant.web.origin).pathname;
      away = isAway ? away + 1 : 0;
      if (away > awayMax || !page.url().includes('/t/tenant-a')) await page.goto(`${tenant.web.origin}${home}`);
    }
    await page.close();
  }
});
