import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { startChromium } from '../../server/test/authenticator.ts';
import { enrolmentOf, type Person } from '../../server/test/enrolment.ts';
import { freePort } from '../../server/test/free_port.ts';

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

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
  /** A browser of its own in which `person` is signed in; nobody without one. */
  contextOf(person?: Person, look?: Look): Promise<BrowserContext>;
  /** Opens an address as `person`, in a browser of its own. */
  open(path: string, person?: Person, look?: Look): Promise<Opened>;
  /** Opens an address in another tab of a browser that is there. */
  openIn(context: BrowserContext, path: string): Promise<Opened>;
  stop(): Promise<void>;
}

export async function startInterface(): Promise<Interface> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const maestro = await startTestApp({ port, publicUrl: origin });
  const browser = await startChromium();

  async function contextOf(person?: Person, { scheme = 'light', width = 1280, height = 800 }: Look = {}) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height }, locale: 'en-GB' });
    context.setDefaultTimeout(10_000);
    if (person !== undefined) {
      const { email, password } = person;
      const answer = await context.request.post(`${origin}/api/v1/auth/login`, {
        data: { email, password, cookie: true },
        headers: { origin },
      });
      if (!answer.ok()) throw new Error(`${email} was not signed in: ${await answer.text()}`);
    }
    return context;
  }

  async function openIn(context: BrowserContext, path: string): Promise<Opened> {
    const page = await context.newPage();
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

  return {
    maestro,
    origin,
    people: enrolmentOf(maestro),
    browser,
    contextOf,
    openIn,
    open: async (path, person, look) => openIn(await contextOf(person, look), path),
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

/** What axe finds against WCAG 2.2 AA on a page, a line each. */
export async function barriersOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // What stands in frames is somebody's file.
    .exclude('iframe')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Whether a page is wider than its window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
