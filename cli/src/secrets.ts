import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { commentOf } from '../../server/src/environment_example.ts';
import { storedSecrets, type Variable, variables } from '../../server/src/variables.ts';
import type { CommandGroup } from './context.ts';
import { Failure } from './failure.ts';

/** 32 bytes, as the server takes a key. */
const key = (): string => randomBytes(32).toString('base64');
/** For a URL: 144 bits in letters, digits, - and _. */
const password = (): string => randomBytes(18).toString('base64url');

/**
 * The text of a `.env` with every secret that the server can use. What only Maestro knows is made; what somebody else
 * must know too, or gives, is a comment to fill in, in which passwords that are ours to choose are made as well.
 */
export function secretsText(): string {
  const blocks = variables
    .filter(({ name }) => storedSecrets.some((stored) => stored === name))
    .map(({ name, description, example, random }: Variable) => {
      const line = random ? `${name}=${key()}` : `#${name}=${example.replace(/:secret@/, () => `:${password()}@`)}`;
      return `${commentOf(description)}\n${line}\n`;
    });
  return [
    `${commentOf('Secrets of one Maestro, made for it alone. Keep a copy elsewhere: without MAESTRO_ENCRYPTION_KEY what is sealed in the database is lost, without MAESTRO_PASSWORD_PEPPER every password.')}\n`,
    ...blocks,
  ].join('\n');
}

/** A file that only its owner may read, and that was not there before. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Failure(
      code === 'EEXIST'
        ? `${path} is there already, and is not overwritten: its secrets may be in use. Name another file with --out.`
        : `${path} cannot be written (${code}).`,
    );
  }
}

export const secretsCommands: CommandGroup = (program, { output }) => {
  const group = program.command('secrets').description('secrets that the server starts with');

  group
    .command('generate')
    .description('write strong secrets to a new file of mode 0600, which the server reads at its start')
    .option('--out <file>', 'write to this file', '.env')
    .action(async ({ out }: { out: string }) => {
      await writeNew(out, secretsText());
      output.line(`Wrote ${out}. Keep a copy of it elsewhere, and out of version control.`);
    });
};
