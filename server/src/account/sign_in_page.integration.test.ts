import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { plugInto, startChromium } from '../../test/authenticator.ts';
import { bodyOf, codeOf, enrolmentOf, type Person } from '../../test/enrolment.ts';
import { freePort } from '../../test/free_port.ts';

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  // Keys and passkeys answer to a host by its name.
  origin = `http://localhost:${port}`;
  maestro = await startTestApp({ port, publicUrl: origin });
  people = enrolmentOf(maestro);
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await maestro?.stop();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
}

/** What the page complained of, but for the browser's own notes of answers that refuse. */
const complaints: string[] = [];

async function open(fragment: string, { scheme = 'light', width = 900 }: Look = {}): Promise<Page> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  complaints.length = 0;
  page.on('console', (message) => {
    if (!/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${origin}/account${fragment}`);
  return page;
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
    const answer = await maestro.send('GET', '/api/v1/auth/me', {
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
    await givePassword(page, person);
    await heading(page, 'Your second factor');
    await press(page, 'Use a security key or passkey');
    await heading(page, 'You are signed in');
    expect(complaints).toEqual([]);
  });
});

describe('the sign-in of a program', () => {
  test('is shown with who asks, approved by a person who signs in for it, and its code leaves the address bar', async () => {
    const person = await member();
    const begun = await begin();
    const page = await open(`#device=${begun.user_code}`);
    await heading(page, 'Sign in');
    expect(page.url()).toBe(`${origin}/account`);
    await givePassword(page, person);
    await heading(page, 'Approve this sign-in?');
    for (const text of [begun.user_code, 'maestro login on lovelace', '127.0.0.1', 'tenant-a']) {
      await page.getByText(text, { exact: true }).waitFor();
    }
    // A key that is pressed on, after the password, approves nothing.
    expect(await page.evaluate('document.activeElement.id')).toBe('title');
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
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('approve');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('deny');
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
    await people.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1", [
      person.id,
    ]);
    await maestro.ports.identity.changed({ kind: 'user', id: person.id });
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
