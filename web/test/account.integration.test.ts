import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { plugInto } from '../../server/test/authenticator.ts';
import { bodyOf, codeOf, type Person } from '../../server/test/enrolment.ts';
import {
  barriersOn,
  downloadOf,
  expectFaultless,
  type Interface,
  letItAge,
  lookAtDialogs,
  notice,
  press,
  startInterface,
  widthOf,
} from './interface.ts';

let web: Interface;
beforeAll(async () => {
  web = await startInterface();
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const member = () => web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });

describe('one’s own account', () => {
  test('the name is changed, and another address asked for by a link that goes there', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/me', person);
    const name = '<img src=x onerror=alert(1)>';
    await page.getByLabel('Name').fill(name);
    await press(page, 'Save');
    await notice(page, 'Your name is saved').waitFor();
    await page.getByRole('heading', { name }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await press(page, 'Change the address');
    const address = `new-${person.email}`;
    await page.getByLabel('New e-mail address').fill(address);
    await page.keyboard.press('Enter');
    await page.getByText(`A link is on its way to ${address}`).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a password is changed with a meter that warns, and the other sessions end', async () => {
    const person = await member();
    const other = await web.people.session(person);
    const { page, complaints } = await web.open('/me/security', person);
    await page.getByLabel('Current password').fill(person.password);
    await page.getByLabel('New password', { exact: true }).fill('passwordpassword');
    await page.getByText('is among the commonest passwords').waitFor();
    await page.getByLabel('New password', { exact: true }).fill(`${person.password} and more`);
    await page.getByText('Strength: strong.').waitFor();
    await press(page, 'Change the password');
    await notice(page, /Your password is changed; 1 other/).waitFor();
    expect((await web.maestro.send('GET', '/api/v1/auth/me', { as: other })).status).toBe(401);
    expect(complaints).toEqual([]);
  });

  test('an authenticator app is added by its code, its backup codes are shown once, and it is renamed and removed', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/me/security', person);
    await press(page, 'Add an authenticator app');
    await page.getByRole('img', { name: 'QR code of the secret for an authenticator app' }).waitFor();
    await expectFaultless(page);
    const secret = (await page.locator('form code').textContent()) as string;
    await page.getByLabel('Code that the app shows').fill(codeOf(secret));
    await press(page, 'Confirm');
    const shown = page.getByRole('alert').filter({ hasText: 'Your backup codes' });
    await shown.waitFor();
    expect((await shown.locator('pre').textContent())?.trim().split('\n').length).toBeGreaterThan(5);
    await expectFaultless(page);
    await press(page, /^Rename: /);
    await page.getByLabel('Name of the factor').fill('My phone');
    await page.keyboard.press('Enter');
    await page.getByText('My phone', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('My phone', { exact: true }).waitFor();
    expect(await shown.count()).toBe(0);
    await press(page, 'Remove: My phone');
    await press(page, 'Remove it');
    await page.getByText('You have no second factor').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a passkey is added, after a proof of who asks where the sign-in is long ago, and nothing is lost by it', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/me/security', person);
    await plugInto(page);
    await page.getByRole('button', { name: 'Add a passkey or security key' }).waitFor();
    await letItAge(web, person);
    await press(page, 'Add a passkey or security key');
    const dialog = page.getByRole('dialog', { name: 'Show once more who you are' });
    await dialog.getByLabel('Password', { exact: true }).fill('a wrong one');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: /wrong/ }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await dialog.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Passkey or security key ·').waitFor();
    expect(complaints).toEqual([]);
  });

  test('who does not want to prove who they are is told why nothing was done', async () => {
    const person = await member();
    const { page } = await web.open('/me/security', person);
    await page.getByRole('button', { name: 'Add a passkey or security key' }).waitFor();
    await letItAge(web, person);
    await press(page, 'Add a passkey or security key');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await notice(page, 'Sign in again to do this').waitFor();
  });

  test('sessions say which is this one; one other is ended, then all others', async () => {
    const person = await member();
    const [first] = [await web.people.session(person), await web.people.session(person)];
    const { page, complaints } = await web.open('/me/sessions', person);
    const own = page.getByRole('row').filter({ hasText: 'this one' });
    await own.getByText(/^Chrome \d+ on Linux$/).waitFor();
    await own.getByText('from 127.0.0.1 · password alone').waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(4);
    await page
      .getByRole('button', { name: /^End the session/ })
      .first()
      .click();
    await notice(page, 'The session has ended').waitFor();
    await page.getByRole('row').nth(3).waitFor({ state: 'detached' });
    await press(page, 'End all other sessions');
    await page.getByRole('dialog').getByRole('button', { name: 'End all other sessions' }).click();
    await notice(page, '1 session has ended').waitFor();
    await page.getByText('You are signed in nowhere else.').waitFor();
    expect((await web.maestro.send('GET', '/api/v1/auth/me', { as: first })).status).toBe(401);
    expect(complaints).toEqual([]);
  });

  test('an API key is made with less than one may and an end, shown once, rolled with an overlap, and revoked', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/me/keys', person);
    await page.getByText('No keys yet').waitFor();
    await press(page, 'Make a key');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nightly');
    await dialog.getByLabel('Good for').selectOption('30');
    await dialog.getByRole('switch').click();
    await dialog.getByLabel('run:read', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    const secret = (await dialog.locator('pre').first().textContent())?.trim() as string;
    expect(secret).toMatch(/^mst_/);
    // What is shown once is not lost by a key pressed too much.
    await page.keyboard.press('Escape');
    await dialog.getByRole('alert').filter({ hasText: 'Is it kept?' }).waitFor();
    expect((await dialog.locator('pre').first().textContent())?.trim()).toBe(secret);
    await expectFaultless(page);
    const ask = (path: string, key: string) => web.maestro.send('GET', `/api/v1${path}`, { as: key });
    expect((await ask('/auth/me', secret)).status).toBe(200);
    expect((await ask('/projects', secret)).status).toBe(403);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('1 permission').waitFor();
    await page.getByText('in 4 weeks').or(page.getByText('next month')).or(page.getByText('in 1 month')).waitFor();
    expect(await page.content()).not.toContain(secret);
    await press(page, 'Roll nightly');
    await dialog.getByLabel('The old key ends').selectOption('1');
    await dialog.getByRole('button', { name: 'Roll' }).click();
    const rolled = (await dialog.locator('pre').first().textContent())?.trim() as string;
    for (const _ of ['asked', 'closed']) await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect((await ask('/auth/me', rolled)).status).toBe(200);
    expect((await ask('/auth/me', secret)).status).toBe(200);
    await page.getByText(/in \d+ minutes|in 1 hour/).waitFor();
    await press(page, 'Revoke nightly');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await notice(page, 'The key is revoked').waitFor();
    await page.getByText('revoked', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('all that is kept of somebody is saved as a file, and the account is deleted once its address is typed', async () => {
    const person = await member();
    const { page, complaints } = await web.open('/me/data', person);
    const { content } = await downloadOf(page, () => press(page, 'Export my data'));
    const lines = content.toString().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).some((line) => JSON.stringify(line).includes(person.email))).toBe(
      true,
    );
    await press(page, 'Delete my account');
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Delete my account' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(person.email.slice(1));
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(person.email);
    await button.click();
    await page.getByRole('heading', { name: 'Sign in to Maestro' }).waitFor();
    expect((await web.people.signIn(person)).status).toBe(401);
    expect(complaints).toEqual([]);
  });

  test('dialogs are without barriers and fit their window in both themes and at both widths', async () => {
    const { page, complaints } = await web.open('/me/keys', person);
    await lookAtDialogs(page, ['Make a key', 'Roll k', 'Revoke k']);
    await page.goto(`${web.origin}/me/data`);
    await lookAtDialogs(page, ['Delete my account']);
    expect(complaints).toEqual([]);
  }, 120_000);

  let person: Person;
  beforeAll(async () => {
    person = await member();
    const as = await web.people.session(person);
    const made = { name: 'k', expires_in_days: 5 };
    bodyOf(await web.maestro.send('POST', '/api/v1/me/keys', { as, json: made }), 201);
  });
  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        const paths = ['/me', '/me/security', '/me/sessions', '/me/keys', '/me/data'];
        await web.inspect(paths, person, { scheme, width });
      },
      180_000,
    );
  }
});
