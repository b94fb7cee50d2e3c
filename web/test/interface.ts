import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { startChromium } from '../../server/test/chromium.ts';
import { enrolmentOf, type Person } from '../../server/test/enrolment.ts';
import { freePort } from '../../server/test/free_port.ts';

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** As what pages are opened that do not say: the same flows act in another theme and width where a project sets it. */
function usualContext() {
  const look = process.env.MAESTRO_TEST_LOOK ?? 'light-1280';
  const [, colorScheme, width] = /^(light|dark)-(\d+)$/.exec(look) ?? [];
  if (width === undefined) throw new Error(`MAESTRO_TEST_LOOK is a theme and a width as dark-390, and not ${look}.`);
  return {
    colorScheme: colorScheme as 'light' | 'dark',
    viewport: { width: Number(width), height: 800 },
    // Nothing hovers over a telephone.
    hasTouch: Number(width) < 600,
    locale: 'en-GB',
  };
}
export const usual = usualContext();

/**
 * The width at which a theme is looked at for barriers: each page at both widths and in both themes, and not in all four
 * pairs, which takes twice as long; the frame of all pages is looked at in all four.
 */
export const widthOf = { light: 1280, dark: 390 } as const;

/** A page of the interface, and what it complained of: errors, and what its policy refused. */
export interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A Maestro with its interface, and a real browser before it. */
export interface Interface {
  readonly maestro: TestApp;
  readonly origin: string;
  readonly people: ReturnType<typeof enrolmentOf>;
  readonly browser: Browser;
  /** Opens an address in a tab of the browser of `person`; without one, in a new browser that nobody is signed in to. */
  open(path: string, person?: Person, look?: Look): Promise<Opened>;
  /** Opens an address in another tab of a browser that is there. */
  openIn(context: BrowserContext, path: string, look?: Look): Promise<Opened>;
  /** Goes to addresses as `person`, one after the other in one tab: nothing on them is a barrier, too wide, cut or a complaint. */
  inspect(paths: readonly string[], person: Person, look: Look, ready?: (page: Page) => Promise<void>): Promise<void>;
  /** Closes all tabs, and the browsers of nobody. */
  closePages(): Promise<void>;
  stop(): Promise<void>;
}

export async function startInterface(): Promise<Interface> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const maestro = await startTestApp({ port, publicUrl: origin });
  const browser = await startChromium();

  /** By the person's id: a browser that has loaded the interface shows a page in half the time of a new one. */
  const contexts = new Map<string, BrowserContext>();

  async function newContext(): Promise<BrowserContext> {
    const context = await browser.newContext(usual);
    context.setDefaultTimeout(10_000);
    return context;
  }

  async function contextOf({ id, email, password }: Person): Promise<BrowserContext> {
    const context = contexts.get(id) ?? (await newContext());
    contexts.set(id, context);
    // There are none in a new one, and where a test ended the session.
    if ((await context.cookies()).length > 0) return context;
    const answer = await context.request.post(`${origin}/api/v1/auth/login`, {
      data: { email, password, cookie: true },
      headers: { origin },
    });
    if (!answer.ok()) throw new Error(`${email} was not signed in: ${await answer.text()}`);
    return context;
  }

  async function openIn(
    context: BrowserContext,
    path: string,
    { scheme = usual.colorScheme, width = usual.viewport.width, height = 800 }: Look = {},
  ): Promise<Opened> {
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    const complaints: string[] = [];
    page.on('console', (message) => {
      // What the browser itself notes of answers that refuse.
      const isAnswer = /status of [45]\d\d/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !isAnswer) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${origin}${path}`);
    return { page, complaints };
  }

  const open = async (path: string, person?: Person, look?: Look) =>
    openIn(await (person === undefined ? newContext() : contextOf(person)), path, look);

  return {
    maestro,
    origin,
    people: enrolmentOf(maestro),
    browser,
    openIn,
    open,
    async inspect([first = '/', ...others], person, look, ready = settled) {
      const { page, complaints } = await open(first, person, look);
      for (const path of [first, ...others]) {
        if (path !== first) await page.goto(`${origin}${path}`);
        await ready(page);
        expect({ ...(await faultsOf(page)), complaints }, path).toEqual({ ...noFaults, complaints: [] });
      }
    },
    async closePages() {
      const kept = new Set(contexts.values());
      for (const context of browser.contexts()) {
        if (!kept.has(context)) await context.close();
        else for (const page of context.pages()) await page.close();
      }
    },
    async stop() {
      await browser.close();
      await maestro.stop();
    },
  };
}

/** Fulfilled once a page has its heading, and nothing of it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('body:not(:has([role=status]))').waitFor();
}

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds against WCAG 2.2 AA on a page, a line each. */
export async function barriersOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // What stands in frames is somebody's file.
    .exclude('iframe')
    .options({ runOnly: tags, resultTypes: ['violations'] })
    // Without frames there is nothing to gather in a page of axe's own, which takes as long as the looking.
    .setLegacyMode()
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Whether a page is wider than its window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

/** What fields that are empty say, where it does not fit into them. */
const cutPlaceholders = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('input')].filter((input) => {
    const style = getComputedStyle(input);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return input.value === '' && input.checkVisibility() && pen.measureText(input.placeholder).width > room;
  }).map(({ placeholder }) => placeholder)`);

/** What is wrong with how a page looks. */
const faultsOf = async (page: Page) => ({
  barriers: await barriersOn(page),
  isTooWide: await overflows(page),
  cut: await cutPlaceholders(page),
});
const noFaults = { barriers: [], isTooWide: false, cut: [] } as const;

/**
 * Looks at a page that is open as it is, in both themes, each at its width: nothing is a barrier, too wide or cut. Then it
 * looks as it did before.
 */
export async function expectFaultless(page: Page): Promise<void> {
  const before = page.viewportSize();
  const isDark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
  for (const scheme of ['light', 'dark'] as const) {
    await page.setViewportSize({ width: widthOf[scheme], height: 800 });
    await page.emulateMedia({ colorScheme: scheme });
    // What moves into its place or fades in has other colours until then, and begins to a frame or two after it is there.
    await page.evaluate(`(async () => {
      const running = () => document.getAnimations()
        .filter(({ effect, playState }) => effect.getComputedTiming().endTime < Infinity && playState === 'running');
      for (let rounds = 0; rounds === 0 || (running().length > 0 && rounds < 20); rounds += 1) {
        for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
        await Promise.allSettled(running().map(({ finished }) => finished));
      }
    })()`);
    expect(await faultsOf(page), `${scheme} ${page.url()}`).toEqual(noFaults);
  }
  if (before !== null) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' });
}

/** Presses the first button of a name. */
export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click();

/** What the page tells in a notice. */
export const notice = (page: Page, text: string | RegExp): Locator => page.getByRole('alert').filter({ hasText: text });

/** The file that a page saves by what `act` does, as browsers save that have no dialog for it. */
export async function downloadOf(page: Page, act: () => Promise<unknown>): Promise<{ name: string; content: Buffer }> {
  await page.evaluate('globalThis.showSaveFilePicker = undefined');
  const saved = page.waitForEvent('download');
  await act();
  const download = await saved;
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

/** Goes to a page by its line in the menu, which a narrow window keeps behind a button. */
export async function goByMenu(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Open or close the menu' });
  if (await button.isVisible()) await button.click();
  await page.getByRole('link', { name, exact: true }).click();
}

/** Drops a file onto something of a page. */
export async function dropOn(target: Locator, name: string, content: string | Buffer): Promise<void> {
  const dataTransfer = await target.page().evaluateHandle(`(() => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${Buffer.from(content).toString('base64')}'), (byte) => byte.charCodeAt(0));
    data.items.add(new File([bytes], ${JSON.stringify(name)}));
    return data;
  })()`);
  await target.dispatchEvent('drop', { dataTransfer });
}

/**
 * Calls of a page wait on their way to Maestro until they are let go: small ones are sent by then, of large ones as much
 * as a network holds.
 */
export async function holdBack(page: Page, calls: string): Promise<{ letGo(): Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const way = createServer(async (call, answer) => {
    await promise;
    const url = new URL(call.url as string, page.url());
    // The browser says whom it asks here.
    const headers = { ...call.headers, host: url.host, 'sec-fetch-site': 'same-origin' };
    const onward = request(url, { method: call.method ?? 'GET', headers });
    onward.on('response', (given) => {
      answer.writeHead(given.statusCode as number, given.headers);
      given.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    call.pipe(onward);
  }).listen(0, 'localhost');
  await once(way, 'listening');
  const { port } = way.address() as AddressInfo;
  await page.route(calls, (route) => {
    const url = new URL(route.request().url());
    url.port = String(port);
    return route.continue({ url: url.href });
  });
  return {
    async letGo() {
      resolve();
      await page.unroute(calls);
      // A call that was sent this way before may come only now.
      page.once('close', () => way.close());
    },
  };
}

/** The next answer to a call of a page is given by Maestro, and comes once it is let go: it tells what was before. */
export async function holdAnswer(page: Page, calls: RegExp): Promise<{ given: Promise<void>; letGo(): void }> {
  const given = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  await page.route(
    calls,
    async (route) => {
      const response = await route.fetch();
      given.resolve();
      await going.promise;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  return { given: given.promise, letGo: going.resolve };
}

/** Opens dialogs of a page that is open, one after the other, by the buttons that lead to them, and looks at each. */
export async function lookAtDialogs(page: Page, buttons: readonly string[]): Promise<void> {
  const dialog = page.getByRole('dialog');
  for (const name of buttons) {
    await page.getByRole('button', { name, exact: true }).first().click();
    await dialog.waitFor();
    await expectFaultless(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }
}

/** As if the sign-in of a person were long ago. */
export async function letItAge({ people, maestro }: Interface, { id }: Person): Promise<void> {
  await people.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1", [
    id,
  ]);
  await maestro.ports.identity.changed({ kind: 'user', id });
}
