import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { logRuns } from './chart_runs.ts';
import { canvas, figure, saved, zoomed } from './charts_page.ts';
import { barriersOn, type Interface, overflows, startInterface, widthOf } from './interface.ts';

let web: Interface;
let person: Awaited<ReturnType<Interface['people']['make']>>;
beforeAll(async () => {
  web = await startInterface();
  await logRuns(web.maestro, 4, 1000);
  person = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
}, 120_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const charts = '/t/tenant-a/experiments/0?tab=charts';

describe('charts of an experiment', () => {
  test('a stretch that is drawn over is zoomed to in every chart, asked anew, kept in the address, and taken back', async () => {
    const { page, complaints } = await web.open(charts, person, { height: 1600 });
    await canvas(page, 'val/loss').scrollIntoViewIfNeeded();
    const box = await canvas(page, 'val/loss').locator('.u-over').boundingBox();
    if (!box) throw new Error('the chart has no place');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/zoom=/);
    const reset = figure(page, 'train/loss').getByRole('button', { name: 'Show all' });
    await reset.waitFor();
    await page.mouse.move(5, 5);
    // What is near is asked anew: the points of a quarter, all of them.
    for (const name of ['train/loss', 'val/loss']) {
      const points = figure(page, name).getByText(/points/);
      await points.scrollIntoViewIfNeeded();
      await expect.poll(() => points.textContent()).toMatch(/^(?:9|1,0)\d\d points/);
    }
    await page.reload();
    await reset.click();
    await page.waitForURL((url) => !url.search.includes('zoom'));
    await reset.waitFor({ state: 'hidden' });
    // Taking it back and drawing it are steps of the browser's history; what keys do to it is none.
    await page.goBack();
    await reset.waitFor();
    for (let times = 0; times < 2; times += 1) {
      const [least = Number.NaN] = (await zoomed(page)) ?? [];
      await canvas(page, 'train/loss').press('+');
      await expect.poll(async () => (await zoomed(page))?.[0]).toBeGreaterThan(least);
    }
    await page.goBack();
    await reset.waitFor({ state: 'hidden' });
    expect(await zoomed(page)).toBeUndefined();
    expect(complaints).toEqual([]);
    // What is looked at can be left where asking for it fails.
    const problem = { type: 'about:blank', title: 'Invalid', status: 400, code: 'invalid_parameter', detail: 'No.' };
    await page.route('**/api/v1/metrics/series', (route) =>
      route.request().postData()?.includes('"start"')
        ? route.fulfill({ status: 400, contentType: 'application/problem+json', json: problem })
        : route.continue(),
    );
    await page.goto(`${web.origin}${charts}&zoom=100..200`);
    await page.getByRole('alert').filter({ hasText: 'No.' }).first().waitFor();
    await page.getByRole('button', { name: 'Show all' }).first().click();
    await page.waitForURL((url) => !url.search.includes('zoom'));
    await canvas(page, 'val/loss').waitFor();
  });

  test('keys move the cursor, whose values the legend tells; they zoom within what there is, and show all again', async () => {
    const { page, complaints } = await web.open(charts, person);
    const press = async (key: string, times: number) => {
      for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
    };
    await canvas(page, 'epoch').locator('canvas').waitFor();
    await canvas(page, 'epoch').focus();
    await page.keyboard.press('ArrowRight');
    const legend = page.getByRole('region', { name: 'Legend' });
    await legend.getByRole('columnheader', { name: 'epoch' }).waitFor();
    await legend.getByRole('cell', { name: '0', exact: true }).first().waitFor();
    await page.keyboard.press('+');
    await page.waitForURL(/zoom=/);
    await page.keyboard.press('0');
    await page.waitForURL((url) => !url.search.includes('zoom'));
    await press('+', 2);
    await press('Shift+ArrowRight', 8);
    await expect.poll(async () => (await zoomed(page))?.[1]).toBe(999);
    await press('-', 2);
    await expect.poll(() => zoomed(page)).toBeUndefined();
    await page.getByRole('checkbox', { name: 'Log x' }).check();
    await page.waitForURL(/log=x/);
    await canvas(page, 'epoch').focus();
    await press('+', 1);
    await page.waitForURL(/zoom=/);
    await press('-', 8);
    await expect.poll(() => zoomed(page)).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  test('a zoom that no axis shows holds up no page', async () => {
    const { page, complaints } = await web.open(charts, person);
    for (const search of ['log=x&zoom=-5..100', 'x=time&zoom=9e15..9.00000001e15', 'zoom=-1e300..1e300']) {
      await page.goto(`${web.origin}${charts}&charts=^epoch&${search}`);
      await canvas(page, 'epoch').locator('canvas').waitFor();
      await canvas(page, 'epoch').focus();
      await page.keyboard.press('+');
      const ends = async () => Math.max(...((await zoomed(page)) ?? [0]).map(Math.abs));
      await expect.poll(ends, { message: search }).toBeLessThan(2e12);
    }
    expect(complaints).toEqual([]);
  });

  test('no more charts are pinned and no stretch is zoomed to than an address holds, which is said', async () => {
    const { page } = await web.open(`${charts}&pins=${'x'.repeat(6_985)}`, person);
    await canvas(page, 'epoch').locator('canvas').waitFor();
    await canvas(page, 'epoch').press('+');
    await page.getByRole('alert').filter({ hasText: 'more than an address holds' }).waitFor();
    // The cursor comes from the beginning of what is seen.
    await canvas(page, 'epoch').press('ArrowRight');
    await figure(page, 'epoch')
      .getByText(/^Step [01]$/)
      .waitFor();
    await page.getByRole('alert').getByRole('button').click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pin epoch' }).click();
    await page.getByRole('alert').filter({ hasText: 'more than an address holds' }).waitFor();
    expect(new URL(page.url()).searchParams.get('pins')).toHaveLength(6_985);
  });

  test('charts are moved by keys, by dragging and by a menu; that and params in the legend are in the address', async () => {
    const pinned = `${charts}&pins=epoch~train/loss`;
    const { page, complaints } = await web.open(pinned, person, { height: 1600 });
    const handle = (name: string) => page.getByRole('button', { name: new RegExp(`^Move ${name},`) });
    const drawn = ['val/accuracy', 'val/loss'].map((name) => canvas(page, name));
    const isBefore = async (): Promise<boolean> => {
      const [accuracy, loss] = await Promise.all(drawn.map((each) => each.boundingBox()));
      if (!accuracy || !loss) throw new Error('a chart has no place');
      return accuracy.y < loss.y || (accuracy.y === loss.y && accuracy.x < loss.x);
    };
    for (const each of drawn) await each.waitFor();
    expect(await isBefore()).toBe(true);
    await handle('val/loss').focus();
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(/order=val%2Floss/);
    await expect.poll(isBefore).toBe(false);
    await page.getByRole('button', { name: 'Move val/loss, 1 of 2' }).waitFor();
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Move val/loss, 1 of 2');
    await page.getByRole('button', { name: 'Move val/accuracy, 2 of 2' }).dragTo(canvas(page, 'val/loss'));
    await page.waitForURL((url) => !url.search.includes('order='));
    await expect.poll(isBefore).toBe(true);
    const inDrag = page.locator('[data-over]');
    await handle('val/accuracy').hover();
    await page.mouse.down();
    const dragOver = async (name: string) => {
      const box = await canvas(page, name).boundingBox();
      if (!box) throw new Error(`${name} has no place`);
      for (const share of [0.4, 0.5, 0.6]) {
        await page.mouse.move(box.x + share * box.width, box.y + box.height / 2, { steps: 4 });
      }
    };
    await dragOver('val/loss');
    await inDrag.waitFor();
    await dragOver('epoch');
    await inDrag.waitFor({ state: 'detached' });
    await page.mouse.up();
    await handle('val/accuracy').click();
    await page.getByRole('menuitem', { name: 'One place later' }).click();
    await page.waitForURL(/order=val%2Floss/);
    await page.getByRole('combobox', { name: 'Params in the legend' }).click();
    await page.getByRole('option', { name: 'lr' }).click();
    await page.waitForURL(/legend=lr/);
    await page.reload();
    await page.getByRole('button', { name: 'Move val/loss, 1 of 2' }).waitFor();
    await page.getByRole('region', { name: 'Legend' }).getByRole('columnheader', { name: 'lr' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('two fingers zoom a chart and one moves what is seen, to the ends of what there is; pinched out, all is shown', async () => {
    const { page, complaints } = await web.open(`${charts}&charts=^train`, person);
    const devtools = await page.context().newCDPSession(page);
    const gesture = async (from: readonly number[], to: readonly number[], between?: () => Promise<void>) => {
      // While a plot is made anew there is none.
      const box = await vi.waitUntil(() => canvas(page, 'train/loss').locator('.u-over').boundingBox(), 10_000);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', shares: readonly number[]) =>
        devtools.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: shares.map((share, id) => ({ id, x: box.x + share * box.width, y: box.y + box.height / 2 })),
        });
      await touch('touchStart', from);
      await touch(
        'touchMove',
        to.map((share, at) => (share + (from[at] as number)) / 2),
      );
      await between?.();
      await touch('touchMove', to);
      await touch('touchEnd', []);
    };
    const points = figure(page, 'train/loss').getByText(/^[\d,]+ points/);
    await canvas(page, 'train/loss').scrollIntoViewIfNeeded();
    await gesture([0.4, 0.6], [0.1, 0.9]);
    await expect.poll(() => zoomed(page)).toHaveLength(2);
    const [min = 0, max = 0] = (await zoomed(page)) ?? [];
    expect(max - min).toBeLessThan(300);
    // Of each point there is one value now, and the plot is made anew.
    await points.waitFor();
    await gesture([0.7], [0.3]);
    await expect.poll(async () => (await zoomed(page))?.[0]).toBeGreaterThan(min + 50);
    const moved = (await zoomed(page)) ?? [];
    expect((moved[1] as number) - (moved[0] as number)).toBeCloseTo(max - min, 3);
    for (let drag = 0; drag < 4; drag += 1) await gesture([0.1], [0.9]);
    await expect.poll(async () => (await zoomed(page))?.[0]).toBe(0);
    await gesture([0.3, 0.7], [0.49, 0.51]);
    await expect.poll(() => zoomed(page)).toBeUndefined();
    const plot = await canvas(page, 'train/loss').locator('.uplot').elementHandle();
    await gesture([0.4, 0.6], [0.1, 0.9], async () => {
      // Other colours need another plot, as other lines do, which may come while fingers move.
      await page.emulateMedia({ colorScheme: 'dark' });
      await plot?.waitForElementState('hidden');
    });
    await expect.poll(() => zoomed(page)).toHaveLength(2);

    await page.goto(`${web.origin}${charts}&charts=^train&zoom=400..500`);
    await points.waitFor();
    await canvas(page, 'train/loss').scrollIntoViewIfNeeded();
    await gesture([0.3, 0.7], [0.45, 0.55]);
    await expect.poll(async () => (await zoomed(page))?.[0]).toBeLessThan(350);
    await gesture([0.3, 0.7], [0.49, 0.51]);
    await expect.poll(() => zoomed(page)).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  test('one run is shown alone, charts are found by a regular expression, and the address keeps both', async () => {
    // Only charts in sight are drawn.
    const { page } = await web.open(charts, person, { height: 1600 });
    const legend = page.getByRole('region', { name: 'Legend' });
    const run = legend.getByRole('button', { name: 'resnet-lr0.003-3' });
    await run.click();
    await page.waitForURL(/only=/);
    const find = page.getByLabel('Find charts (regex)');
    await find.fill('(a+)+$');
    await page.getByText('Too much to try').waitFor();
    await find.fill('(((');
    await page.getByText('No valid pattern: taken as text').waitFor();
    await find.fill('^val/(loss|acc)');
    await page.waitForURL((url) => url.searchParams.get('charts') === '^val/(loss|acc)');
    await figure(page, 'epoch').waitFor({ state: 'hidden' });
    await page.reload();
    await figure(page, 'val/accuracy').waitFor();
    expect(await run.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => page.getByRole('figure').count()).toBe(2);
  });

  test('a chart shows its data as a table, and what NaN hides is said and left empty', async () => {
    const { page } = await web.open(`${charts}&charts=train`, person);
    const chart = figure(page, 'train/loss');
    await chart.getByText('49 NaN or infinite').waitFor();
    await chart.getByRole('button', { name: 'Show as table' }).click();
    const table = chart.getByRole('region', { name: 'train/loss' });
    await table.getByRole('columnheader', { name: 'Step' }).waitFor();
    await table.getByRole('rowheader').first().waitFor();
  });

  test('a chart is saved as a picture, a drawing and a table, in which names stay texts', async () => {
    const { page, complaints } = await web.open(`${charts}&charts=train`, person);
    await canvas(page, 'train/loss').waitFor();
    expect((await saved(page, 'train/loss', 'Picture')).subarray(1, 4).toString()).toBe('PNG');
    const svg = (await saved(page, 'train/loss', 'Drawing')).toString();
    expect(svg).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(svg).not.toContain('<img');
    const csv = (await saved(page, 'train/loss', 'Table')).toString();
    expect(csv.split('\r\n')[0]).toContain('"<img src=x onerror=alert(1)> ""hostile"""');
    expect(csv.split('\r\n').length).toBeGreaterThan(200);
    expect(complaints).toEqual([]);
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `are smoothed, by axes and without outliers as is chosen, in ${scheme} at %i px; the address keeps it`,
      async (width) => {
        const metric = `spiky-${scheme}`;
        const as = web.maestro.tenants.a.keys.data_scientist;
        const { body } = await web.maestro.send('POST', '/api/v1/runs/search', { as, json: { experiment_ids: [0] } });
        const [run] = (body as { items: { run_id: string }[] }).items;
        const metrics = Array.from({ length: 200 }, (_, step) => ({
          key: metric,
          step,
          value: step === 100 ? 1_000_000 : 1 + (step % 2),
          timestamp: 1_790_000_000_000 + step * 60_000,
        }));
        await web.maestro.send('POST', `/api/v1/runs/${run?.run_id}/log`, { as, json: { metrics } });
        const { page, complaints } = await web.open(`${charts}&charts=^(${metric}|epoch)$`, person, {
          scheme,
          width,
          height: 1200,
        });
        await canvas(page, metric).waitFor();
        const choose = async (field: string, option: string) => {
          await page.getByRole('combobox', { name: field }).click();
          await page.getByRole('option', { name: option, exact: true }).click();
        };
        const kept = (name: string) => expect.poll(() => new URL(page.url()).searchParams.get(name));
        /** A chart's data from its file: the heads, and the values at x. */
        const table = async () => {
          const [head = '', ...rows] = (await saved(page, metric, 'Table')).toString().trim().split('\r\n');
          return { head: head.split(','), rows: rows.map((row) => row.split(',')) };
        };
        const ticks = async () =>
          [...(await saved(page, metric, 'Drawing')).toString().matchAll(/text-anchor="end"[^>]*>([^<]+)</g)].map(
            ([, text]) => text,
          );

        await choose('Smoothing', 'Exponential');
        await kept('smooth').toBe('ema:0.9');
        await page.getByRole('slider', { name: 'Weight of what came before' }).press('Home');
        await kept('smooth').toBe('ema:0.1');
        await choose('Smoothing', 'Mean within');
        await page.getByRole('textbox', { name: 'Width (x)' }).fill('2');
        await kept('smooth').toBe('mean:2');
        await expect.poll(async () => (await table()).head[2]).toMatch(/ \(raw\)$/);
        // 1 and 2 in turn: within a width of 2 there are three of them at each step.
        await expect.poll(async () => Number((await table()).rows[10]?.[1])).toBeCloseTo(5 / 3, 6);
        await choose('Smoothing', 'Gaussian');
        await kept('smooth').toBe('gaussian:100');
        await choose('Smoothing', 'None');
        await kept('smooth').toBeNull();

        await expect.poll(ticks).toContain('1M');
        await page.getByRole('checkbox', { name: 'Ignore outliers' }).check();
        await kept('clip').toBe('true');
        await expect.poll(ticks).toEqual(['1', '1.2', '1.4', '1.6', '1.8', '2']);
        await page.getByRole('checkbox', { name: 'Ignore outliers' }).uncheck();
        await page.getByRole('checkbox', { name: 'Log y' }).check();
        await kept('log').toBe('y');
        await expect.poll(ticks).toEqual(['1', '10', '100', '1,000', '10K', '100K', '1M']);

        const inTable = figure(page, metric).getByRole('region', { name: metric });
        await figure(page, metric).getByRole('button', { name: 'Show as table' }).click();
        for (const [axis, value, first, head] of [
          ['Time', 'time', /2026/, 'Time'],
          ['Time since the start', 'relative', /./, 'Time since the start'],
          ['epoch', 'm:epoch', '0', 'epoch'],
        ] as const) {
          await choose('X axis', axis);
          await kept('x').toBe(value);
          await inTable.getByRole('columnheader', { name: head, exact: true }).waitFor();
          await inTable.getByRole('rowheader', { name: first }).first().waitFor();
        }
        await page.reload();
        await page.getByRole('checkbox', { name: 'Log y' }).and(page.locator(':checked')).waitFor();
        expect(await page.getByRole('combobox', { name: 'X axis' }).inputValue()).toBe('epoch');
        expect(complaints).toEqual([]);
      },
    );
  }

  test('what a run logs appears by itself', async () => {
    const { page } = await web.open(`${charts}&charts=^epoch`, person);
    await canvas(page, 'epoch').waitFor();
    const { body } = await web.maestro.send('POST', '/api/v1/runs/search', {
      as: web.maestro.tenants.a.keys.data_scientist,
      json: { experiment_ids: [0], filter: "attributes.status = 'RUNNING'" },
    });
    const [run] = (body as { items: { run_id: string }[] }).items;
    const metrics = [{ key: 'epoch', step: 1001, value: 77, timestamp: 1_790_000_900_000 }];
    await web.maestro.send('POST', `/api/v1/runs/${run?.run_id}/log`, {
      as: web.maestro.tenants.a.keys.data_scientist,
      json: { metrics },
    });
    await figure(page, 'epoch').getByRole('button', { name: 'Show as table' }).click();
    const table = figure(page, 'epoch').getByRole('region');
    await table.focus();
    await page.keyboard.press('End');
    await table.getByRole('cell', { name: '77' }).waitFor();
  });

  test('groups of all runs are lines with bands that say their n; each plot draws, and is a table too', async () => {
    const { page, complaints } = await web.open(`${charts}&by=p:lr&charts=train`, person);
    await figure(page, 'train/loss').getByText('over all 4 runs').waitFor();
    await figure(page, 'train/loss').getByText('lr = 0.1 (n = 1)').waitFor();
    for (const kind of ['Parallel coordinates', 'Scatter', 'Contour', 'Box', 'Bar']) {
      await page.getByText(kind, { exact: true }).click();
      const plot = page.getByRole('figure', { name: kind });
      await plot.getByRole('img').locator('canvas').first().waitFor();
      await plot.getByRole('button', { name: 'Show as table' }).click();
      await plot.getByRole('columnheader', { name: 'Run' }).waitFor();
      await plot.getByRole('button', { name: 'Show as chart' }).click();
    }
    expect(complaints).toEqual([]);
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(`are without barriers and fit their window in ${scheme} at %i px`, async (width) => {
      const { page, complaints } = await web.open(`${charts}&plot=parallel&smooth=ema:0.9`, person, { scheme, width });
      await page.getByText('Importance of params').first().waitFor();
      await page.getByRole('button', { name: /^Charts/ }).scrollIntoViewIfNeeded();
      await canvas(page, 'epoch').waitFor();
      expect(await barriersOn(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      expect(complaints).toEqual([]);
    });
  }
});
