import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

const script = join(import.meta.dirname, 'page_probe.js');

/** A browser of its own, with an empty cache, whose pages are measured by `page_probe.js`. */
export async function probedContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(60_000);
  await context.addInitScript({ path: script });
  return context;
}

/** Measures a page that `open` gives, and closes its browser. */
export async function fresh<Value>(open: () => Promise<Page>, measure: (page: Page) => Promise<Value>): Promise<Value> {
  const page = await open();
  try {
    return await measure(page);
  } finally {
    await page.context().close();
  }
}

/** What `make` gives, made at the first call; again where that failed. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

/** Begins to drag within `box`, from a quarter of its width to the share `to`. */
export async function dragWithin(box: Locator, to: number): Promise<void> {
  const place = await box.boundingBox();
  if (!place) throw new Error('what is dragged over has no place');
  const y = place.y + place.height / 2;
  await box.page().mouse.move(place.x + place.width * 0.25, y);
  await box.page().mouse.down();
  await box.page().mouse.move(place.x + place.width * to, y, { steps: 4 });
}

export const p95 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] as number;

/** What a page loaded of scripts and styles until `isReady` is fulfilled, in kB as gzip packs them. */
export async function weightOf(page: Page, url: string, isReady: (page: Page) => Promise<unknown>) {
  const packed = { javascript: 0, css: 0 };
  const reads: Promise<unknown>[] = [];
  page.on('response', (response) => {
    const kind = /javascript|css/.exec(response.headers()['content-type'] ?? '')?.[0] as
      | keyof typeof packed
      | undefined;
    if (kind === undefined) return;
    const read = async () => {
      const body = await response.body();
      packed[kind] += gzipSync(body, { level: 9 }).length / 1_000;
    };
    reads.push(read());
  });
  await page.goto(url);
  await isReady(page);
  await page.evaluate('probe.largestPaint()');
  await Promise.all(reads);
  return packed;
}

/** Until the largest piece of a page was painted that is opened at `url` by a browser whose cache is empty, in ms. */
export async function largestPaint(page: Page, url: string, isReady: (page: Page) => Promise<unknown>) {
  await page.goto(url);
  await isReady(page);
  return page.evaluate<number>('probe.largestPaint()');
}

/** From the last key or click of `act` to the paint of the first frame in which `isShown`, JavaScript of the page, holds, in ms. */
export async function untilShown(page: Page, act: () => Promise<unknown>, isShown: string): Promise<number> {
  await page.evaluate(`probe.watchInput(() => ${isShown})`);
  await act();
  return page.evaluate<number>('probe.sinceInput()');
}

/** How long it took from each key or click of `acts` until what it did was painted, in ms. */
export async function interactionsOf(page: Page, acts: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  await page.evaluate('probe.takeInteractions()');
  for (const act of acts) {
    await act();
    // The browser tells of an event behind the frame that it led to.
    await page.evaluate('probe.idle()');
  }
  const times = await page.evaluate<number[]>('probe.takeInteractions()');
  // It tells of none that took less.
  return times.length > 0 ? times : [16];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** Of the thread's own computing, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** What the page's main thread computes for each frame of a trace, in ms. */
function workOf(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const isMain = (event: TraceEvent, { pid, tid }: TraceEvent) => event.pid === pid && event.tid === tid;
  // A trace has the threads of other pages, too: that of this one made the frames.
  const frames = traceEvents.filter(({ name }) => name === 'FireAnimationFrame').sort((a, b) => a.ts - b.ts);
  const main = frames[0];
  if (!main) throw new Error('the trace shows no frame');
  const tasks = traceEvents.filter((event) => event.name === 'RunTask' && event.ph === 'X' && isMain(event, main));
  return frames.slice(1).map(({ ts }, at) => {
    const from = (frames[at] as TraceEvent).ts;
    const within = tasks.filter((task) => task.ts >= from && task.ts < ts);
    return within.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1_000;
  });
}

export interface Scroll {
  /** JavaScript of the page that gives the box that is scrolled. */
  readonly box: string;
  readonly frames: number;
  /** Of a frame. */
  readonly pixels: number;
  /** The share of its height at which it begins. */
  readonly from: number;
}

/**
 * What the page computes for a frame while a table is scrolled, 19 of 20 of them, in ms; and how long a frame took.
 *
 * The budget holds the first: how long a frame takes is the machine's doing as well, which here paints without a graphics
 * card and shares two cores with the server, the database and the test. The main thread's own computing is what the
 * interface is to blame for, and it is the same beside others.
 */
export async function framesOf(page: Page, { box, frames, pixels, from }: Scroll) {
  const browser = page.context().browser();
  if (!browser) throw new Error('a page without a browser');
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  const times = await page.evaluate<number[]>(`probe.scrolled(${box}, ${frames}, ${pixels}, ${from})`);
  const work = workOf(await browser.stopTracing());
  return { work: p95(work.slice(2)), wall: p95(times) };
}

/** What the page holds in memory after garbage is collected, in MB. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}
