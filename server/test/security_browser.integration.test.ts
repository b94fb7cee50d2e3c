import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { startChromium } from './chromium.ts';

/** What a hostile file tries: to be seen, and to reach the server as whoever looks at it. */
const script =
  "document.title = 'ran'; fetch('/api/v1/experiments').then(() => { document.title = 'ran, and fetched'; });";
const hostile: Record<string, string> = {
  'page.html': `<!doctype html><title>still</title><p id="there">a page</p><script>${script}</script><img src="x" onerror="${script.replaceAll('"', '')}">`,
  'page.htm': `<title>still</title><script>${script}</script>`,
  'page.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>still</title></head><body><script>${script}</script></body></html>`,
  'image.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${script.replaceAll('"', '')}"><title>still</title><script>${script}</script></svg>`,
  'data.xml': `<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${script}</h:script></x>`,
  sniffed: `<!doctype html><title>still</title><script>${script}</script>`,
  MLmodel: `flavors: <script>${script}</script>`,
  'notes.md': `<script>${script}</script>`,
  'code.js': `${script} globalThis.postMessage?.('started');`,
};

let app: TestApp;
let as: string;
let runId: string;
let browser: Browser;
beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.ml_engineer;
  const made = await app.send('POST', '/api/v1/runs', { as, json: { experiment_id: 0 } });
  runId = (made.body as { run_id: string }).run_id;
  for (const [name, body] of Object.entries(hostile)) {
    // The type that its sender claims is a browser's most dangerous one.
    const sent = await app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${name}`, {
      as,
      body,
      headers: { 'content-type': 'text/html' },
    });
    expect(sent.status, sent.text).toBeLessThan(300);
  }
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await app?.stop();
});

const routes = (name: string) => [
  `/api/v1/runs/${runId}/files/content?path=${name}`,
  `/get-artifact?run_id=${runId}&path=${name}`,
  `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${name}`,
  `/ajax-api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${name}`,
];

/** A page whose requests carry a sign-in, as a browser's would with a cookie. */
async function signedIn(): Promise<Page> {
  const context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${as}` } });
  return context.newPage();
}

/** Goes there as an address that is typed or clicked; true where the browser took it as a file to save. */
async function isSaved(page: Page, url: string): Promise<boolean> {
  const download = page.waitForEvent('download', { timeout: 5_000 }).then(
    () => true,
    () => false,
  );
  const failed = await page.goto(url).then(
    () => false,
    () => true,
  );
  return failed && download;
}

describe('a file that somebody stored', () => {
  test.each(Object.keys(hostile))(
    'is saved and never shown when its address is opened, on every route: %s',
    async (name) => {
      const page = await signedIn();
      for (const route of routes(name)) {
        expect(await isSaved(page, app.url + route), route).toBe(true);
        expect(page.url(), route).toBe('about:blank');
      }
      await page.context().close();
    },
    60_000,
  );

  test.each(['page.html', 'image.svg'])(
    'runs nothing and has no origin even where it is shown as a page: %s',
    async (name) => {
      const page = await signedIn();
      // As a browser would show it that did not save it: the sandbox alone has to hold.
      await page.route('**/as-a-page', async (route) => {
        const file = await page.context().request.get(app.url + routes(name)[0]);
        const { 'content-disposition': _saved, ...headers } = file.headers();
        await route.fulfill({ status: 200, headers, body: await file.body() });
      });
      await page.goto(`${app.url}/as-a-page`);
      await page.waitForLoadState('networkidle');
      expect(await page.title()).not.toContain('ran');
      expect(await page.evaluate('origin')).toBe('null');
      await page.context().close();
    },
    60_000,
  );

  test('is no script, style or worker of a page: its bytes are never taken for code', async () => {
    const page = await signedIn();
    await page.route('**/our-page', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<title>still</title><p>ours</p>' }),
    );
    await page.goto(`${app.url}/our-page`);
    for (const route of routes('code.js')) {
      const outcome = await page.evaluate(`new Promise((resolve) => {
        const element = document.createElement('script');
        element.src = ${JSON.stringify(route)};
        element.onload = () => resolve('loaded');
        element.onerror = () => resolve('refused');
        document.head.append(element);
      })`);
      expect(outcome, route).toBe('refused');
      const worker = await page.evaluate(`new Promise((resolve) => {
        const made = new Worker(${JSON.stringify(route)});
        made.onerror = () => resolve('refused');
        made.onmessage = () => resolve('started');
      })`);
      expect(worker, route).toBe('refused');
    }
    expect(await page.title()).toBe('still');
    await page.context().close();
  }, 60_000);
});

describe('a page of another site', () => {
  test('neither reads an answer of the API nor loads a file, frames nothing', async () => {
    const page = await signedIn();
    await page.route('http://evil.example/**', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<title>evil</title>' }),
    );
    await page.goto('http://evil.example/');
    const read = await page.evaluate(
      (url) =>
        fetch(url, { credentials: 'include' }).then(
          (answer) => answer.text(),
          () => 'refused',
        ),
      `${app.url}/api/v1/experiments`,
    );
    expect(read).toBe('refused');
    const opaque = await page.evaluate(
      (url) =>
        fetch(url, { mode: 'no-cors' }).then(
          () => 'answered',
          () => 'refused',
        ),
      `${app.url}${routes('notes.md')[0]}`,
    );
    expect(opaque).toBe('refused');
    for (const path of ['/api/docs', '/api/v1/openapi.json']) {
      const framed = page.waitForEvent('frameattached');
      const loaded = page.evaluate(`new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.src = ${JSON.stringify(app.url + path)};
        frame.onload = () => resolve();
        document.body.append(frame);
      })`);
      const frame = await framed;
      await loaded;
      expect(frame.url(), path).toContain('chrome-error:');
    }
    await page.context().close();
  }, 30_000);

  test('does not get in by a name of its own that leads to this machine (DNS rebinding)', async () => {
    const rebound = await startChromium({ args: ['--host-resolver-rules=MAP rebound.example 127.0.0.1'] });
    try {
      const page = await rebound.newPage();
      const answer = await page.goto(`http://rebound.example:${new URL(app.url).port}/api/v1/experiments`);
      expect(answer?.status()).toBe(403);
    } finally {
      await rebound.close();
    }
  }, 30_000);
});

test('the page of the contract is shown in its own style, and no script of anybody runs in it', async () => {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${app.url}/api/docs`);
  expect(faults).toEqual([]);
  expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('960px');
  await page.evaluate(`{
    const element = document.createElement('script');
    element.textContent = "document.title = 'ran'";
    document.body.append(element);
  }`);
  expect(await page.title()).not.toBe('ran');
  await page.close();
}, 30_000);
