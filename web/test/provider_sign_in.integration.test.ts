import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openProviders } from '../../server/src/identity/providers/providers.ts';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { startChromium } from '../../server/test/chromium.ts';
import { bodyOf, codeOf, enrolmentOf } from '../../server/test/enrolment.ts';
import { freePort } from '../../server/test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../server/test/identity_provider.ts';
import { peopleOf } from '../../server/test/people.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../server/test/provider_sign_ins.ts';
import { expectFaultless, usual } from './interface.ts';

let maestro: TestApp;
let company: IdentityProvider;
let browser: Browser;
let people: ReturnType<typeof enrolmentOf>;
const { invite, placesOf, signIn } = providerSignInsOf(() => maestro);

beforeAll(async () => {
  company = await startIdentityProvider({ claimsInToken: true });
  const providers = openProviders([{ ...oidcSettings('company', company), label: 'Company' }]);
  maestro = await startTestApp({ providers, port: await freePort() });
  company.open(callbackOf(maestro, 'company'));
  people = enrolmentOf(maestro);
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await maestro?.stop();
  await company?.stop();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

async function open(fragment: string): Promise<Page> {
  const page = await (await browser.newContext(usual)).newPage();
  await page.goto(`${maestro.url}/account${fragment}`);
  return page;
}
const heading = (page: Page, text: string) =>
  page.getByRole('heading', { level: 1 }).getByText(text, { exact: true }).waitFor();
const goToCompany = (page: Page) => page.getByRole('button', { name: 'Sign in with Company', exact: true }).click();

/** Somebody who was invited, and who arrives at the provider. */
async function invited(): Promise<Person & { email: string }> {
  const person = newPerson();
  await invite(person.email);
  company.person = person;
  return person;
}

/** Somebody who has signed in before, and has an authenticator app. */
async function enrolled() {
  const person = await invited();
  const { browser: known } = await signIn('company');
  const begun = bodyOf<{ secret: string }>(await known.call('POST', '/me/factors/totp', {}), 201);
  bodyOf(await known.call('POST', '/me/factors/totp/confirm', { code: codeOf(begun.secret) }));
  await people.rows('UPDATE maestro.totp_factors SET last_step = 0');
  return { ...person, ...begun };
}

test('a button leads to the provider and back to a session', async () => {
  const { email } = await invited();
  const page = await open('#sign-in');
  await page.getByRole('button', { name: 'Sign in with Company', exact: true }).waitFor();
  await expectFaultless(page);
  await goToCompany(page);
  await heading(page, 'You are signed in');
  await page.getByText(`As ${email}`).waitFor();
});

test('who waits at the approval of a program comes back to it', async () => {
  await invited();
  const { user_code: code } = bodyOf<{ user_code: string }>(
    await people.post('/auth/device', { client_name: 'maestro login on lovelace' }),
  );
  const page = await open(`#device=${code}`);
  await goToCompany(page);
  await page.getByText('maestro login on lovelace').waitFor();
});

test('a second factor is asked for after the provider, and leads on to where the sign-in was for', async () => {
  const { email, secret } = await enrolled();
  const page = await open('#sign-in');
  await goToCompany(page);
  await heading(page, 'Your second factor');
  await page.getByLabel('Code of your authenticator app').fill(codeOf(secret));
  await page.keyboard.press('Enter');
  await heading(page, 'You are signed in');
  await page.getByText(`As ${email}`).waitFor();
});

test.each(['https://evil.example/', '//evil.example/', '/\\evil.example/', 'javascript:document.title=1'])(
  'a fragment that was made to lead to %s leads nowhere else',
  async (target) => {
    const { secret } = await enrolled();
    const page = await open('#sign-in');
    // The page that the provider sends back to does not get to ask; somebody else's link does.
    const asking = '**/api/v1/auth/providers/second-factor';
    await page.route(asking, (route) => route.abort());
    await goToCompany(page);
    await page.getByText('That took too long').waitFor();
    await page.unroute(asking);
    await page.goto(`${maestro.url}/account?again#second-factor=${encodeURIComponent(target)}`);
    await heading(page, 'Your second factor');
    await page.getByLabel('Code of your authenticator app').fill(codeOf(secret));
    const left = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await left;
    expect(new URL(page.url()).origin).toBe(new URL(maestro.url).origin);
  },
);

test('the page for a tenant signs in to it, where several would take somebody', async () => {
  const domain = `d-${randomUUID()}.example`;
  for (const tenant of ['tenant-a', 'tenant-b']) {
    const administrator = await peopleOf(maestro).member('tenant_admin', tenant);
    const wish = { allowed_email_domains: [domain], jit_providers: ['company'] };
    bodyOf(await maestro.send('PATCH', '/api/v1/tenant/sign-in', { as: administrator.as, json: wish }));
  }
  const person = newPerson({ email: `p@${domain}` });
  company.person = person;
  const undecided = await open('#sign-in');
  await goToCompany(undecided);
  await undecided.getByText('Several tenants would take you').waitFor();
  const page = await open('#sign-in=tenant-b');
  await goToCompany(page);
  await heading(page, 'You are signed in');
  expect(await placesOf(person.email)).toEqual([{ slug: 'tenant-b', role: 'viewer' }]);
});

test('what failed there is said', async () => {
  for (const [person, sentence] of [
    [newPerson(), 'Nobody has invited your address.'],
    [undefined, 'The sign-in there was cancelled.'],
  ] as const) {
    company.person = person;
    const page = await open('#sign-in');
    await goToCompany(page);
    await page.getByText(sentence).waitFor();
  }
});
