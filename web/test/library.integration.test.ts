import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type Person } from '../../server/test/enrolment.ts';
import { downloadOf, dropOn, holdBack, type Interface, press, startInterface } from './interface.ts';
import { runWorldOf } from './run_world.ts';

let web: Interface;
let scientist: Person;
let churn: string;
const hostile = '<img src=x onerror=alert(1)>"\'}{{7*7}}';

const post = async <Body>(path: string, json: unknown, status = 201): Promise<Body> =>
  bodyOf<Body>(
    await web.maestro.send('POST', `/api/v1${path}`, { as: web.maestro.tenants.a.keys.tenant_admin, json }),
    status,
  );

beforeAll(async () => {
  web = await startInterface();
  scientist = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
  const made = await post<{ artifact_id: string }>('/artifacts', {
    name: 'Churn features',
    type: 'feature_pipeline',
    description: 'Recency, frequency and value of each customer.',
    tags: ['telecom', 'churn'],
  });
  churn = made.artifact_id;
  await post('/artifacts', { name: hostile, type: 'notebook', description: hostile, tags: [hostile.slice(0, 30)] });
  for (const name of ['Churn 2027', 'Pricing']) await post('/projects', { name, problem_class: 'classification' });
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('the library', () => {
  test('a misspelt word finds an artifact, and the address shows the same again', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/library', scientist);
    await page.getByRole('searchbox').fill('chrun faetures');
    await page.getByRole('link', { name: 'Churn features' }).waitFor();
    await page.waitForURL(/q=chrun/);
    await page.reload();
    await page.getByRole('link', { name: 'Churn features' }).click();
    await heading(page, 'Churn features');
    expect(complaints).toEqual([]);
  });

  test('the palette goes to what is found by its name, and says where nothing is', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/library', scientist);
    await heading(page, 'Library');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('textbox', { name: 'Search or jump to …' });
    const held = await holdBack(page, '**/api/v1/projects?*');
    await field.fill('zzqqzz');
    await page.getByRole('dialog').getByText('Loading …').waitFor();
    await held.letGo();
    await page.getByText('Nothing is found by that name').waitFor();
    await field.fill('Defau');
    await page.getByRole('dialog').getByText('Default', { exact: true }).waitFor();
    await field.fill('chrun');
    await page
      .getByRole('option', { name: 'Churn features' })
      .or(page.getByRole('button', { name: 'Churn features' }))
      .waitFor();
    await page.getByRole('dialog').getByText('Churn 2027').waitFor();
    // What is typed further is taken, and not what went with the words before.
    await field.fill('Churn f');
    await field.press('Enter');
    await heading(page, 'Churn features');
    await page.keyboard.press('Control+k');
    // Of settings the pages that one may see.
    await field.fill('webh');
    await page.getByRole('dialog').getByText('Webhooks', { exact: true }).waitFor();
    await field.fill('danger zo');
    await page.getByText('Nothing is found by that name').waitFor();
    await field.fill('sessions');
    await page.getByRole('dialog').getByText('Sessions', { exact: true }).waitFor();
    await field.fill('Churn');
    await page.getByRole('dialog').getByText('Churn 2027').click();
    await heading(page, 'Churn 2027');

    // Of what one kind cannot be searched for the others tell all the same.
    await page.route('**/api/v1/projects?*', (route) => route.abort());
    await page.keyboard.press('Control+k');
    await field.fill('churn ');
    await page.getByRole('dialog').getByText('Churn features').waitFor();
    await page.getByRole('dialog').getByText('Not searched: try again').waitFor();
    await page.unroute('**/api/v1/projects?*');
    await page.getByRole('dialog').getByText('Not searched: try again').click();
    await page.getByRole('dialog').getByText('Churn 2027').click();
    await heading(page, 'Churn 2027');
    expect(complaints.filter((text) => !text.includes('ERR_FAILED'))).toEqual([]);
  });

  test('the palette finds what somebody was granted, and nothing else', async () => {
    await post('/roles', { name: 'outsider', permissions: ['role:read'], inherits: [] });
    const outsider = await web.people.make({ tenant: 'tenant-a', role: 'outsider' });
    const { project_id } = await post<{ project_id: string }>('/projects', { name: 'Granted churn' });
    const resource = { kind: 'project', id: project_id };
    await post('/grants', { subject: { kind: 'user', id: outsider.id }, resource, permissions: ['project:read'] });
    const { page, complaints } = await web.open('/t/tenant-a/settings', outsider);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    const field = page.getByRole('textbox', { name: 'Search or jump to …' });
    const dialog = page.getByRole('dialog');
    await field.fill('churn');
    await dialog.getByText('Granted churn').waitFor();
    expect(await dialog.getByText(/churn/i).allTextContents()).toEqual(['Granted churn']);
    expect(complaints).toEqual([]);
    // Where it cannot be told what that is, it is not said that there is nothing.
    const rights = '**/api/v1/access/why';
    await page.route(rights, (route) => route.fulfill({ status: 500 }));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await field.fill('churn');
    await dialog.getByText('Not searched: try again').first().waitFor();
    await page.unroute(rights);
    await dialog.getByText('Not searched: try again').first().click();
    await dialog.getByText('Granted churn').waitFor();
    expect(await dialog.getByText('Not searched').count()).toBe(0);
  });

  test('facets narrow what is found, and stand in the address', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/library', scientist);
    const links = () => page.getByRole('main').getByRole('link', { name: /Churn features|<img/ });
    await expect.poll(() => links().count()).toBe(2);
    await page.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'notebook' }).click();
    await page.waitForURL(/type=notebook/);
    await expect.poll(() => links().allTextContents()).toEqual([hostile]);
    await page.getByRole('combobox', { name: 'Type' }).fill('');
    await page.getByRole('combobox', { name: 'Tags' }).fill('telecom');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tags=/);
    await expect.poll(() => links().allTextContents()).toEqual(['Churn features']);
    await page.reload();
    await expect.poll(() => links().allTextContents()).toEqual(['Churn features']);
    await page.getByRole('textbox', { name: 'Impact of at least' }).fill('99');
    await page.getByText('Nothing matches').waitFor();
    expect(complaints).toEqual([]);
  });

  test('what nothing matches is said, and what is hostile stays text', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/library?q=zzzqqq', scientist);
    await page.getByText('Nothing matches').waitFor();
    await page.goto(`${web.origin}/t/tenant-a/library`);
    await page.getByRole('link', { name: hostile }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('an artifact is added with a file, which comes down again byte by byte', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/library', scientist);
    await page.getByRole('button', { name: 'Add an artifact' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Scaler');
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, place) => place % 251));
    await dropOn(dialog.getByText('Drop a file here, or choose one'), 'scaler.pkl', content);
    await dialog.getByRole('button', { name: 'Add an artifact' }).click();
    await heading(page, 'Scaler');
    await page.getByText('300 kB').waitFor();
    const saved = await downloadOf(page, () => press(page, 'Download 1'));
    expect(saved.name).toBe('scaler.pkl');
    expect(saved.content.equals(content)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('it is used in a project by two clicks, and the lineage shows it as graph and table', async () => {
    await post(`/artifacts/${churn}/versions`, { version: '1.0.0', storage_path: 's3://elsewhere/churn' });
    const { page, complaints } = await web.open(`/t/tenant-a/library/${churn}?tab=usages`, scientist);
    await page.getByText('No project uses it yet.').waitFor();
    await page.getByRole('button', { name: 'Use in a project' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Pricing/ })
      .click();
    await page.getByText('Pricing uses it now.').waitFor();
    await page.getByRole('link', { name: 'Pricing' }).waitFor();
    // Who may read members sees who said it; nobody else sees an id.
    const headsOf = async (seen: Page) => {
      const heads = await seen.getByRole('columnheader').allTextContents();
      expect(await seen.getByRole('row').nth(1).getByRole('cell').count()).toBe(heads.length);
      return heads;
    };
    expect(await headsOf(page)).toEqual(['Project', 'Version', 'Used since', 'Its share of the success']);
    const admin = await web.people.make({ tenant: 'tenant-a', role: 'tenant_admin' });
    const { page: other } = await web.open(`/t/tenant-a/library/${churn}?tab=usages`, admin);
    await other.getByRole('cell', { name: scientist.email, exact: true }).waitFor();
    expect(await headsOf(other)).toEqual(['Project', 'Version', 'Used since', 'Said by', 'Its share of the success']);
    await page.getByRole('tab', { name: 'Lineage' }).click();
    await page.locator('.react-flow__node').filter({ hasText: 'Pricing' }).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('cell', { name: '1.0.0' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the lineage of a run’s file leads by links from its project over experiment and run to whoever uses it', async () => {
    const world = runWorldOf(web);
    const run = await world.run('scaled');
    await world.file(run, 'scales.bin', 'scales');
    const project = async (name: string) => (await post<{ project_id: string }>('/projects', { name })).project_id;
    const [from, user] = [await project('Demand'), await project('Supply')];
    await world.native('PUT', `/projects/${from}/experiments/0`);
    const source = { run_id: run, path: 'scales.bin' };
    const { artifact } = await world.native<{ artifact: { artifact_id: string } }>('POST', '/artifacts/promote', {
      ...source,
      name: 'Scales',
      type: 'schema',
    });
    await world.native('POST', `/artifacts/${artifact.artifact_id}/use`, { project_id: user });
    const { page, complaints } = await web.open(`/t/tenant-a/library/${artifact.artifact_id}?tab=lineage`, scientist);
    for (const name of ['Demand', 'Default', 'scaled', 'Supply'])
      await page.locator('.react-flow__node').filter({ hasText: name }).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    const line = page.getByRole('region', { name: 'Lineage' }).getByRole('row').nth(1);
    expect(await line.getByRole('link').allTextContents()).toEqual(['Demand', 'Default', 'scaled', 'Supply']);
    await line.getByRole('link', { name: 'Demand' }).click();
    await heading(page, 'Demand');
    await page.goBack();
    // By its key: the graph is drawn where it fits once its size is known, under a pointer that is already on its way.
    await page.locator('.react-flow__node').getByRole('link', { name: 'Supply' }).press('Enter');
    await heading(page, 'Supply');
    expect(complaints).toEqual([]);
  });

  test('deprecating is undone by one click', async () => {
    const { page } = await web.open(`/t/tenant-a/library/${churn}`, scientist);
    await page.getByRole('button', { name: 'Deprecate' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Deprecate' }).waitFor();
    const { body } = await web.maestro.send('GET', `/api/v1/artifacts/${churn}`, {
      as: web.maestro.tenants.a.keys.viewer,
    });
    expect(body).toMatchObject({ is_active: true });
  });

  test('a viewer is offered nothing that they may not do', async () => {
    const viewer = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
    const { page } = await web.open(`/t/tenant-a/library/${churn}`, viewer);
    await heading(page, 'Churn features');
    await page.getByText('1.0.0').waitFor();
    expect(await page.getByRole('button', { name: /Use in|Edit|Deprecate|Upload/ }).count()).toBe(0);
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'is without barriers and fits its window in %s at %i px',
    async (scheme, width) => {
      const paths = ['', `/${churn}`, `/${churn}?tab=lineage`, `/${churn}?tab=usages`];
      await web.inspect(
        paths.map((path) => `/t/tenant-a/library${path}`),
        scientist,
        { scheme, width },
      );
    },
    90_000,
  );
});
