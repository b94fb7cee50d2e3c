import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import type { Interface, Look } from './interface.ts';

/** The lines of the table of runs, but its head. */
export const lines = (page: Page) => page.locator('[role=row][aria-rowindex]:not([aria-rowindex="1"])');
export const names = (page: Page) => page.locator('[data-run]').allTextContents();

/** Opens the table of an experiment and waits for its first lines: before them, a line says that they come. */
export async function openTable(web: Interface, path: string, person: Person, look?: Look) {
  const opened = await web.open(path, person, look);
  await lines(opened.page).filter({ hasNotText: 'Loading' }).first().waitFor();
  return opened;
}

/** What comes from the server, on a machine that is busy. */
export const soon = { timeout: 10_000 };

/** Where something stands. */
export async function boxOf(of: Locator) {
  const box = await of.boundingBox();
  if (!box) throw new Error(`${of} is not there`);
  return box;
}

export const line = (page: Page, name: string) => lines(page).filter({ hasText: name });

/** Scrolls sideways to a column, where the window is too narrow for it: what is out of sight is not drawn. */
export async function scrollTo(page: Page, column: string) {
  const head = page.getByRole('button', { name: `Sort by ${column}`, exact: true });
  const isDrawn = async () => (await head.count()) > 0;
  if (await isDrawn()) return;
  await page.getByRole('grid').or(page.getByRole('treegrid')).hover();
  const scrolled = async () => {
    await page.mouse.wheel(100, 0);
    return isDrawn();
  };
  await expect.poll(scrolled, soon).toBe(true);
}
