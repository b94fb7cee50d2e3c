import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { barriersOn, expectFaultless, type Interface, overflows, startInterface } from './interface.ts';
import { experimentsOf } from './seeded_runs.ts';

let web: Interface;
beforeAll(async () => {
  web = await startInterface();
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const member = (tenant = 'tenant-a') => web.people.make({ tenant, role: 'data_scientist' });

describe('the frame of the interface', () => {
  test('somebody who is not signed in signs in, and comes to the address they opened', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/t/tenant-a/experiments?q=Def');
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('a wrong one');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor();
    expect(page.url()).toBe(`${web.origin}/t/tenant-a/experiments?q=Def`);
    await page.getByText('Default').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a session that ends is opened anew in front of the page, and nothing typed is lost', async () => {
    const person = await member();
    const { page } = await web.open('/t/tenant-a/experiments', person);
    await page.getByText('Default').waitFor();
    await page.context().clearCookies();
    await page.getByLabel('Search by name').fill('Defa');
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('E-mail address').fill(person.email);
    await dialog.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.getByLabel('Search by name').inputValue()).toBe('Defa');
    await page.getByText('Default').waitFor();

    // In the middle of a form: it is sent once its person is back.
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('begun before the session ended');
    await page.context().clearCookies();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await expectFaultless(page);
    await dialog.getByLabel('E-mail address').fill(person.email);
    await dialog.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'begun before the session ended', level: 1 }).waitFor();
  });

  test('what waits for a session that ended is never sent as another person, who signs in in the same browser', async () => {
    const [first, second] = [await member(), await member()];
    const { page } = await web.open('/t/tenant-a/experiments', first);
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('of-the-first');
    await page.context().clearCookies();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();

    const { page: beside } = await web.openIn(page.context(), '/sign-in');
    await beside.getByLabel('E-mail address').fill(second.email);
    await beside.getByLabel('Password', { exact: true }).fill(second.password);
    await beside.keyboard.press('Enter');
    await beside.getByRole('button', { name: 'Your account' }).waitFor();

    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByText('Default').waitFor();
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByText(second.email).waitFor();
    expect(await experimentsOf(web.maestro, 'a')).not.toContain('of-the-first');
  });

  test('what is sent before a tab hears that another person has signed in is not done as that person', async () => {
    const [first, second] = [await member('tenant-b'), await member('tenant-b')];
    const { page } = await web.open('/t/tenant-b/experiments', first);
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('of-the-first-alone');
    // By no page, which would tell the others.
    const signedIn = await page.context().request.post(`${web.origin}/api/v1/auth/login`, {
      data: { email: second.email, password: second.password, cookie: true },
      headers: { origin: web.origin },
    });
    expect(signedIn.status()).toBe(200);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('E-mail address').fill(second.email);
    await dialog.getByLabel('Password', { exact: true }).fill(second.password);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'New experiment' }).waitFor({ state: 'hidden' });
    await page.getByText('Default').waitFor();
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByText(second.email).waitFor();
    expect(await experimentsOf(web.maestro, 'b')).not.toContain('of-the-first-alone');
  });

  test('signing out ends the session in all tabs, and goes through where it had ended by itself', async () => {
    const { page } = await web.open('/t/tenant-a/experiments', await member());
    const { page: beside } = await web.openIn(page.context(), '/t/tenant-a/experiments');
    await beside.getByText('Default').waitFor();
    await page.getByText('Default').waitFor();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    for (const tab of [page, beside]) await tab.getByRole('heading', { name: 'Sign in to Maestro' }).waitFor();
  });

  test('a link of MLflow’s client leads to the experiment', async () => {
    const { page } = await web.open('/#/experiments/0', await member());
    await page.waitForURL(`${web.origin}/t/tenant-a/experiments/0`);
  });

  test('the menu of a narrow window is behind a button, out of the way of keys too, and gone once it has led to a page', async () => {
    const { page } = await web.open('/t/tenant-b/experiments', await member('tenant-b'), { width: 390 });
    await page.getByText('Default').waitFor();
    const menu = page.getByRole('navigation', { name: 'Pages' });
    expect(await menu.count()).toBe(0);
    await page.getByRole('button', { name: 'Open or close the menu' }).press('Enter');
    await menu.getByRole('link', { name: 'Projects' }).press('Enter');
    await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await menu.waitFor({ state: 'hidden' });
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([1280, 390])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        const person = await member();
        for (const [path, as] of [['/sign-in'], ['/t/tenant-a/experiments', person]] as const) {
          const { page, complaints } = await web.open(path, as, { scheme, width });
          await page.getByRole('heading', { level: 1 }).waitFor();
          expect(await barriersOn(page)).toEqual([]);
          expect(await overflows(page)).toBe(false);
          expect(complaints).toEqual([]);
        }
      },
      90_000,
    );
  }
});
