import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import {
  barriersOn,
  downloadOf,
  type Interface,
  type Look,
  overflows,
  press,
  startInterface,
  widthOf,
} from './interface.ts';
import { boxOf, line, lines, names, openTable, scrollTo, soon } from './runs_page.ts';
import { callerOf, hostile, type Seeded, seedRuns } from './seeded_runs.ts';

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

const pathOf = (search = '', { experimentId }: Seeded = seeded) => `/t/tenant-a/experiments/${experimentId}${search}`;

const open = (search = '', of: Seeded = seeded, look?: Look) => openTable(web, pathOf(search, of), person, look);

describe('the table of runs', () => {
  test('shows runs, the newest first, with how many there are, and goes to one', async () => {
    const { page, complaints } = await open();
    expect((await names(page)).slice(0, 3)).toEqual(['trial-39', 'trial-38', 'trial-37']);
    await page.getByText('40 runs').waitFor();
    await page.getByRole('link', { name: 'trial-39' }).click();
    await page.waitForURL(`${web.origin}/t/tenant-a/runs/${seeded.runIds[39]}`);
    expect(complaints).toEqual([]);
  });

  test('sorts by a metric, by its best value, and says so in its address', async () => {
    const { page } = await open();
    await scrollTo(page, 'loss');
    await page.getByRole('button', { name: 'Sort by loss' }).click();
    await page.waitForURL(/sort=-m\.loss/);
    await expect.poll(() => names(page), soon).toContain('trial-0');
    await page.getByRole('button', { name: 'What can be done with loss' }).click();
    await page.getByRole('menuitem', { name: 'Least value of all' }).click();
    await page.getByRole('button', { name: 'Sort by min loss' }).click();
    await page.waitForURL(/sort=min\.loss/);
    await expect.poll(async () => (await names(page))[0], soon).toBe('trial-20');
    await page.reload();
    await expect.poll(async () => (await names(page))[0], soon).toBe('trial-20');
  });

  test('keys act where nothing has the focus, and are no letters of a field', async () => {
    const { page } = await open();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 run selected').waitFor();
    // A click on what takes no focus gives it to the page's main part.
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 runs selected').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of this table' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Group' }).click();
    const search = page.getByLabel('Search params and tags');
    const named = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await expect.poll(named, soon).toBe('Search params and tags');
    await page.keyboard.type('?x');
    expect(await search.inputValue()).toBe('?x');
  });

  test('a filter is completed as it is typed, applied, and shown where it is wrong', async () => {
    const { page } = await open();
    const field = page.getByLabel('Filter runs');
    await field.click();
    await page.keyboard.type('lo');
    const [place, list] = [await boxOf(field), await boxOf(page.getByRole('option').first())];
    expect(list.x).toBeGreaterThanOrEqual(place.x - 20);
    expect(list.x).toBeLessThan(place.x + place.width);
    expect(list.y).toBeGreaterThan(place.y + place.height - 1);
    expect(list.y).toBeLessThan(place.y + place.height + 40);
    await page.getByRole('option', { name: 'metrics.loss', exact: true }).click();
    await page.keyboard.type('<');
    await page.keyboard.type(' 3 and opt');
    await page.getByRole('option', { name: 'params.optimizer', exact: true }).click();
    await page.getByRole('option', { name: '=', exact: true }).click();
    await page.getByRole('option', { name: "'sgd'", exact: true }).click();
    expect(await field.inputValue()).toBe("metrics.loss < 3 and params.optimizer = 'sgd' ");
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByText('2 runs').waitFor();
    await expect.poll(async () => (await names(page)).sort(), soon).toEqual(['trial-19', 'trial-21']);
    await field.fill('metrics.loss < 3 and params.optimizer = sgd');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    const fault = page.getByRole('alert').filter({ hasText: 'not quoted' });
    await fault.waitFor();
    expect(await fault.locator('mark').textContent()).toBe('sgd');
  });

  test('a group says what it is and how many it has in a narrow window, too', async () => {
    const { page } = await open('?group=p.optimizer', seeded, { width: 390 });
    const adam = line(page, 'optimizer adam · n 20');
    const cell = await boxOf(adam.getByRole('gridcell').nth(1));
    const cut = `[...document.querySelectorAll('[aria-level] button span')].filter(
      (part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.textContent.trim())`;
    const isCut = (await page.evaluate(cut)) as string[];
    for (const words of ['adam', '· n 20']) {
      expect(isCut).not.toContain(words);
      const box = await boxOf(adam.getByText(words, { exact: true }));
      expect(box.x + box.width).toBeLessThanOrEqual(cell.x + cell.width);
    }
  });

  test('groups over all runs, in levels, with n and what metrics come to, and opens to the runs', async () => {
    const { page } = await open('?group=p.optimizer~p.lr');
    const adam = line(page, 'optimizer adam · n 20');
    await adam.waitFor();
    expect(await adam.getAttribute('aria-expanded')).toBe('false');
    await adam.getByRole('button').click();
    const inner = line(page, 'lr 0.01 · n 4').first();
    await inner.waitFor();
    await scrollTo(page, 'loss');
    // Runs 2, 12, 22 and 32: |n - 20| + 1 of each.
    expect(await inner.textContent()).toContain('11');
    await inner.getByRole('button').click();
    await line(page, 'trial-22').waitFor();
    expect((await names(page)).sort()).toEqual(['trial-12', 'trial-2', 'trial-22', 'trial-32']);
    await page.reload();
    await line(page, 'trial-22').waitFor();
    await scrollTo(page, 'loss');
    await page.getByText('max', { exact: true }).click();
    await expect.poll(() => inner.textContent(), soon).toContain('19');
  });

  test('what is more than an address holds is told and not done, and one that came too long is made shorter', async () => {
    const path = (search: string, length: number) => pathOf(`${search}&pins=${'x'.repeat(length)}`);
    const told = { hasText: 'more than an address holds' };
    const { page } = await web.open(path('?group=p.optimizer', 6_970), person);
    await line(page, 'optimizer adam').getByRole('button').click();
    await page.getByRole('alert').filter(told).waitFor();
    expect(new URL(page.url()).searchParams.has('open')).toBe(false);
    const section = page.getByRole('button', { name: /^Charts/ });
    await page.goto(`${web.origin}${path('?tab=charts', 6_980)}`);
    await section.click();
    await page.getByRole('alert').filter(told).waitFor();
    expect(await section.getAttribute('aria-expanded')).toBe('true');
    await page.goto(`${web.origin}${path('?tab=charts&shut=!', 7_500)}`);
    await section.click();
    await page.waitForURL((url) => !url.searchParams.has('shut'));
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('runs are selected by keys, tagged and deleted together, and each is undone', async () => {
    const own = await seedRuns(web.maestro, 'bulk');
    const { page } = await open('', own);
    await page.getByRole('grid').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+J');
    await page.getByText('2 runs selected').waitFor();
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    await page.getByLabel('Key').fill('team');
    await page.getByLabel('Value').fill('audio');
    await page.getByRole('button', { name: 'Set the tag' }).click();
    await scrollTo(page, 'team');
    await line(page, 'audio').nth(1).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => line(page, 'audio').count(), soon).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    await page.getByRole('grid').focus();
    await page.keyboard.press('#');
    await page.getByText('38 runs', { exact: true }).waitFor();
    expect(await names(page)).not.toContain('trial-38');
    // From a ticked box as well, where nobody types.
    await page.getByRole('grid').getByRole('checkbox').nth(1).focus();
    await page.keyboard.press('Control+z');
    await page.getByText('40 runs', { exact: true }).waitFor();
    await line(page, 'trial-38').waitFor();
  });

  test('names and tags are edited in place, and a rename is undone', async () => {
    const { page } = await open();
    await page.getByRole('grid').focus();
    await page.keyboard.press('e');
    await page.getByLabel('Name of the run').fill('the best one');
    await page.keyboard.press('Enter');
    await line(page, 'the best one').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await line(page, 'trial-39').waitFor();
    expect(await page.evaluate('document.activeElement.role')).toBe('grid');
    const call = callerOf(web.maestro);
    await expect
      .poll(async () => (await call<{ name: string }>('GET', `/runs/${seeded.runIds[39]}`)).name)
      .toBe('trial-39');
    await scrollTo(page, 'team');
    await line(page, 'trial-38').getByRole('gridcell', { name: 'vision' }).dblclick();
    await page.getByLabel('Value of the tag team').fill('robots');
    await page.keyboard.press('Enter');
    await line(page, 'robots').waitFor();
    const tagged = async () =>
      (await call<{ tags: Record<string, string> }>('GET', `/runs/${seeded.runIds[38]}`)).tags.team;
    await expect.poll(tagged, soon).toBe('robots');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect.poll(tagged, soon).toBe('vision');
    // By keys alone: from the name on to the tag, and to the tag at once.
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await page.getByLabel('Name of the run').waitFor();
    await page.keyboard.press('Tab');
    await page.getByLabel('Value of the tag team').fill('first');
    await page.keyboard.press('Enter');
    await expect.poll(tagged, soon).toBe('first');
    await page.keyboard.press('t');
    await page.getByLabel('Value of the tag team').fill('second');
    await page.keyboard.press('Shift+Tab');
    await page.getByLabel('Name of the run').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(tagged, soon).toBe('second');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 run selected').waitFor();
  });

  test('new runs and new values of those that go on come in by themselves', async () => {
    const own = await seedRuns(web.maestro, 'live');
    const { page } = await open('', own);
    const call = callerOf(web.maestro);
    await page.getByRole('grid').focus();
    await page.keyboard.press('e');
    await page.keyboard.type('half typed');
    const { run_id: id } = await call<{ run_id: string }>('POST', '/runs', {
      experiment_id: own.experimentId,
      name: 'just begun',
      start_time: Date.now(),
    });
    await line(page, 'just begun').waitFor();
    expect((await names(page))[0]).toBe('just begun');
    // What is being typed stays with its run.
    await page.keyboard.type(', then whole');
    await page.keyboard.press('Enter');
    await line(page, 'half typed, then whole').waitFor();
    const saved = async () => (await call<{ name: string }>('GET', `/runs/${own.runIds[39]}`)).name;
    await expect.poll(saved).toBe('half typed, then whole');
    // So does the line that keys act on, and the one that a range begins at.
    await page.keyboard.press('x');
    expect(await page.getByLabel('Select half typed, then whole').isChecked()).toBe(true);
    await call('POST', '/runs', { experiment_id: own.experimentId, name: 'begun later', start_time: Date.now() });
    await line(page, 'begun later').waitFor();
    await page.getByLabel('Select trial-37').click({ modifiers: ['Shift'] });
    await page.getByText('3 runs selected').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    await page.getByText('2 runs selected').waitFor();
    expect(await page.getByLabel('Select trial-38').isChecked()).toBe(false);
    await call('POST', `/runs/${id}/log`, { metrics: [{ key: 'loss', value: 0.125, step: 1 }] });
    await scrollTo(page, 'loss');
    await line(page, '0.125').waitFor();
    await call('PATCH', `/runs/${id}`, { status: 'FINISHED', end_time: Date.now() });
    await line(page, 'just begun').filter({ hasText: 'Finished' }).waitFor();
  }, 90_000);

  test('all that match are exported as CSV, in the order of the table', async () => {
    const { page } = await open('?cols=name~p.lr~max.loss~t.team&sort=start');
    const { content } = await downloadOf(page, () => press(page, 'Export as CSV'));
    const [head, ...rows] = content.toString().trimEnd().split('\r\n');
    expect(head).toBe('Run ID,Name,param lr,max loss,tag team');
    expect(rows).toHaveLength(40);
    expect(rows[0]).toBe(`${seeded.runIds[0]},trial-0,0.1,21,vision`);
  });

  test('a view is saved and shared, and its short link shows it to a colleague', async () => {
    const { page } = await open('?sort=p.lr&group=t.team');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view …' }).click();
    await page.getByLabel('Name', { exact: true }).fill('By team');
    await page.getByLabel('Share with everybody in the tenant').check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“By team” is saved').waitFor();
    const views = await callerOf(web.maestro)<{ items: { view_id: string }[] }>(
      'GET',
      `/views?experiment_id=${seeded.experimentId}`,
    );
    const viewer = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
    const { page: theirs } = await web.open(`/t/tenant-a/v/${views.items[0]?.view_id}`, viewer);
    await line(theirs, 'team vision').waitFor();
    expect(theirs.url()).toContain('sort=p.lr&group=t.team');
    expect(await theirs.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  });

  test('deleted runs are a view of their own, and ? shows the keys', async () => {
    const call = callerOf(web.maestro);
    const id = seeded.runIds[5] as string;
    await call('DELETE', `/runs/${id}`);
    const { page } = await open('?deleted=true');
    expect(await names(page)).toEqual(['trial-5']);
    await page.getByRole('grid').focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('No run matches').waitFor();
    await expect
      .poll(async () => (await call<{ lifecycle_stage: string }>('GET', `/runs/${id}`)).lifecycle_stage)
      .toBe('active');
    await page.goto(`${web.origin}${pathOf()}`);
    await page.getByRole('grid').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of this table' }).waitFor();
  });

  test('hostile names and tags are text', async () => {
    const { page, complaints } = await open('?sort=start');
    await line(page, hostile).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toContain('sweep');
    expect(complaints).toEqual([]);
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        for (const [what, search] of [
          ['runs', ''],
          ['groups', '?group=p.optimizer~p.lr&open=adam&sort=-m.loss'],
        ]) {
          const { page, complaints } = await web.open(pathOf(search), person, { scheme, width });
          await lines(page).first().waitFor();
          if (what === 'runs') await page.getByRole('checkbox', { name: 'Select trial-38' }).check();
          else await line(page, 'n 4').first().waitFor();
          expect(await barriersOn(page)).toEqual([]);
          expect(await overflows(page)).toBe(false);
          expect(complaints).toEqual([]);
        }
      },
      90_000,
    );
  }
});
