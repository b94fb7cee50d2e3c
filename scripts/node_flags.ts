import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: { start: string };
};

/** The flags with which `npm start` runs the server: tests and measurements run it with the same. */
export const nodeFlags: readonly string[] = flagsOf(scripts.start);

function flagsOf(start: string): string[] {
  const found = /bin\/node ((?:--\S+ )*)server\/src\/main\.ts/.exec(start)?.[1];
  if (found === undefined)
    throw new Error(`package.json's start script runs the server in a way not known here: ${start}`);
  return found.split(' ').filter(Boolean);
}
