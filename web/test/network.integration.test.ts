import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type Person } from '../../server/test/enrolment.ts';
import { barriersOn, goByMenu, type Interface, overflows, startInterface } from './interface.ts';
import { names, openTable, scrollTo } from './runs_page.ts';
import { callerOf, experimentsOf, seedRuns } from './seeded_runs.ts';

let web: Interface;
let person: Person;
beforeAll(async () => {
  web = await startInterface();
  const { a, b } = web.maestro.tenants;
  person = await web.people.make({ tenant: a.slug, role: 'ml_engineer' });
  const place = { email: person.email, role: 'ml_engineer' };
  bodyOf(await web.maestro.send('POST', '/api/v1/members', { as: b.keys.tenant_admin, json: place }), 201);
  for (const { slug, keys } of [a, b]) {
    await callerOf(web.maestro, keys.ml_engineer)('POST', '/experiments', { name: `of-${slug}` });
  }
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const listOf = (tenant: string) => `/t/${tenant}/experiments`;
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const asked = '**/api/v1/experiments?*';

describe('two tenants in one browser', () => {
  test('stay apart: what a tab shows and sends is of the tenant in its address', async () => {
    const { page: first } = await web.open(listOf('tenant-a'), person);
    const { page: second } = await web.openIn(first.context(), listOf('tenant-b'));
    await link(first, 'of-tenant-a').waitFor();
    await link(second, 'of-tenant-b').waitFor();
    await first.getByRole('button', { name: 'New experiment' }).click();
    await first.getByRole('textbox', { name: 'Name' }).fill('made-in-a');
    await first.getByRole('button', { name: 'Create', exact: true }).click();
    await first.getByRole('heading', { name: 'made-in-a', level: 1 }).waitFor();
    await second.reload();
    await link(second, 'of-tenant-b').waitFor();
    expect(
      await second
        .locator('main')
        .getByText(/tenant-a|made-in-a/)
        .count(),
    ).toBe(0);
    expect([await experimentsOf(web.maestro, 'a'), await experimentsOf(web.maestro, 'b')]).toEqual([
      ['Default', 'made-in-a', 'of-tenant-a'],
      ['Default', 'of-tenant-b'],
    ]);
  });

  test('are gone between by typing, and back leads to the one before', async () => {
    const { page, complaints } = await web.open(listOf('tenant-a'), person, { scheme: 'dark', width: 390 });
    await link(page, 'of-tenant-a').waitFor();
    await page.getByRole('button', { name: 'Tenant: tenant-a' }).click();
    await page.getByRole('textbox', { name: 'Tenant' }).fill('-b');
    expect(await page.getByRole('option').allTextContents()).toEqual(['tenant-b']);
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${web.origin}/t/tenant-b`);
    await page.goBack();
    await link(page, 'of-tenant-a').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a page is gone to by keys alone, however early', async () => {
    const { page } = await web.open(listOf('tenant-a'), person);
    const held = Promise.withResolvers<void>();
    await page.route(/palette-.*js$/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.reload();
    await link(page, 'of-tenant-a').waitFor();
    // Before what answers to them is there.
    await page.keyboard.press('Control+K');
    held.resolve();
    await page.getByRole('textbox', { name: 'Search or jump to …' }).fill('libr');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${web.origin}/t/tenant-a/library`);
  });
});

test('of a tenant that is not there, or not theirs, nobody sees more than that there is nothing', async () => {
  const { page } = await web.open('/t/nobody/settings', person);
  await page.getByText('There is nothing here, or nothing that you may see.').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('an address that names something by what is no id says that there is nothing, and no pattern', async () => {
  const { page } = await web.open('/t/tenant-a/projects/mistyped', person);
  for (const path of ['projects/mistyped', 'library/mistyped', 'experiments/mistyped', 'runs/mistyped']) {
    await page.goto(`${web.origin}/t/tenant-a/${path}`);
    await page.getByText('There is nothing here, or nothing that you may see.').waitFor();
    expect([path, await page.getByRole('alert').count()]).toEqual([path, 0]);
  }
  const answer = await page.goto(`${web.origin}/nothing`);
  await page.getByText('There is nothing here, or nothing that you may see.').waitFor();
  expect([answer?.status(), await barriersOn(page)]).toEqual([404, []]);
});

describe('a network', () => {
  test('that is slow: the page says that it is loading until the answer is there', async () => {
    const { page } = await web.open('/t/tenant-a/library', person);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const held = Promise.withResolvers<void>();
    await page.route(asked, async (route) => {
      await held.promise;
      await route.continue();
    });
    await goByMenu(page, 'Experiments');
    await page.getByRole('status', { name: 'Loading …' }).waitFor();
    expect(await page.getByText('No experiment').count()).toBe(0);
    held.resolve();
    await link(page, 'of-tenant-a').waitFor();
    await page.getByRole('status', { name: 'Loading …' }).waitFor({ state: 'hidden' });
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'that fails: it is said, in %s at %i px, and asked again where somebody wishes',
    async (scheme, width) => {
      const { page, complaints } = await web.open('/t/tenant-a/library', person, { scheme, width });
      await page.getByRole('heading', { level: 1 }).waitFor();
      const problem = { type: 'about:blank', title: 'Broken', status: 500, code: 'internal', detail: 'It broke.' };
      await page.route(asked, (route) =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
      );
      await page.goto(`${web.origin}${listOf('tenant-a')}`);
      const trouble = page.getByRole('alert').filter({ hasText: 'Something went wrong' });
      await trouble.getByText('It broke.').waitFor();
      expect({ barriers: await barriersOn(page), isTooWide: await overflows(page) }).toEqual({
        barriers: [],
        isTooWide: false,
      });
      await page.unroute(asked);
      await trouble.getByRole('button', { name: 'Try again' }).click();
      await link(page, 'of-tenant-a').waitFor();
      expect(complaints).toEqual([]);
    },
  );

  test('that breaks an answer off: it is asked for again; a fault of the page itself is told at once', async () => {
    const breaking = createServer((_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      answer.write('{"items":', () => answer.destroy());
    }).listen(0, '127.0.0.1');
    await once(breaking, 'listening');
    try {
      const { page } = await web.open('/t/tenant-a/library', person);
      const sessions = '**/api/v1/auth/sessions?*';
      const url = `http://127.0.0.1:${(breaking.address() as AddressInfo).port}`;
      await page.route(sessions, (route) => route.continue({ url }), { times: 1 });
      const broken = page.waitForEvent('requestfailed');
      await page.goto(`${web.origin}/me/sessions`);
      await broken;
      await page.getByText('This one').waitFor();
      let asked = 0;
      await page.route(sessions, (route) => {
        asked += 1;
        return route.fulfill({ json: null });
      });
      await page.reload();
      await page.getByRole('alert').filter({ hasText: 'Something went wrong' }).waitFor();
      expect(asked).toBe(1);
    } finally {
      breaking.close();
    }
  });

  test('that is not there: what is sent is refused at once in words, and what was typed is still there to send', async () => {
    const { page } = await web.open(listOf('tenant-a'), person);
    await link(page, 'of-tenant-a').waitFor();
    await page.getByRole('button', { name: 'New experiment' }).click();
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.fill('made-when-back');
    await page.context().setOffline(true);
    try {
      await page.keyboard.press('Enter');
      await page.getByText('Maestro does not answer; try again.').waitFor();
      expect(await name.inputValue()).toBe('made-when-back');
    } finally {
      await page.context().setOffline(false);
    }
    await name.press('Enter');
    await page.getByRole('heading', { name: 'made-when-back', level: 1 }).waitFor();
  });

  test('that is not there while a page is open: what cannot be shown is said, and is there by itself once the network is', async () => {
    const { page } = await web.open('/t/tenant-a/library', person);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await goByMenu(page, 'Experiments');
    await link(page, 'of-tenant-a').waitFor();
    await page.context().setOffline(true);
    try {
      await page.getByLabel('Search by name').fill('of-');
      await page.getByText('Maestro does not answer; try again.').waitFor({ timeout: 20_000 });
    } finally {
      await page.context().setOffline(false);
    }
    await link(page, 'of-tenant-a').waitFor();
  });

  test('that is not there while a table of runs is open: that is said once, what is shown stays, and is new again by itself', async () => {
    const { experimentId } = await seedRuns(web.maestro, 'cut off');
    const { page } = await openTable(web, `${listOf('tenant-a')}/${experimentId}`, person, { width: 1600 });
    await scrollTo(page, 'loss');
    const alerts = page.getByRole('main').getByRole('alert');
    const cutOff = alerts.filter({ hasText: /No connection since .*; shown is what was there/ });
    const search = '**/api/v1/runs/search';
    let failed = 0;
    page.on('requestfailed', (call) => {
      if (call.url().endsWith('/runs/search')) failed += 1;
    });
    await page.context().setOffline(true);
    try {
      await cutOff.waitFor({ timeout: 20_000 });
      expect((await names(page))[0]).toBe('trial-39');
      await page.getByRole('button', { name: 'Sort by loss' }).click();
      // Four times before it is given up, and then again.
      const before = failed;
      await expect.poll(() => failed - before, { timeout: 30_000 }).toBeGreaterThanOrEqual(5);
      await cutOff.waitFor();
      expect([(await names(page))[0], await alerts.count()]).toEqual(['trial-39', 1]);
      expect(await barriersOn(page)).toEqual([]);
    } finally {
      await page.context().setOffline(false);
    }
    await expect.poll(async () => (await names(page))[0], { timeout: 20_000 }).not.toBe('trial-39');
    await cutOff.waitFor({ state: 'hidden' });

    const problem = { type: 'about:blank', title: 'Away', status: 503, code: 'unavailable', detail: 'Later.' };
    const away = { status: 503, contentType: 'application/problem+json', json: problem };
    await page.route(search, (route) => route.fulfill(away));
    const before = await names(page);
    await page.getByRole('button', { name: 'Load again' }).click();
    await cutOff.waitFor({ timeout: 20_000 });
    expect([await names(page), await alerts.count()]).toEqual([before, 1]);
    await page.unroute(search);
    await cutOff.getByRole('button', { name: 'Try again' }).click();
    await cutOff.waitFor({ state: 'hidden' });
  }, 90_000);

  test('that is not there for a page that was not opened before: it is said why, and the page comes when asked again', async () => {
    const { page } = await web.open(listOf('tenant-a'), person);
    await link(page, 'of-tenant-a').waitFor();
    await page.context().setOffline(true);
    const alert = page.getByRole('alert').filter({ hasText: 'This part of Maestro could not be loaded' });
    try {
      await goByMenu(page, 'Insight');
      await alert.getByText('Is the network there?').waitFor();
    } finally {
      await page.context().setOffline(false);
    }
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Insight', level: 1 }).waitFor();
  });
});
