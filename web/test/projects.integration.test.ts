import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type Person } from '../../server/test/enrolment.ts';
import { barriersOn, dropOn, holdBack, type Interface, startInterface, widthOf } from './interface.ts';

const kitchenham = join(import.meta.dirname, '../../docs/tutorial/data/kitchenham.csv');

let web: Interface;
let lead: Person;
let open: string;

const api = async <Body>(method: string, path: string, json: unknown, status: number): Promise<Body> =>
  bodyOf<Body>(
    await web.maestro.send(method, `/api/v1${path}`, { as: web.maestro.tenants.a.keys.tenant_admin, json }),
    status,
  );

beforeAll(async () => {
  web = await startInterface();
  lead = await web.people.make({ tenant: 'tenant-a', role: 'ml_engineer' });
  await web.maestro.send('PATCH', '/api/v1/tenants/tenant-a', {
    as: web.maestro.operatorKey,
    json: { max_projects: 1_000 },
  });
  const made = await api<{ project_id: string }>(
    'POST',
    '/projects',
    {
      name: 'Churn 2027',
      problem_class: 'P',
      team_size: 4,
      complexity_score: 40,
      start_date: '2026-09-01',
      metadata: { estimated_duration_days: 100, afp: 300, note: 'by hand' },
    },
    201,
  );
  open = made.project_id;
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

describe('projects', () => {
  test('one is recorded, found by a misspelt word, and ended with its outcome', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/projects', lead);
    await page.getByRole('button', { name: 'New project' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Forecast of demand');
    await dialog.getByLabel('Problem class').fill('forecasting');
    await dialog.getByLabel('First day').fill('2026-06-01');
    await dialog.getByRole('button', { name: 'New project' }).click();
    await page.getByRole('heading', { level: 1, name: 'Forecast of demand' }).waitFor();
    await page.getByRole('button', { name: 'Record the outcome' }).click();
    await dialog.getByLabel('Success, 0 to 100').fill('140');
    await dialog.getByLabel('Last day').fill('2026-05-01');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .filter({ hasText: /start_date|completion_date/ })
      .waitFor();
    await dialog.getByLabel('Last day').fill('2026-10-01');
    await dialog.getByLabel('Success, 0 to 100').fill('80');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('122 days').waitFor();
    await page.goto(`${web.origin}/t/tenant-a/projects?q=forcast&state=finished`);
    await page.getByRole('link', { name: 'Forecast of demand' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a history is imported: its columns are found, its bad rows shown and left out, or all of it comes in', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/import', lead);
    const choose = page.getByRole('main').getByRole('button', { name: 'Choose a file' });
    const refused = page.getByRole('alert').filter({ hasText: 'That was not taken' });
    await dropOn(choose, 'empty.csv', '');
    await refused.getByText('The file is empty.').waitFor();
    const bad = 'name;success_score;start_date\nA;50;2020-01-01\nB;500;2020-01-01\nC;50;yesterday\n';
    await dropOn(choose, 'bad.csv', bad);
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByRole('row', { name: /^3 .*success_score.*B; 500; 2020-01-01/ }).waitFor();
    await page.getByRole('row', { name: /^4 .*start_date.*C; 50; yesterday/ }).waitFor();
    await page.getByRole('button', { name: 'Import 1 project, leave out 2 rows' }).click();
    await page.getByRole('heading', { name: '1 project is imported.' }).waitFor();
    await page.getByText('2 rows were left out.').waitFor();
    await page.getByRole('row', { name: /^4 .*start_date.*C; 50; yesterday/ }).waitFor();

    await page.reload();
    // The rows that are looked at for columns are good, and a quote further down is never closed.
    await dropOn(choose, 'broken.csv', `name,team_size\n${'A,1\n'.repeat(6)}B,"2\n`);
    await page.getByRole('button', { name: 'Check it' }).click();
    await refused.getByText(/^A quote in the record on line 8 is not closed/).waitFor();

    await page.reload();
    const history = { name: 'kitchenham.csv', mimeType: 'text/csv', buffer: await readFile(kitchenham) };
    await page.locator('input[type=file]').setInputFiles(history);
    await page.getByRole('combobox', { name: 'Name' }).click();
    await page.getByRole('option', { name: 'project', exact: true }).click();
    await page.getByRole('combobox', { name: 'Problem class' }).click();
    await page.getByRole('option', { name: 'project_type' }).click();
    const held = await holdBack(page, '**/api/v1/projects/import?*');
    await page.getByRole('button', { name: 'Check it' }).click();
    await expect.poll(() => page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('100');
    await page.getByText('Checking …').waitFor();
    await held.letGo();
    await page.getByRole('button', { name: 'Import 145 projects' }).click();
    await page.getByRole('heading', { name: '145 projects are imported.' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a prediction tells its interval, its reasons and the like of it, and moves with the sliders', async () => {
    await api('POST', '/insight/train', {}, 200);
    const { page, complaints } = await web.open(`/t/tenant-a/projects/${open}?tab=prediction`, lead);
    await page.getByRole('button', { name: 'Predict now' }).click();
    await page
      .getByText(/80 % interval/)
      .first()
      .waitFor();
    await page.getByText(/^Confidence \d+ %$/).hover();
    await page.getByRole('tooltip', { name: /^How much narrower the intervals are/ }).waitFor();
    await page.getByRole('heading', { name: 'What makes the difference' }).waitFor();
    await page.getByRole('heading', { name: 'The finished projects most like it' }).waitFor();
    const reasons = page.getByRole('region', { name: 'What makes the difference' });
    const { contributions } = await api<{ contributions: { duration_days: { label: string; text: string }[] } }>(
      'POST',
      `/projects/${open}/predict`,
      {},
      200,
    );
    for (const { label, text } of contributions.duration_days)
      await reasons.getByRole('row').filter({ hasText: label }).getByText(text, { exact: true }).waitFor();
    const slider = page.getByRole('slider', { name: 'People in the team' });
    await slider.focus();
    for (let step = 0; step < 6; step++) await page.keyboard.press('ArrowRight');
    await page.getByText('People in the team: 10').waitFor();
    await page.waitForURL(/people=10/);
    await page.reload();
    await page.getByText('People in the team: 10').waitFor();
    await page.getByRole('button', { name: 'Back to what it is' }).click();
    await page.getByText('People in the team: 4').waitFor();
    await page.waitForURL((url) => !url.search.includes('people'));
    // What the history goes by, besides.
    const estimate = page.getByRole('slider', { name: 'estimated duration days' });
    await estimate.press('End');
    await page.getByText('estimated duration days: 200').waitFor();
    await page.waitForURL((url) => url.searchParams.get('set') === '{"estimated_duration_days":200}');
    const longer = page.getByText(/^\+\d[\d.]* days$/);
    await longer.waitFor();
    await page.reload();
    await page.getByText('estimated duration days: 200').waitFor();
    await longer.waitFor();
    await page.getByRole('tab', { name: 'Team' }).click();
    await page.waitForURL((url) => !url.searchParams.has('set'));
    await page.goBack();

    // What an address changes has a slider, foretold or not, and of what has none nothing is asked.
    const size = { name: 'Small', metadata: { afp: 50, house: 'a' } };
    const small = await api<{ project_id: string }>('POST', '/projects', size, 201);
    const asked: unknown[] = [];
    await page.route('**/api/v1/predictions', async (route) => {
      if (route.request().method() === 'POST') asked.push(route.request().postDataJSON().metadata);
      await route.continue();
    });
    const set = { afp: 80, house: 3, beyond: 7, constructor: 1 };
    await page.goto(
      `${web.origin}/t/tenant-a/projects/${small.project_id}?tab=prediction&set=${encodeURIComponent(JSON.stringify(set))}`,
    );
    await page.getByText('afp: 80').waitFor();
    await page.getByText(/^[+−-]\d[\d.]* days$/).waitFor();
    expect(asked).toEqual([{ afp: 80 }]);
    await expect.poll(() => page.getByRole('slider').count()).toBe(3);

    // What a slider reaches its address keeps, and of what no project has nothing is asked.
    const large = { name: 'Large', team_size: 20_000 };
    const { project_id } = await api<{ project_id: string }>('POST', '/projects', large, 201);
    await page.goto(`${web.origin}/t/tenant-a/projects/${project_id}?tab=prediction&people=2.5&complexity=2.5`);
    await page.getByText('People in the team: 20000').waitFor();
    await page.getByText('Complexity: 50').waitFor();
    await slider.press('End');
    await page.waitForURL(/people=40000/);
    await page.reload();
    await page.getByText('People in the team: 40000').waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `predictions are kept, and told what became of them once the project ends, in ${scheme} at %i px`,
      async (width) => {
        const json = { name: `Ends in ${scheme}`, problem_class: 'P', start_date: '2026-09-01' };
        const { project_id } = await api<{ project_id: string }>('POST', '/projects', json, 201);
        for (const _ of [1, 2]) await api('POST', `/projects/${project_id}/predict`, {}, 200);
        const { page, complaints } = await web.open(`/t/tenant-a/projects/${project_id}?tab=prediction`, lead, {
          scheme,
          width,
        });
        const kept = page.getByRole('region', { name: 'Predictions that were kept' });
        await kept.getByRole('row').nth(2).waitFor();
        await page.getByRole('button', { name: 'Record the outcome' }).click();
        await page.getByRole('dialog').getByLabel('Last day').fill('2036-09-01');
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        await kept.getByText('It became 3,650.').first().waitFor();
        await page.getByText('The interval did not hold it.').waitFor();
        await expect.poll(() => kept.getByText('It became 3,650.').count()).toBe(2);
        expect(await barriersOn(page)).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );

    test.each([widthOf[scheme]])(
      `DORA’s four keys say what they are to pointer and keyboard, in ${scheme} at %i px`,
      async (width) => {
        const address = `/t/tenant-a/projects/${open}?tab=process&days=365`;
        const { page, complaints } = await web.open(address, lead, { scheme, width });
        const keys = page.getByRole('region', { name: 'Deliveries: DORA’s four keys' });
        const figures = keys.locator('dt [tabindex="0"]');
        const said = page.getByRole('tooltip');
        await page.getByText('Deployments a week', { exact: true }).hover();
        const cue = `getComputedStyle(document.querySelector('dt [tabindex="0"]')).textDecorationLine`;
        expect(await page.evaluate(cue)).toBe('underline');
        await said.filter({ hasText: 'How often the project is deployed' }).waitFor();
        await page.mouse.move(0, 0);
        for (const [place, text] of [/until it was deployed/, /rolled back/, /until it was resolved/].entries()) {
          if (place === 0) await figures.nth(1).focus();
          else await page.keyboard.press('Tab');
          await said.filter({ hasText: text }).waitFor();
        }
        expect(await barriersOn(page)).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );
  }

  test('what is pressed on a project while its page is being left is none of the next page’s', async () => {
    const { page, complaints } = await web.open(`/t/tenant-a/projects/${open}?tab=prediction&people=7`, lead);
    // Of the tabs only what is thought of the project otherwise is left behind.
    await page.getByRole('tab', { name: 'Process' }).click();
    await page.waitForURL((url) => url.search === '?tab=process');
    await page.getByText('A year', { exact: true }).click();
    await page.waitForURL(/days=365/);
    await page.getByRole('tab', { name: 'Team' }).click();
    await page.waitForURL(({ search }) => ['tab=team', 'days=365'].every((member) => search.includes(member)));
    const held = await holdBack(page, '**/projects_page-*.js');
    await page.evaluate(`(async () => {
      const pressed = (role, name) => [...document.querySelectorAll(role)].find((node) => node.textContent === name);
      const tab = pressed('[role=tab]', 'Artifacts');
      pressed('nav a', 'Projects').click();
      await new Promise(requestAnimationFrame);
      tab.click();
    })()`);
    await held.letGo();
    await expect.poll(() => page.url()).toBe(`${web.origin}/t/tenant-a/projects`);
    await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor();
    expect(page.url()).toBe(`${web.origin}/t/tenant-a/projects`);
    expect(complaints).toEqual([]);
  });

  test('somebody joins the team, and leaving it is undone', async () => {
    const { page } = await web.open(`/t/tenant-a/projects/${open}?tab=team`, lead);
    await page.getByRole('button', { name: 'Add somebody' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Ada Lovelace');
    await dialog.getByLabel('Role').fill('data scientist');
    await dialog.getByRole('button', { name: 'Add somebody' }).click();
    await page.getByRole('button', { name: 'Remove: Ada Lovelace' }).click();
    await page.getByText('Nobody is recorded here yet.').waitFor();
    // From another tab as well, by its key, in a field where nothing can be typed.
    await page.getByRole('tab', { name: 'Process' }).click();
    await page.getByRole('combobox', { name: 'Metric' }).press('Control+z');
    await page.getByRole('tab', { name: 'Team' }).click();
    await page.getByRole('cell', { name: 'Ada Lovelace', exact: true }).waitFor();
  });

  test('who works with whom is drawn without names, over days that stand in the address', async () => {
    const at = new Date(Date.now() - 200 * 86_400_000).toISOString();
    const commits = ['ada', 'bob', 'cem', 'dee', 'eve'].map((name, place) => ({
      sha: String(place + 1).padStart(40, '0'),
      name,
      email: `${name}@example.org`,
      authored_at: at,
      committed_at: at,
      additions: 1,
      deletions: 0,
      files: 1,
      is_merge: false,
      changes: [['C', name === 'dee' || name === 'eve' ? 'docs.md' : 'train.py']],
    }));
    await api('POST', `/projects/${open}/code/commits`, { repository: 'r', commits }, 200);
    const { page, complaints } = await web.open(`/t/tenant-a/projects/${open}?tab=process`, lead);
    await page.getByText('Of fewer than three people').first().waitFor();
    await page.getByText('A year', { exact: true }).click();
    await page.waitForURL(/days=365/);
    await page.reload();
    const graph = page.getByRole('figure', { name: 'Who works with whom' });
    await graph.getByRole('img', { name: '5 people and 4 ties between them' }).locator('canvas').waitFor();
    await graph.getByRole('button', { name: 'Show as table' }).click();
    const first = graph.getByRole('row', { name: 'Person 1' });
    await expect.poll(() => first.getByRole('cell').textContent()).toBe('2, 3');
    expect(await page.getByText(/ada|bob/).count()).toBe(0);
    const velocity = page.getByRole('img', { name: 'git_velocity: Sum by month · commits' });
    await velocity.waitFor();
    const months = await velocity.locator('title').allTextContents();
    // What the axis says: the greatest and zero, the first month and the last one.
    const said = await velocity.locator('xpath=..').locator('span').allTextContents();
    expect(said).toEqual(['5', '0', months[0]?.slice(0, 10), months.at(-1)?.slice(0, 10)]);
    expect(months.length).toBeGreaterThan(1);
    await api('POST', '/metrics', { project_id: open, metric_type: 'z.alone', value: 2.5 }, 200);
    await page.goto(`${web.origin}/t/tenant-a/projects/${open}?tab=process&days=30&measure=z.alone&bucket=month`);
    const alone = page.getByRole('img', { name: 'z.alone: Mean by month' });
    await alone.waitFor();
    const { width: whole } = (await alone.boundingBox()) ?? { width: 0 };
    const { width } = (await alone.locator('rect').last().boundingBox()) ?? { width: whole };
    expect(width).toBeLessThan(whole * 0.07);
    await page.goto(`${web.origin}/t/tenant-a/projects/${open}?tab=process&days=365`);
    await page.getByText('month', { exact: true }).click();
    await page.getByText('week', { exact: true }).click();
    await page.waitForURL(/bucket=week/);
    expect(complaints).toEqual([]);
  });

  test('what was learned shows its errors, its calibration, what it looks at and what has drifted since', async () => {
    for (let number = 0; number < 20; number += 1) {
      const json = { name: `Newer ${number}`, problem_class: '<i>unheard</i>', start_date: '2026-11-01' };
      await api('POST', '/projects', json, 201);
    }
    const { page, complaints } = await web.open('/t/tenant-a/insight?outcome=duration_days', lead);
    await page.getByText('Better than guessing').waitFor();
    await page.getByText('Intervals that held').waitFor();
    await page.getByRole('heading', { name: 'What it looks at' }).waitFor();
    await page.getByText(/^These have: .*problem class/i).waitFor();
    await page.getByRole('region', { name: 'Versions' }).getByRole('row').nth(1).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('columnheader', { name: 'Promised' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'is without barriers and fits its window in %s at %i px',
    async (scheme, width) => {
      const tabs = ['work', 'prediction', 'process&days=365', 'team', 'artifacts'].map(
        (tab) => `projects/${open}?tab=${tab}`,
      );
      const paths = ['projects', 'import', 'insight?outcome=duration_days', ...tabs];
      await web.inspect(
        paths.map((path) => `/t/tenant-a/${path}`),
        lead,
        { scheme, width },
      );
    },
    90_000,
  );
});
