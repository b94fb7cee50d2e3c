import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, codeOf, type Person } from '../../server/test/enrolment.ts';
import { seedHostileSettings } from './hostile_settings.ts';
import {
  downloadOf,
  expectFaultless,
  goByMenu,
  holdAnswer,
  type Interface,
  letItAge,
  lookAtDialogs,
  notice,
  press,
  startInterface,
  widthOf,
} from './interface.ts';
import { hostile } from './seeded_runs.ts';

let web: Interface;
let admin: Person;
let as: string;
beforeAll(async () => {
  web = await startInterface();
  admin = await web.people.make({ tenant: 'tenant-a', role: 'tenant_admin' });
  as = await web.people.session(admin);
  // What all of the settings are looked at with.
  await seedHostileSettings(web, send);
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const pages = ['', 'members', 'roles', 'access', 'grants', 'machines', 'sign-in', 'audit', 'webhooks', 'danger'];
const send = (method: string, path: string, json?: unknown) =>
  web.maestro.send(method, `/api/v1${path}`, { as, json, headers: { 'x-mlflow-workspace': 'tenant-a' } });
const open = (path: string, person: Person = admin) => web.open(`/t/tenant-a/settings${path}`, person);
const member = (role = 'viewer') => web.people.make({ tenant: 'tenant-a', role });
const roleOf = async ({ id }: Person) =>
  bodyOf<{ items: { role: string }[] }>(await send('GET', `/members?user_id=${id}`)).items[0]?.role;

describe('members', () => {
  test('are found as one types, get another role at once, and by Undo the one before', async () => {
    const person = await member();
    const { page, complaints } = await open('/members');
    const field = page.getByLabel('Search by name or address');
    await field.fill(person.email.slice(5, 12));
    await field.press('Home');
    await field.pressSequentially(person.email.slice(0, 5));
    expect(await field.inputValue()).toBe(person.email.slice(0, 12));
    const select = page.getByLabel(`Role of ${person.email}`);
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    const held = Promise.withResolvers<void>();
    await page.route('**/api/v1/members?*', async (route) => {
      await held.promise;
      await route.continue();
    });
    const askedAnew = page.waitForRequest('**/api/v1/members?*');
    await select.selectOption('ml_engineer');
    await askedAnew;
    expect(await select.inputValue()).toBe('ml_engineer');
    held.resolve();
    await notice(page, `${person.email} is now ml_engineer`).waitFor();
    expect(await roleOf(person)).toBe('ml_engineer');
    // By its key, and of what was typed before nothing is undone besides.
    await select.focus();
    await page.keyboard.press('Control+z');
    await expect.poll(() => roleOf(person)).toBe('viewer');
    expect(await field.inputValue()).toBe(person.email.slice(0, 12));
    expect(new URL(page.url()).searchParams.get('q')).toBe(person.email.slice(0, 12));
    await page.reload();
    await select.waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    // Where it cannot be undone, that is told once.
    await select.selectOption('data_scientist');
    await notice(page, `${person.email} is now data_scientist`).waitFor();
    bodyOf(await send('DELETE', `/members/${person.id}`), 204);
    await press(page, 'Undo');
    await select.waitFor({ state: 'hidden' });
    expect(await notice(page, 'It was not done').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('one is removed, and by Undo is back with the same role', async () => {
    const person = await member('data_scientist');
    const { page, complaints } = await open(`/members?q=${person.email}`);
    await press(page, `Remove ${person.email}`);
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await notice(page, 'is no member any more').waitFor();
    expect(await roleOf(person)).toBeUndefined();
    await press(page, 'Undo');
    await expect.poll(() => roleOf(person)).toBe('data_scientist');
    expect(complaints).toEqual([]);
  });

  test('somebody is invited by mail while invitations are still being listed, and the invitation withdrawn', async () => {
    const { page, complaints } = await open('/members');
    const late = await holdAnswer(page, /\/invitations\?/);
    await page.reload();
    await late.given;
    await press(page, 'Invite somebody');
    await page.getByLabel('E-mail address').fill('grace@');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Is no e-mail address', { exact: true }).waitFor();
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.keyboard.press('Enter');
    // These tests run without a mail server.
    await notice(page, 'the mail for grace@example.com lies in “outbox”').waitFor();
    late.letGo();
    await press(page, 'Withdraw the invitation of grace@example.com');
    await page.getByText('Nobody is invited at the moment.').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('roles and what somebody may', () => {
  test('a role of one’s own inherits, stands in the matrix, and is deleted', async () => {
    const { page, complaints } = await open('/roles');
    await press(page, 'Make a role');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('auditor');
    await dialog.getByRole('combobox', { name: 'Inherits from' }).fill('viewer');
    await page.getByRole('option', { name: 'viewer', exact: true }).click();
    expect(await dialog.getByLabel('run:read', { exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('audit:read', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Save the role' }).click();
    await notice(page, 'The role auditor is saved').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Runs: read' });
    await row.getByLabel('inherited').waitFor();
    const made = bodyOf<{ permissions: string[]; inherits: string[] }>(await send('GET', '/roles/auditor'));
    expect(made).toMatchObject({ permissions: ['audit:read'], inherits: ['viewer'] });
    await press(page, 'Delete the role auditor');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await notice(page, 'The role auditor is deleted').waitFor();
    expect(complaints).toEqual([]);
  });

  test('why somebody may is answered by a grant’s name, from an address that can be shared', async () => {
    const person = await member();
    const grant = { subject: { kind: 'user', id: person.id }, resource: { kind: 'experiment', id: '0' } };
    bodyOf(await send('POST', '/grants', { ...grant, permissions: ['run:write'] }), 201);
    const { page, complaints } = await open('/access');
    await page.getByRole('combobox', { name: 'Who' }).fill(person.email.slice(0, 13));
    await page.getByRole('option', { name: person.email }).click();
    await page.getByLabel('May they').selectOption('run:write');
    await page.getByText('No: run:write').waitFor();
    await page.getByLabel('On', { exact: true }).selectOption('experiment');
    await page.getByLabel('Its id').fill('0');
    await page.getByText('Yes: run:write').waitFor();
    await page.getByText('grant on experiment 0', { exact: true }).waitFor();
    const again = await web.openIn(page.context(), page.url().slice(web.origin.length));
    await again.page.getByText('Yes: run:write').waitFor();
    expect([...complaints, ...again.complaints]).toEqual([]);
  });

  test('a grant is made on one thing, taken back, and by Undo given again', async () => {
    const person = await member();
    const { page, complaints } = await open('/grants');
    await press(page, 'Grant something');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Who' }).fill(person.email.slice(0, 13));
    await page.getByRole('option', { name: person.email }).click();
    await dialog.getByLabel('Id').fill('0');
    await dialog.getByLabel('run:delete', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Grant', exact: true }).click();
    await press(page, `Take back what is granted to ${person.email}`);
    await notice(page, 'The grant is taken back').waitFor();
    await press(page, 'Undo');
    await page.getByRole('row').filter({ hasText: person.email }).getByText('run:delete').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('service accounts', () => {
  test('one is made, gets a key that is shown once, is closed, and goes with its keys', async () => {
    const { page, complaints } = await open('/machines');
    // Whose a key is, is said by name.
    bodyOf(await send('POST', '/me/keys', { name: 'of the administrator' }), 201);
    await page.reload();
    await page.getByRole('row', { name: 'of the administrator' }).getByText(admin.email).waitFor();
    await press(page, 'Make a service account');
    await page.getByRole('dialog').getByLabel('Name').fill('nightly-build');
    await page.keyboard.press('Enter');
    await notice(page, 'nightly-build is made').waitFor();
    await press(page, 'Make a key for nightly-build');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('CI');
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    const secret = (await dialog.locator('pre').first().textContent())?.trim() as string;
    await dialog.getByRole('button', { name: 'Done' }).click();
    const status = async () => (await web.maestro.send('GET', '/api/v1/auth/me', { as: secret })).status;
    expect(await status()).toBe(200);
    await page.getByLabel('nightly-build is active').press('Space');
    await expect.poll(status).toBe(401);
    await press(page, 'Delete nightly-build');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await notice(page, 'nightly-build is deleted').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('the audit log', () => {
  test('is searched by qualifiers that stand in the address, and shows what was before and after', async () => {
    const person = await member();
    bodyOf(await send('PATCH', `/members/${person.id}`, { role: 'ml_engineer' }));
    const { page, complaints } = await open('/audit');
    await page.getByLabel('Search the audit log').fill(`actor:${admin.email} action:member.update target:${person.id}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=actor/);
    await press(page, 'Show what member.update changed');
    const row = page.getByRole('row').filter({ hasText: /^role/ });
    expect(await row.getByRole('cell').allTextContents()).toEqual(['role', 'viewer', 'ml_engineer']);
    const again = await web.openIn(page.context(), page.url().slice(web.origin.length));
    await again.page.getByRole('button', { name: 'Show what member.update changed' }).waitFor();
    await expect.poll(() => again.page.getByRole('row').count()).toBe(2);
    const { content } = await downloadOf(page, () => press(page, 'Export as CSV'));
    expect(content.toString().trim().split('\n')).toHaveLength(2);
    await press(page, 'Verify the chain');
    await page.getByText(/The chain of \d+ rows holds/).waitFor();
    expect([...complaints, ...again.complaints]).toEqual([]);
  });

  test('says what is wrong with a search, and whom a name may mean', async () => {
    const { page } = await open('/audit?q=colour:red');
    await page.getByText('“colour:red” is no qualifier').waitFor();
    await page.getByLabel('Search the audit log').fill('after:yesterday');
    await page.keyboard.press('Enter');
    await page.getByText('“yesterday” is no date').waitFor();
    // Asking again changes nothing of it.
    const asked: (string | null)[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === '/api/v1/members') asked.push(searchParams.get('q'));
    });
    await page.getByLabel('Search the audit log').fill('actor:example.com');
    await page.keyboard.press('Enter');
    await page.getByText('Several are meant by “example.com”').waitFor();
    await page.getByLabel('Search the audit log').fill('actor:nobody-at-all');
    await page.keyboard.press('Enter');
    await page.getByText('No member is found by “nobody-at-all”').waitFor();
    expect(asked).toEqual(['example.com', 'nobody-at-all']);
  });
});

describe('the settings of a tenant', () => {
  test('the length of sessions and the domains of those who come are set', async () => {
    const { page, complaints } = await open('/sign-in');
    await page.getByLabel('A session ends after (days)').fill('5');
    await press(page, 'Save');
    await notice(page, 'The settings are saved').waitFor();
    expect(bodyOf(await send('GET', '/tenant'))).toMatchObject({ session_days: 5 });
    await page.getByRole('combobox', { name: 'E-mail domains' }).fill('example.com');
    await page.keyboard.press('Enter');
    await notice(page, 'The settings are saved').getByRole('button').click();
    await notice(page, 'The settings are saved').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Save' }).nth(1).click();
    await notice(page, 'The settings are saved').waitFor();
    expect(bodyOf(await send('GET', '/tenant/sign-in'))).toMatchObject({ allowed_email_domains: ['example.com'] });
    bodyOf(await send('PATCH', '/tenant/sign-in', { allowed_email_domains: [] }));
    bodyOf(await send('PATCH', '/tenant', { session_days: null }));
    expect(complaints).toEqual([]);
  });

  test('a second factor for all takes a fresh proof; who has none is led to one, and then the tenant opens', async () => {
    const person = await web.people.make({ tenant: 'tenant-b', role: 'tenant_admin' });
    const { page, complaints } = await web.open('/t/tenant-b/settings/sign-in', person);
    const needed = page.getByRole('switch', { name: 'Everybody needs a second factor' });
    await needed.waitFor();
    // The page knows the factors from a moment before.
    await press(page, 'Your account');
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await goByMenu(page, 'Sign-in and factors');
    await page.getByRole('button', { name: 'Add an authenticator app' }).waitFor();
    for (let steps = 0; steps < 2; steps += 1) await page.goBack();
    await needed.waitFor();
    await letItAge(web, person);
    await needed.press('Space');
    await press(page, 'Save');
    const dialog = page.getByRole('dialog', { name: 'Show once more who you are' });
    await dialog.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await notice(page, 'The settings are saved').waitFor();
    await page.getByText('This tenant takes a second factor').waitFor();
    await expectFaultless(page);
    // It stays while the window is left and come back to, and nothing is asked that would be refused.
    await page.reload();
    const way = page.getByRole('link', { name: 'Set up a second factor' });
    await way.focus();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(new URL(request.url()).pathname));
    const askedAnew = page.waitForResponse('**/api/v1/access/why');
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
    await askedAnew;
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Set up a second factor');
    expect(sent).not.toContain('/api/v1/tenant/sign-in');
    await way.click();
    await press(page, 'Add an authenticator app');
    const secret = (await page.locator('form code').textContent()) as string;
    await page.getByLabel('Code that the app shows').fill(codeOf(secret));
    await press(page, 'Confirm');
    await page.getByText('Your backup codes').waitFor();
    await page.goto(`${web.origin}/t/tenant-b/settings/sign-in`);
    await needed.waitFor();
    expect(await needed.isChecked()).toBe(true);
    expect(complaints).toEqual([]);
  }, 90_000);

  test('the name is changed, what is used is shown beside its limit, and webhooks of all projects are listed', async () => {
    const { page, complaints } = await open('');
    await page.getByLabel('Name').fill('Team A');
    await press(page, 'Save');
    await notice(page, 'The name is saved').waitFor();
    await page.getByText(/^1 of [\d,]+$/).waitFor();
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('link', { name: hostile }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the tenant is exported part by part; that only an operator deletes it is said', async () => {
    const { page, complaints } = await open('/danger');
    await page.getByText('Only an operator of this Maestro deletes a tenant').waitFor();
    expect((await downloadOf(page, () => press(page, 'Save experiments'))).content.toString()).toContain('Default');
    expect(complaints).toEqual([]);
  });

  test('offers nobody more than they may, and says which right the rest takes', async () => {
    const person = await member('viewer');
    const { page } = await open('', person);
    await page.getByRole('link', { name: 'General and use' }).waitFor();
    const menu = page.getByRole('navigation', { name: 'Settings' });
    expect(await menu.getByRole('link').allTextContents()).toEqual(['General and use', 'Why may she?', 'Webhooks']);
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page.goto(`${web.origin}/t/tenant-a/settings/members`);
    await page.getByText('This takes the right member:read').waitFor();
  });

  test('on a narrow screen the menu shows the page that is open, and a row what it is about while it is scrolled', async () => {
    const { page } = await web.open('/t/tenant-a/settings/members', admin, { scheme: 'dark', width: 390 });
    const menu = page.getByRole('navigation', { name: 'Settings' });
    /** What stands in the middle of where something is: something else where that is out of sight or covered. */
    async function seenAt(item: Locator): Promise<unknown> {
      const { x = -1, y = -1, width = 0, height = 0 } = (await item.boundingBox()) ?? {};
      const place = `${x + width / 2}, ${y + height / 2}`;
      return page.evaluate(`document.elementFromPoint(${place})?.closest('td, a, button')?.textContent`);
    }
    const person = page.getByRole('row').nth(1).getByRole('cell').first();
    await person.waitFor();
    await page.evaluate(`document.querySelector('section[aria-label="Members"]').scrollLeft = 1000`);
    expect(await seenAt(page.getByRole('button', { name: /^Remove/ }).first())).toBe('Remove');
    expect(await seenAt(person)).toBe(await person.textContent());
    await page.goto(`${web.origin}/t/tenant-a/settings/danger`);
    const entry = (name: string) => menu.getByRole('link', { name });
    await entry('Danger zone').waitFor();
    await expect.poll(() => seenAt(entry('Danger zone'))).toBe('Danger zone');
    await entry('Webhooks').click();
    await page.getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor();
    await expect.poll(() => seenAt(entry('Webhooks'))).toBe('Webhooks');
  });

  test('dialogs are without barriers and fit their window in both themes and at both widths', async () => {
    const { page, complaints } = await open('/members');
    await lookAtDialogs(page, ['Invite somebody', `Remove ${admin.email}`]);
    for (const [path, ...buttons] of [
      ['roles', 'Make a role'],
      ['grants', 'Grant something'],
      ['machines', 'Make a service account', `Make a key for ${hostile}`, `Delete ${hostile}`],
    ] as const) {
      await page.goto(`${web.origin}/t/tenant-a/settings/${path}`);
      await lookAtDialogs(page, buttons);
    }
    expect(complaints).toEqual([]);
  }, 120_000);

  test('hostile names of people, accounts, keys and projects are text, wherever they stand', async () => {
    const { page, complaints } = await open('/members');
    for (const path of ['members', 'machines', 'grants', 'webhooks', 'audit']) {
      await page.goto(`${web.origin}/t/tenant-a/settings/${path}`);
      await page.getByRole('row').filter({ hasText: hostile }).first().waitFor();
      expect([await page.locator('main img').count(), await page.title()]).toEqual([
        0,
        expect.not.stringMatching('stolen'),
      ]);
    }
    expect(complaints).toEqual([]);
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        const paths = pages.map((name) => `/t/tenant-a/settings/${name}`);
        await web.inspect(paths, admin, { scheme, width });
      },
      240_000,
    );
  }
});
