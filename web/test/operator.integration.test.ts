import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type Person } from '../../server/test/enrolment.ts';
import {
  expectFaultless,
  goByMenu,
  type Interface,
  lookAtDialogs,
  notice,
  press,
  startInterface,
  widthOf,
} from './interface.ts';

let web: Interface;
let operator: Person;
beforeAll(async () => {
  web = await startInterface();
  operator = await web.people.make();
  const path = `/api/v1/users/${operator.id}`;
  bodyOf(await web.maestro.send('PATCH', path, { as: web.maestro.operatorKey, json: { is_operator: true } }));
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const ask = (path: string) => web.maestro.send('GET', `/api/v1${path}`, { as: web.maestro.operatorKey });

describe('tenants', () => {
  test('one is made, gets limits, is suspended and by Undo open again, and deleted once its name is typed', async () => {
    const { page, complaints } = await web.open('/operator/tenants', operator);
    await press(page, 'Make a tenant');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Short name').fill('made-here');
    await dialog.getByLabel('Name', { exact: true }).fill('Made here');
    await dialog.getByRole('button', { name: 'Make a tenant' }).click();
    await notice(page, 'The tenant made-here is made').waitFor();
    await page.getByLabel('Search by name').fill('made');
    await press(page, 'Limits of made-here');
    await dialog.getByLabel('Members at most').fill('7');
    await dialog.getByLabel('Storage at most (GB)').fill('1.5');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await notice(page, 'The limits of made-here are saved').waitFor();
    const read = async () => bodyOf<Record<string, unknown>>(await ask('/tenants/made-here'));
    expect(await read()).toMatchObject({ max_users: 7, max_storage_bytes: 1_500_000_000 });
    await press(page, 'Suspend made-here');
    await notice(page, 'made-here is suspended').waitFor();
    expect(await read()).toMatchObject({ is_active: false });
    await press(page, 'Undo');
    await expect.poll(async () => (await read()).is_active).toBe(true);
    await press(page, 'Delete made-here');
    await dialog.getByRole('textbox').fill('made-here');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No tenant has this name.').waitFor();
    expect((await ask('/tenants/made-here')).status).toBe(404);
    expect(complaints).toEqual([]);
  });

  test('in its danger zone, an operator who administers it deletes it, once its name is typed', async () => {
    const made = { slug: 'given-up', name: '<b>Given up</b>' };
    bodyOf(await web.maestro.send('POST', '/api/v1/tenants', { as: web.maestro.operatorKey, json: made }), 201);
    const person = await web.people.make({ tenant: 'given-up', role: 'tenant_admin' });
    const change = { as: web.maestro.operatorKey, json: { is_operator: true } };
    bodyOf(await web.maestro.send('PATCH', `/api/v1/users/${person.id}`, change));
    const { page, complaints } = await web.open('/t/given-up/settings/danger', person);
    await press(page, 'Delete this tenant');
    const dialog = page.getByRole('dialog', { name: 'Delete given-up for good?' });
    const button = dialog.getByRole('button', { name: 'Delete this tenant' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('given-u');
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('given-up');
    await expectFaultless(page);
    await button.click();
    await page.waitForURL((url) => !url.pathname.startsWith('/t/given-up'));
    expect((await ask('/tenants/given-up')).status).toBe(404);
    expect(complaints).toEqual([]);
  });

  test('an operator goes into one with a reason, is told so on every page until leaving, and the tenant reads it', async () => {
    const { page, complaints } = await web.open('/operator/tenants', operator);
    await press(page, 'Enter tenant-b');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Enter' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Why').fill('ticket 4711: <b>runs are missing</b>');
    await dialog.getByRole('button', { name: 'Enter' }).click();
    await page.waitForURL(`${web.origin}/t/tenant-b`);
    const banner = page.getByRole('complementary', { name: 'Stay as an operator' });
    await banner.getByText('You are in tenant-b as an operator, with the role viewer.').waitFor();
    await banner.getByText('ticket 4711: <b>runs are missing</b>').waitFor();
    await banner.getByText(/in 1[45] minutes/).waitFor();
    await page.goto(`${web.origin}/t/tenant-b/experiments`);
    await page.getByText('Default').waitFor();
    await banner.waitFor();
    await expectFaultless(page);
    // However far one scrolls, on a narrow screen too.
    await page.goto(`${web.origin}/t/tenant-b/settings/access`);
    await page.getByRole('row').nth(5).waitFor();
    await page.setViewportSize({ width: 390, height: 400 });
    await page.keyboard.press('End');
    await page.waitForFunction('scrollY > 0');
    const place = await banner.boundingBox();
    expect(place?.y).toBeGreaterThanOrEqual(0);
    expect(place?.y).toBeLessThan(100);
    await banner.getByRole('button', { name: 'Leave' }).click();
    await page.waitForURL(`${web.origin}/operator/tenants`);
    await page.getByRole('heading', { name: 'Tenants' }).waitFor();
    expect(await banner.count()).toBe(0);
    const administrator = await web.people.make({ tenant: 'tenant-b', role: 'tenant_admin' });
    const as = await web.people.session(administrator);
    const log = await web.maestro.send('GET', '/api/v1/audit?action=operator.switch', { as });
    expect(bodyOf<{ items: { detail: object }[] }>(log).items.map(({ detail }) => detail)).toMatchObject([
      { switched: true },
      { role: 'viewer', reason: 'ticket 4711: <b>runs are missing</b>' },
    ]);
    expect(complaints).toEqual([]);
  });
});

describe('users, health, keys and the audit of operators', () => {
  test('a user is made with a first password that is shown once, closed, and by Undo open again', async () => {
    const { page, complaints } = await web.open('/operator/users', operator);
    await press(page, 'Make a user');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('made.here@example.com');
    await dialog.getByLabel('Mail them an invitation').click();
    await dialog.getByRole('button', { name: 'Make a user' }).click();
    const password = (await dialog.locator('pre').textContent())?.trim() as string;
    await dialog.getByRole('button', { name: 'Done' }).click();
    const signIn = async () =>
      (await web.people.post('/auth/login', { email: 'made.here@example.com', password })).status;
    expect(await signIn()).toBe(200);
    await page.getByLabel('Search by name or address').fill('made.here');
    await press(page, 'What can be done with made.here@example.com');
    await page.getByRole('menuitem', { name: 'Close' }).click();
    await notice(page, 'is closed').waitFor();
    expect(await signIn()).toBe(401);
    await press(page, 'Undo');
    await expect.poll(signIn).toBe(200);
    expect(complaints).toEqual([]);
  });

  test('health says what the database, the secrets and the jobs do, and which deletions there were', async () => {
    const { id } = await web.people.make();
    await web.maestro.send('DELETE', `/api/v1/users/${id}`, { as: web.maestro.operatorKey });
    const { page, complaints } = await web.open('/operator/health', operator);
    await page.getByText(/^\d+ busy, \d+ idle, \d+ waited for$/).waitFor();
    await page.getByRole('cell', { name: 'Person' }).first().waitFor();
    await page.getByText('No operator is in a tenant.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a new key signs tokens, and the operators’ audit says who made it', async () => {
    const { page, complaints } = await web.open('/operator/keys', operator);
    const keys = page.getByRole('region', { name: 'Key', exact: true }).getByRole('row');
    await page.getByText('signs now').waitFor();
    const before = await keys.count();
    await press(page, 'Make a new key sign');
    await notice(page, 'A new key signs from now on').waitFor();
    await expect.poll(() => keys.count()).toBe(before + 1);
    await goByMenu(page, 'Operators’ audit');
    await page.getByLabel('Search the audit log').fill(`actor:${operator.email} action:signing_key`);
    await page.keyboard.press('Enter');
    await page.getByRole('row').filter({ hasText: operator.email }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('are for operators alone', async () => {
    const person = await web.people.make({ tenant: 'tenant-a', role: 'tenant_admin' });
    for (const name of ['tenants', 'users', 'health', 'keys', 'audit']) {
      const { page } = await web.open(`/operator/${name}`, person);
      await page.getByText('Only operators may see this').waitFor();
      await page.close();
    }
  });

  test('dialogs are without barriers and fit their window in both themes and at both widths', async () => {
    const { page, complaints } = await web.open('/operator/tenants', operator);
    await lookAtDialogs(page, ['Make a tenant', 'Limits of tenant-a', 'Enter tenant-a', 'Delete tenant-a']);
    await page.goto(`${web.origin}/operator/users`);
    await lookAtDialogs(page, ['Make a user']);
    await page.goto(`${web.origin}/operator/keys`);
    await lookAtDialogs(page, ['Withdraw all keys']);
    expect(complaints).toEqual([]);
  }, 120_000);

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `are without barriers and fit their window in ${scheme} at %i px`,
      async (width) => {
        const paths = ['tenants', 'users', 'health', 'keys', 'audit'].map((name) => `/operator/${name}`);
        await web.inspect(paths, operator, { scheme, width });
      },
      240_000,
    );
  }
});
