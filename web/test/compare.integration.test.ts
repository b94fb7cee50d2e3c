import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import { barriersOn, type Interface, overflows, startInterface, widthOf } from './interface.ts';
import { curve, runWorldOf } from './run_world.ts';

let web: Interface;
let world: ReturnType<typeof runWorldOf>;
let scientist: Person;
let runs: string[];

beforeAll(async () => {
  web = await startInterface();
  world = runWorldOf(web);
  scientist = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
  const common = { optimizer: 'adamw', data: 'churn-2026' };
  const made = [
    { name: 'small', accuracy: 0.81, loss: 0.5, lr: '0.01', commit: 'a1b2c3' },
    { name: 'medium', accuracy: 0.87, loss: 0.41, lr: '0.003', commit: 'a1b2c3' },
    { name: '<b>large</b>', accuracy: 0.86, loss: 0.38, lr: '0.001', commit: 'ffee00' },
  ];
  runs = [];
  for (const { name, accuracy, loss, lr, commit } of made) {
    const metrics = [
      { key: 'accuracy', value: accuracy },
      { key: 'loss', value: loss },
      { key: 'epochs', value: 10 },
      ...curve('progress', (step) => (accuracy * step) / 120),
    ];
    const tags = { 'mlflow.source.git.commit': commit, owner: name };
    runs.push(await world.run(name, { metrics, params: { ...common, lr }, tags }));
  }
  await world.file(runs[0] as string, 'model/requirements.txt', 'numpy==2.1.0\nscikit-learn==1.7.0\n');
  await world.file(runs[1] as string, 'model/requirements.txt', 'scikit-learn==1.8.0\nnumpy==2.1.0\npolars==1.0\n');
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const at = (search = '') => `/t/tenant-a/compare?runs=${runs.join()}${search}`;

describe('comparing runs', () => {
  test('shows what differs, the best of each metric, and where asked also what all have alike', async () => {
    const { page, complaints } = await web.open(at(), scientist);
    const table = page.getByRole('table', { name: 'Metrics of the runs, side by side' });
    await table.getByRole('row').filter({ hasText: 'accuracy' }).getByText('best').waitFor();
    expect(await table.getByRole('row').filter({ hasText: 'accuracy' }).textContent()).toContain('0.87best');
    expect(await table.getByRole('row').filter({ hasText: 'loss' }).textContent()).toContain('0.38best');
    expect(await table.getByText('epochs').count()).toBe(0);
    await page.getByRole('switch', { name: 'Only what differs' }).click();
    await table.getByText('epochs').waitFor();
    await page.getByRole('tab', { name: 'Params' }).click();
    await page
      .getByRole('table', { name: /^Params/ })
      .getByText('optimizer')
      .waitFor();
    await page.getByRole('tab', { name: 'Code version' }).click();
    await page.getByRole('table', { name: /^Code/ }).getByText('ffee00').waitFor();
    expect(complaints).toEqual([]);
  });

  test('holds the others against a baseline in the direction that the reader chose, all of it in the address', async () => {
    const { page } = await web.open(at(`&base=${runs[0]}`), scientist);
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('accuracy').getByText('▲ +0.06').waitFor();
    await expect.poll(() => row('accuracy').locator('[title=better]').count()).toBe(2);
    await expect.poll(() => row('loss').locator('[title=better]').count()).toBe(2);
    await page.getByRole('button', { name: /^loss: lower is better/ }).click();
    await expect.poll(() => row('loss').locator('[title=worse]').count()).toBe(2);
    await page.reload();
    await expect.poll(() => row('loss').locator('[title=worse]').count()).toBe(2);
    await page.evaluate(
      `for (const turn of document.querySelectorAll('button[aria-label*=": higher is better"]')) turn.click()`,
    );
    for (const name of ['accuracy', 'loss']) {
      await page.getByRole('button', { name: new RegExp(`^${name}: lower is better`) }).waitFor();
    }
    await page.getByRole('button', { name: 'Leave medium out' }).click();
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Compare 3 runs' }).waitFor();
  });

  test('cuts no figure, beside another one and on the page of its run neither, and long names not where they differ', async () => {
    const values = [2.4692e-5, -1.23456e-308, 1e300, -123_456_789.4, 0.123456];
    const named = (at: number) => `encoder/layers/${at}/self_attention/output/dense/weights/gradient_norm`;
    const metricsOf = (factor: number) => values.map((value, at) => ({ key: named(at), value: value * factor }));
    const [one, other] = [
      await world.run('one', { metrics: metricsOf(1) }),
      await world.run('other', { metrics: metricsOf(-1) }),
    ];
    /** What stands in cells that have no room for it, but for what is short on purpose. */
    const cut = `[...document.querySelectorAll('td, td > *, th[scope=row], th[scope=row] > *')]
      .filter((part) => part.scrollWidth > part.clientWidth && part.clientWidth > 0 || part.scrollHeight > part.clientHeight + 1 && part.clientHeight > 0)
      .map((part) => part.textContent)`;
    const { page } = await web.open(`/t/tenant-a/compare?runs=${one},${other}`, scientist);
    await page.getByText('-1.2346e-308').waitFor();
    expect(await page.evaluate(cut)).toEqual([]);
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(values.map((_, at) => named(at)));
    await page.goto(`${web.origin}/t/tenant-a/compare?runs=${one},${other}&base=${one}`);
    await page.getByText('▲ +2.4691e-308').waitFor();
    expect(await page.evaluate(cut)).toEqual([]);
    await page.goto(`${web.origin}/t/tenant-a/runs/${one}`);
    const table = page.getByRole('table', { name: 'Metrics' });
    await expect.poll(() => table.getByText('-1.2346e-308').count()).toBe(3);
    expect(await table.getByRole('rowheader').allTextContents()).toEqual(
      values.map((_, at) => expect.stringContaining(`layers/${at}/`)),
    );
    expect(await page.evaluate(cut)).toEqual([]);
  });

  test('tells which packages two runs differ in', async () => {
    const { page } = await web.open(at('&part=environment'), scientist);
    const diff = page.getByRole('region', { name: 'Differences in requirements.txt' });
    await diff.getByText('scikit-learn==1.8.0').waitFor();
    expect(await diff.textContent()).not.toContain('numpy');
  });

  test('takes 1,000 runs: the link becomes short, and only what is in sight is there', async () => {
    const many: string[] = [];
    for (let from = 0; from < 1_000; from += 50) {
      const some = Array.from({ length: 50 }, (_, place) =>
        world.run(`run ${from + place}`, { metrics: [{ key: 'accuracy', value: (from + place) / 1_000 }] }),
      );
      many.push(...(await Promise.all(some)));
    }
    const { page } = await web.open('/t/tenant-a/compare', scientist);
    await page.getByText('Nothing to compare').waitFor();
    // As the table of runs leads here: no server takes an address of this length.
    await page.evaluate(
      `history.pushState({}, '', '/t/tenant-a/compare?runs=${many.join()}'); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await page.getByRole('heading', { name: 'Compare 1,000 runs' }).waitFor();
    await expect.poll(() => page.url().length).toBeLessThan(150);
    await page.reload();
    await page.getByRole('heading', { name: 'Compare 1,000 runs' }).waitFor();
    const table = page.getByRole('table', { name: /^Metrics/ });
    await table.getByText('run 0', { exact: true }).waitFor();
    expect(await table.getByRole('columnheader').count()).toBeLessThan(30);
    await table.locator('..').evaluate((box) => {
      (box as unknown as { scrollLeft: number }).scrollLeft = 1e9;
    });
    await table.getByText('run 999', { exact: true }).waitFor();
    await table.getByText('best').waitFor();
    await table.getByRole('button', { name: 'Leave run 999 out' }).click();
    await page.getByRole('heading', { name: 'Compare 999 runs' }).waitFor();
    await expect.poll(() => page.url().length).toBeLessThan(150);
    expect(await page.getByRole('alert').count()).toBe(0);
  }, 90_000);

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `draws the curves of all runs over each other, in ${scheme} at %i px; the address keeps what is zoomed to and shown alone`,
      async (width) => {
        const { page, complaints } = await web.open(at(), scientist, { scheme, width, height: 2400 });
        await page.getByRole('tab', { name: 'Charts' }).click();
        await page.waitForURL(/part=charts/);
        const chart = page.getByRole('figure', { name: 'progress', exact: true });
        await chart.getByRole('group', { name: /^progress: 3 lines/ }).press('+');
        await page.waitForURL(/zoom=/);
        const legend = page.getByRole('region', { name: 'Legend' });
        await legend.getByRole('button', { name: '<b>large</b>' }).click();
        await page.waitForURL(/only=/);
        await page.reload();
        await chart.getByRole('button', { name: 'Show as table' }).click();
        const table = chart.getByRole('region', { name: 'progress' });
        await table.getByRole('rowheader').first().waitFor();
        expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Step', '<b>large</b>']);
        await chart.getByRole('button', { name: 'Show all' }).click();
        await legend.getByRole('button', { name: '<b>large</b>' }).click();
        await expect
          .poll(() => table.getByRole('columnheader').allTextContents())
          .toEqual(['Step', 'small', 'medium', '<b>large</b>']);
        expect(await barriersOn(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
        expect(complaints).toEqual([]);
      },
    );

    test.each([widthOf[scheme]])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        const { page, complaints } = await web.open(at(`&base=${runs[0]}`), scientist, { scheme, width });
        for (const part of ['', '&part=environment', '&part=tags']) {
          await page.goto(`${web.origin}${at(`&base=${runs[0]}${part}`)}`);
          await page.getByRole('tabpanel').waitFor();
          await expect.poll(() => page.getByRole('status', { name: 'Loading …' }).count(), { timeout: 10_000 }).toBe(0);
          expect(await barriersOn(page), part).toEqual([]);
          expect(await overflows(page), part).toBe(false);
        }
        expect(complaints).toEqual([]);
      },
      60_000,
    );
  }
});
