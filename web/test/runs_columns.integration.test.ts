import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import { type Interface, type Look, startInterface } from './interface.ts';
import { boxOf, lines, openTable, scrollTo, soon } from './runs_page.ts';
import { type Seeded, seedRuns } from './seeded_runs.ts';

let web: Interface;
let person: Person;
let seeded: Seeded;
beforeAll(async () => {
  web = await startInterface();
  person = await web.people.make({ tenant: 'tenant-a', role: 'ml_engineer' });
  seeded = await seedRuns(web.maestro, 'sweep');
}, 90_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const open = (search = '', look?: Look) =>
  openTable(web, `/t/tenant-a/experiments/${seeded.experimentId}${search}`, person, look);

describe('the columns of the table of runs', () => {
  test('columns are chosen, pinned, moved, resized and hidden by keys, and a shared link shows the same', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Columns' }).click();
    const drawer = page.getByRole('dialog', { name: 'Columns' });
    await drawer.getByRole('button', { name: 'Hide User' }).waitFor();
    // Both before the page shows the first of them.
    await page.evaluate(
      `for (const hide of document.querySelectorAll('[aria-label="Hide Source"],[aria-label="Hide User"]')) hide.click()`,
    );
    await drawer.getByRole('button', { name: 'Pin param lr' }).click();
    await drawer.getByRole('button', { name: 'Move param lr to the front' }).click();
    await drawer.getByLabel('Search metrics, params and tags').fill('mlflow.run');
    await drawer.getByRole('button', { name: 'Show tag mlflow.runName' }).click();
    await page.keyboard.press('Escape');
    const width = page.getByRole('separator', { name: 'Width of lr' });
    await width.focus();
    const before = Number(await width.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => Number(await width.getAttribute('aria-valuenow')), soon).toBe(before - 16);
    const heads = () => page.getByRole('columnheader').allTextContents();
    await expect.poll(async () => (await heads()).slice(1, 3), soon).toEqual(['lr', 'Name']);
    const { page: other } = await web.open(page.url().replace(web.origin, ''), person);
    await lines(other).first().waitFor();
    expect(await other.getByRole('columnheader').allTextContents()).toEqual(await heads());
    for (const hidden of ['Source', 'User']) expect(await heads()).not.toContain(hidden);
  });

  test('of pinned columns a narrow window keeps the first in sight, and shows each other one whole beside it', async () => {
    const { page } = await open('?cols=*name!400~*p.lr~*p.optimizer~m.loss~t.team', { width: 390 });
    const placeOf = async (column: string) => {
      const place = await page.getByRole('columnheader', { name: `Sort by ${column}` }).boundingBox();
      if (!place) throw new Error(`${column} is not there`);
      return { start: place.x, end: place.x + place.width };
    };
    for (const column of ['lr', 'optimizer', 'loss', 'team']) {
      await scrollTo(page, column);
      const isWhole = async () => {
        const [first, { start, end }] = await Promise.all([placeOf('Name'), placeOf(column)]);
        expect(first.start).toBeGreaterThan(0);
        if (end > 390) await page.mouse.wheel(30, 0);
        return end <= 390 && start >= first.end;
      };
      await page.getByRole('grid').hover();
      await expect.poll(isWhole, soon).toBe(true);
    }
  });

  test('a column is dragged before another one', async () => {
    // Before one that is in sight beside it.
    const { page } = await open('', { width: 1280 });
    await page
      .getByRole('columnheader', { name: 'Sort by loss' })
      .dragTo(page.getByRole('columnheader', { name: 'Sort by Status' }));
    await expect
      .poll(async () => (await page.getByRole('columnheader').allTextContents()).slice(1, 4))
      .toEqual(['Name', 'loss', 'Status']);
  });

  test('a column is made wider by its edge, and stays in its place', async () => {
    const { page } = await open('', { width: 1280 });
    const head = page.getByRole('columnheader', { name: 'Sort by Status' });
    const before = await boxOf(head);
    const order = await page.getByRole('columnheader').allTextContents();
    const edge = await boxOf(head.getByRole('separator'));
    const [x, y] = [edge.x + edge.width / 2, edge.y + edge.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 30, y, { steps: 5 });
    await page.mouse.move(x + 60, y, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Math.round((await boxOf(head)).width - before.width), soon).toBe(60);
    expect((await page.getByRole('columnheader').allTextContents()).slice(0, 3)).toEqual(order.slice(0, 3));
    // By a finger, too.
    const at = await boxOf(head.getByRole('separator'));
    const finger = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', moved = 0) =>
      finger.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: at.x + at.width / 2 + moved, y: at.y + at.height / 2 }],
      });
    await touch('touchStart');
    for (const moved of [-15, -30, -40]) await touch('touchMove', moved);
    await touch('touchEnd');
    await expect.poll(async () => Math.round((await boxOf(head)).width - before.width), soon).toBe(20);
    await page.waitForURL(/cols=/);
  });
});
