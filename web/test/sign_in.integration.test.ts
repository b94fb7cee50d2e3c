import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { plugInto } from '../../server/test/authenticator.ts';
import { bodyOf, codeOf, type Person } from '../../server/test/enrolment.ts';
import {
  barriersOn,
  expectFaultless,
  type Interface,
  type Look,
  letItAge,
  overflows,
  startInterface,
} from './interface.ts';

let web: Interface;
let people: Interface['people'];
let complaints: readonly string[] = [];
beforeAll(async () => {
  web = await startInterface();
  people = web.people;
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

async function open(fragment: string, look: Look = {}): Promise<Page> {
  const opened = await web.open(`/account${fragment}`, undefined, look);
  complaints = opened.complaints;
  return opened.page;
}

const heading = (page: Page, text: string) =>
  page.getByRole('heading', { level: 1 }).getByText(text, { exact: true }).waitFor();
const alert = (page: Page, text: RegExp) => page.getByRole('alert').filter({ hasText: text }).waitFor();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function givePassword(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

const begin = async () =>
  bodyOf<{ device_code: string; user_code: string }>(
    await people.post('/auth/device', { client_name: 'maestro login on lovelace', tenant: 'tenant-a' }),
  );
const ask = ({ device_code }: { device_code: string }) => people.post('/auth/device/token', { device_code });
const member = () => people.make({ tenant: 'tenant-a', role: 'viewer' });

describe('signing in on the page', () => {
  test('by password: the session is in a cookie that no script sees, and signing out ends it', async () => {
    const person = await people.make();
    const page = await open('#sign-in');
    await heading(page, 'Sign in');
    await givePassword(page, { ...person, password: 'a wrong one' });
    await alert(page, /is wrong/);
    await givePassword(page, person);
    await heading(page, 'You are signed in');
    await page.getByText(`As ${person.email}`).waitFor();
    expect(await page.evaluate('JSON.stringify([document.cookie, localStorage.length, sessionStorage.length])')).toBe(
      '["",0,0]',
    );
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    await press(page, 'Sign out');
    await heading(page, 'You are signed out');
    const answer = await web.maestro.send('GET', '/api/v1/auth/me', {
      headers: { cookie: `${cookie?.name}=${cookie?.value}`, 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status).toBe(401);
    expect(complaints).toEqual([]);
  });

  test('with a code of an app, after a wrong one, or with a backup code', async () => {
    const { person, secret, backupCodes } = await people.enrolled();
    const page = await open('#sign-in');
    await givePassword(page, person);
    await heading(page, 'Your second factor');
    await page.getByLabel('Code of your authenticator app').fill('000000');
    await page.keyboard.press('Enter');
    await alert(page, /does not hold/);
    await expectFaultless(page);
    await page.getByLabel('Code of your authenticator app').fill(codeOf(secret));
    await page.keyboard.press('Enter');
    await heading(page, 'You are signed in');

    const other = await open('#sign-in');
    await givePassword(other, person);
    await press(other, 'Use a backup code');
    await other.getByLabel('One of your backup codes').fill(backupCodes[0] ?? '');
    await press(other, 'Continue');
    await heading(other, 'You are signed in');
    expect(complaints).toEqual([]);
  });

  test('with a passkey alone, and with it as the second factor', async () => {
    const person = await people.make();
    const as = await people.session(person);
    const page = await open('#sign-in');
    const authenticator = await plugInto(page);
    const asked = bodyOf<{ challenge: string; public_key: unknown }>(
      await people.post('/me/factors/webauthn/options', {}, as),
    );
    const credential = await authenticator.create(asked.public_key);
    const kept = { challenge: asked.challenge, credential, name: 'Key' };
    bodyOf(await people.post('/me/factors/webauthn', kept, as), 201);
    await press(page, 'Sign in with a passkey');
    await heading(page, 'You are signed in');
    await press(page, 'Sign out');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await heading(page, 'Sign in to Maestro');
    await page.goto(`${web.origin}/account?again#sign-in`);
    await givePassword(page, person);
    await heading(page, 'Your second factor');
    await press(page, 'Use a security key or passkey');
    await heading(page, 'You are signed in');
    expect(complaints).toEqual([]);
  });
});

describe('the links of mails', () => {
  /** What stands behind the # of the link in the newest mail to an address. */
  async function linkTo(email: string): Promise<string> {
    const mail = (await web.maestro.mailsTo(email)).at(-1) ?? '';
    return /^http\S+(#\S+)$/m.exec(mail)?.[1] as string;
  }
  async function invite(email: string): Promise<string> {
    const json = { email, role: 'data_scientist' };
    const as = web.maestro.tenants.a.keys.tenant_admin;
    bodyOf(await web.maestro.send('POST', '/api/v1/members/invite', { as, json }), 201);
    return linkTo(email);
  }
  const password = () => `${randomUUID()} ${randomUUID()}`;

  test('an invitation makes an account, which takes no common password, and joins the tenant', async () => {
    const email = `${randomUUID()}@example.com`;
    const link = await invite(email);
    const page = await open(link);
    await heading(page, 'Join tenant-a on Maestro');
    await expectFaultless(page);
    await page.getByLabel('New password', { exact: true }).fill('passwordpassword');
    await page.getByText('is among the commonest passwords').waitFor();
    await press(page, 'Make the account');
    await alert(page, /is among the commonest passwords/);
    await expectFaultless(page);
    const chosen = password();
    await page.getByLabel('New password', { exact: true }).fill(chosen);
    await press(page, 'Make the account');
    await heading(page, 'Welcome');
    await expectFaultless(page);
    bodyOf(await people.post('/auth/login', { email, password: chosen, tenant: 'tenant-a' }));
    const again = await open(link);
    await heading(again, 'This invitation does not hold');
    await expectFaultless(again);
    expect(complaints).toEqual([]);
  }, 90_000);

  test('who has an account joins by its password', async () => {
    const person = await people.make();
    const page = await open(await invite(person.email));
    await page.getByText(`There is an account of ${person.email}`).waitFor();
    await page.getByLabel('Your password', { exact: true }).fill('a wrong one');
    await page.keyboard.press('Enter');
    await alert(page, /give its password/);
    await expectFaultless(page);
    await page.getByLabel('Your password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await heading(page, 'Welcome');
    expect(complaints).toEqual([]);
  });

  test('an address is confirmed; a forgotten password is asked for by it and set anew', async () => {
    const person = await people.make();
    await people.post('/auth/request-email-verification', {}, await people.session(person));
    const page = await open(await linkTo(person.email));
    await heading(page, 'Confirm your address');
    await expectFaultless(page);
    await press(page, 'Confirm');
    await heading(page, 'Your address is confirmed');
    await page.goto(`${web.origin}/sign-in`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await heading(page, 'Forgot your password');
    await expectFaultless(page);
    await page.getByLabel('E-mail address').fill(person.email);
    await page.keyboard.press('Enter');
    await heading(page, 'Look into your mail');
    await expectFaultless(page);
    const link = await linkTo(person.email);
    expect(link).toContain('#reset=');
    await page.goto(`${web.origin}/account${link}`);
    await heading(page, 'Set a new password');
    await expectFaultless(page);
    const chosen = password();
    await page.getByLabel('New password', { exact: true }).fill(chosen);
    await press(page, 'Set the password');
    await heading(page, 'Your password is set');
    await expectFaultless(page);
    expect((await people.signIn(person)).status).toBe(401);
    expect((await people.signIn({ ...person, password: chosen })).status).toBe(200);
    expect(complaints).toEqual([]);
  }, 90_000);
});

describe('the sign-in of a program', () => {
  test('is shown with who asks, approved by a person who signs in for it, and its code leaves the address bar', async () => {
    const person = await member();
    const begun = await begin();
    const page = await open(`#device=${begun.user_code}`);
    await heading(page, 'Sign in');
    expect(page.url()).toBe(`${web.origin}/account`);
    await givePassword(page, person);
    await heading(page, 'Approve this sign-in?');
    for (const text of [begun.user_code, 'maestro login on lovelace', '127.0.0.1', 'tenant-a']) {
      await page.getByText(text, { exact: true }).waitFor();
    }
    // A key that is pressed on, after the password, approves nothing.
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await press(page, 'Approve');
    await heading(page, 'Approved');
    bodyOf(await ask(begun));
    expect(complaints).toEqual([]);
  });

  test('is denied by keyboard alone, with a code that was typed, on a narrow screen in the dark', async () => {
    const person = await member();
    const begun = await begin();
    const page = await open('#device', { scheme: 'dark', width: 390 });
    await heading(page, 'Approve a sign-in');
    await page.keyboard.type('bbbb bbbb');
    await page.keyboard.press('Enter');
    await heading(page, 'Sign in');
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(person.password);
    await page.keyboard.press('Enter');
    await alert(page, /No program waits with this code/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(begun.user_code.toLowerCase());
    await page.keyboard.press('Enter');
    await heading(page, 'Approve this sign-in?');
    expect(await overflows(page)).toBe(false);
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Approve');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Deny');
    await page.keyboard.press('Enter');
    await heading(page, 'Denied');
    expect((await ask(begun)).body).toMatchObject({ error: 'access_denied' });
    expect(complaints).toEqual([]);
  });

  test('asks who signed in a while ago to do so again', async () => {
    const person = await member();
    const page = await open('#sign-in');
    await givePassword(page, person);
    await heading(page, 'You are signed in');
    await letItAge(web, person);
    const begun = await begin();
    await page.evaluate(`location.hash = 'device=${begun.user_code}'`);
    await heading(page, 'Sign in again');
    await givePassword(page, person);
    await heading(page, 'Approve this sign-in?');
    await press(page, 'Approve');
    await heading(page, 'Approved');
    bodyOf(await ask(begun));
  });

  test('shows a name that would be markup as text', async () => {
    const person = await member();
    const name = '<img src=x onerror=alert(1)>';
    const begun = bodyOf<{ user_code: string }>(await people.post('/auth/device', { client_name: name }));
    const page = await open(`#device=${begun.user_code}`);
    await givePassword(page, person);
    await page.getByText(name, { exact: true }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
