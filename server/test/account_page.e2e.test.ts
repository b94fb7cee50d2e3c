import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { generatePassword } from '../src/identity/passwords.ts';
import { startChromium } from './chromium.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

let root: string;
let maestro: MaestroProcess;
let url: string;
let browser: Browser;
let admin: string;

const post = (path: string, json: object, as?: string) =>
  fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(as === undefined ? {} : { authorization: `Bearer ${as}` }) },
    body: JSON.stringify(json),
  });
const signIn = (email: string, password: string) => post('/auth/login', { email, password });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-account-'));
  prepareDataDir(join(root, 'data'));
  maestro = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data'), MAESTRO_LOG_LEVEL: 'warn' }, root);
  url = await maestro.ready;
  admin = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1] as string;
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  if (maestro?.child.exitCode === null) await maestro.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The link in the newest mail to `email`. */
async function linkTo(email: string): Promise<string> {
  const outbox = join(root, 'data', 'outbox');
  return vi.waitUntil(
    async () => {
      const names = (await readdir(outbox)).filter((name) => name.endsWith('.eml')).sort();
      const mails = await Promise.all(names.map((name) => readFile(join(outbox, name), 'utf8')));
      const own = mails.filter((mail) => mail.includes(`\nTo: ${email}\n`)).at(-1);
      return /^http\S+#\S+$/m.exec(own ?? '')?.[0];
    },
    { timeout: 20_000, interval: 20 },
  ) as Promise<string>;
}

/** Opens a link in a browser of its own, and notes what the page asks for and complains of. */
async function open(link: string, colorScheme: 'light' | 'dark' = 'light') {
  const context = await browser.newContext({ colorScheme, viewport: { width: 900, height: 700 } });
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(link);
  return { page, asked, complaints, close: () => context.close() };
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
const tokenOf = (link: string) => link.split('=').at(-1) as string;

async function invite(email: string): Promise<string> {
  const made = await post('/members/invite', { email, role: 'data_scientist' }, admin);
  expect(made.status).toBe(201);
  return linkTo(email);
}

describe('in a browser', () => {
  test('an invitation is accepted by its link, with a meter that warns, and its person signs in', async () => {
    const email = 'ada@example.com';
    const link = await invite(email);
    expect(link.startsWith(`${url}/account#invitation=`)).toBe(true);
    const { page, asked, complaints, close } = await open(link);
    await heading(page).getByText('Join default on Maestro').waitFor();
    // Out of the address bar and the history, before a person could copy it.
    expect(page.url()).toBe(`${url}/account`);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    const field = page.getByLabel('New password', { exact: true });
    await field.fill('passwordpassword');
    await page.getByText('is among the commonest passwords').waitFor();
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('alert').getByText('is among the commonest passwords').waitFor();
    const password = generatePassword();
    await field.fill(password);
    await page.getByText('Strength: strong.').waitFor();
    expect(await page.locator('meter').getAttribute('value')).not.toBe('0');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await heading(page).getByText('Welcome').waitFor();
    expect((await signIn(email, password)).status).toBe(200);
    // The token was in no URL and no Referer, and nothing came from anywhere else.
    expect(asked.join('\n')).not.toContain(tokenOf(link));
    expect(asked.filter((each) => !each.startsWith(`${url}/`))).toEqual([]);
    expect(await page.evaluate('JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])')).toBe(
      '[0,0,""]',
    );
    // A browser itself notes answers of 400; the page causes nothing else, no break of the policy among it.
    expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
    await close();

    const again = await open(link);
    await heading(again.page).getByText('This invitation does not hold').waitFor();
    await again.close();
  });

  test('somebody who has an account joins with its password, and with no other', async () => {
    const email = 'grace@example.com';
    const operator = JSON.parse(await readFile(join(root, 'data', 'server.json'), 'utf8')) as { url: string };
    expect(operator.url).toContain('127.0.0.1');
    const key = (await readFile(join(root, 'data', 'secrets', 'operator-key'), 'utf8')).trim();
    const password = generatePassword();
    expect((await post('/users', { email, password }, key)).status).toBe(201);
    const { page, close } = await open(await invite(email));
    await page.getByText(`There is an account of ${email}`).waitFor();
    expect(await page.getByLabel('Your name').isVisible()).toBe(false);
    expect(await page.locator('meter').isVisible()).toBe(false);
    await page.getByLabel('Your password', { exact: true }).fill(generatePassword());
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('give its password').waitFor();
    await page.getByLabel('Your password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await heading(page).getByText('Welcome').waitFor();
    await close();
  });

  test('a forgotten password is set anew by its link', async () => {
    const email = 'grace@example.com';
    expect((await post('/auth/request-password-reset', { email })).status).toBe(202);
    const link = await vi.waitUntil(
      async () => {
        const found = await linkTo(email);
        return found.includes('#reset=') ? found : undefined;
      },
      { timeout: 20_000, interval: 20 },
    );
    const { page, close } = await open(link, 'dark');
    const password = generatePassword();
    await page.getByLabel('New password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await heading(page).getByText('Your password is set').waitFor();
    expect((await signIn(email, password)).status).toBe(200);
    await close();
  });

  test('without a link, or with one that says something else, the page does nothing', async () => {
    for (const hash of ['', '#', '#operator=x', '#reset=<img src=x onerror=alert(1)>', '#__proto__=x']) {
      const { page, asked, close } = await open(`${url}/account${hash}`);
      await page.getByText('Open this page by the link of a mail.').waitFor();
      expect(await page.getByRole('button').count()).toBe(0);
      expect(asked.filter((each) => each.includes('/api/'))).toEqual([]);
      await close();
    }
  });

  test('the whole is reached by keyboard, and its fields have names', async () => {
    const { page, close } = await open(await invite('joan@example.com'));
    await page.getByLabel('Your name').waitFor();
    const names: string[] = [];
    for (let at = 0; at < 4; at++) {
      names.push(
        await page.evaluate(
          '(({ ariaLabel, labels, textContent }) => ariaLabel ?? labels?.[0]?.textContent ?? textContent)(document.activeElement)',
        ),
      );
      await page.keyboard.press('Tab');
    }
    expect(names).toEqual(['Your name (optional)', 'New password', 'Show or hide the password', 'Make the account']);
    await close();
  });
});
