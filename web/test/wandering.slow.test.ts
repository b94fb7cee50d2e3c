import { randomInt } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SeededTenant, startSeededTenant } from './seeded_tenant.ts';

/** To walk the same way again: what a failure names. */
const seed = Number(process.env.MAESTRO_TEST_SEED ?? randomInt(1, 2 ** 31));
const actsPerPage = 60;
/** A page that answers nothing for so long hangs. */
const answerMsMax = 20_000;

let tenant: SeededTenant;
beforeAll(async () => {
  tenant = await startSeededTenant();
}, 300_000);
afterAll(() => tenant?.web.stop());

/** Numbers from 0 to `below`, the same for one seed. */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const words = ['(a+)+$', '-1', '1e309', "it's", '%', '0', '12', 'a', 'loss', '🙂', 'metrics.loss >', '/x/', '<b>', ''];
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
  'ArrowLeft',
  'ArrowRight',
  'ArrowDown',
  'ControlOrMeta+k',
];
const things =
  'button, a[href^="/"], input, textarea, [role=option], [role=menuitem], [role=tab], [role=switch], [role=slider], [role=checkbox], canvas, th, summary';

/** One thing that somebody without a plan does; what it was. */
async function act(page: Page, random: (below: number) => number): Promise<string> {
  const pick = <Of>(all: readonly Of[]): Of => all[random(all.length)] as Of;
  const kind = random(20);
  if (kind === 0) return page.goBack({ waitUntil: 'commit' }).then(() => 'back');
  if (kind === 1) return page.reload().then(() => 'reload');
  if (kind === 2) {
    const width = pick([390, 1280]);
    return page.setViewportSize({ width, height: 800 }).then(() => `${width} px`);
  }
  if (kind < 7) {
    const key = pick(keys);
    return page.keyboard.press(key).then(() => key);
  }
  const shown = await page.locator(things).filter({ visible: true }).all();
  if (shown.length === 0) return 'nothing to do';
  const thing = pick(shown);
  const what = (await thing.evaluate('(node) => node.outerHTML').catch(() => 'gone')) as string;
  const word = pick(words);
  const isField = /^<(input|textarea)/.test(what) && !/type="(checkbox|radio|file|range)"/.test(what);
  const quick = { timeout: 2_000 };
  // What is covered or has gone meanwhile cannot be used by a person either.
  await (isField ? thing.fill(word, quick) : thing.click(quick)).catch(() => undefined);
  return `${isField ? `"${word}" into` : 'click on'} ${what.replace(/(class|style|d)="[^"]*" ?/g, '').slice(0, 160)}`;
}

test('whoever wanders about the pages, and types what comes to mind, meets no fault', {
  timeout: 3_000_000,
}, async () => {
  const random = randomOf(seed);
  for (const [name, path] of Object.entries(tenant.pages)) {
    const { page, complaints } = await tenant.web.open(`/t/tenant-a/${path}`, tenant.lead);
    const done: string[] = [];
    for (let at = 0; at < actsPerPage; at += 1) {
      done.push(await act(page, random).catch((error: Error) => `failed: ${error.message.slice(0, 80)}`));
      const answer = Promise.race([
        page.evaluate(`document.body?.innerText ?? ''`),
        new Promise((_resolve, reject) => setTimeout(() => reject(new Error('the page hangs')), answerMsMax)),
      ]);
      const text = String(
        await answer.catch((error: Error) => (/navigation|destroyed/.test(error.message) ? '' : error.message)),
      );
      const trail = `seed ${seed}, ${name}, ${page.url()}\n${done.join('\n')}`;
      expect(text, trail).not.toMatch(/the page hangs|Something went wrong/);
      expect(complaints, trail).toEqual([]);
      if (!page.url().includes('/t/tenant-a')) await page.goto(`${tenant.web.origin}/t/tenant-a/${path}`);
    }
    await page.close();
  }
});
