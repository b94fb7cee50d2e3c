import { existsSync } from 'node:fs';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

const whole = '/usr/bin/chromium';
/** Its program, and not the script that leads there, which leaves it running where it is itself ended. */
const shell = '/usr/lib/chromium/chromium-headless-shell';

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Chromium: where it is installed, the shell without the windows of a browser around each page, which shows twelve pages
 * by 2.9 s of the processor in place of 8.5. `whole` is for what a person's browser does: its times, what it trusts.
 */
export const startChromium = ({
  whole: isWhole = false,
  args = [],
  ...options
}: LaunchOptions & { readonly whole?: boolean } = {}): Promise<Browser> =>
  chromium.launch({
    ...options,
    executablePath: isWhole || !existsSync(shell) ? whole : shell,
    args: [...quiet, ...args],
  });
