import type { Page } from 'playwright-core';
import { downloadOf } from './interface.ts';

export const figure = (page: Page, name: string) => page.getByRole('figure', { name, exact: true });
export const canvas = (page: Page, name: string) => figure(page, name).getByRole('group');

/** The window that an address says. */
export const zoomed = async (page: Page) => new URL(page.url()).searchParams.get('zoom')?.split('..').map(Number);

/** What a button of a chart gives as a file. */
export async function saved(page: Page, name: string, kind: string): Promise<Buffer> {
  await figure(page, name)
    .getByRole('button', { name: `Save ${name}` })
    .click();
  return (await downloadOf(page, () => page.getByRole('menuitem', { name: kind }).click())).content;
}
