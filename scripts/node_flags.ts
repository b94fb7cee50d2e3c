import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: { start: string };
};

/** The flags with which `npm start` runs the server: tests and measurements run it with the same. */
export const nodeFlags: readonly string[] =
  /bin\/node ((?:--\S+ )*)server\/src\/main\.ts/.exec(scripts.start)?.[1]?.split(' ').filter(Boolean) ?? [];
