import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '../bin/maestro.mjs');
const scripts = new Map<string, Promise<string>>();

/** It is the same however often it is asked for: a process for each shell is enough. */
function script(shell: string): Promise<string> {
  const known = scripts.get(shell) ?? run(process.execPath, [bin, 'completion', shell]).then(({ stdout }) => stdout);
  scripts.set(shell, known);
  return known;
}

/** What bash offers where the last word is being written. */
async function offered(...words: string[]): Promise<string[]> {
  const line = words.map((word) => `'${word}'`).join(' ');
  const asked = `${await script('bash')}
    COMP_WORDS=(maestro ${line}); COMP_CWORD=${words.length}
    _maestro; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return (await run('bash', ['-c', asked])).stdout.trim().split('\n');
}

describe('completion', { timeout: 20_000 }, () => {
  test('bash completes commands, and the options of the command that is written', async () => {
    expect(await offered('exp')).toEqual(['experiment']);
    expect(await offered('run', '')).toEqual(expect.arrayContaining(['list', 'search', 'upload', 'download']));
    expect(await offered('run', 'download', 'id', '--o')).toEqual(['--output']);
    expect(await offered('role', 'assign', '--t')).toEqual(['--tenant']);
    expect(await offered('nothing-like-it')).toEqual(['']);
  });

  test('commands of a group in a group are completed, too', async () => {
    expect(await offered('git', 'webhook', '')).toEqual(expect.arrayContaining(['create', 'list', 'rotate', 'delete']));
    expect(await offered('git', 'webhook', 'create', '--k')).toEqual(['--kind']);
    expect(await offered('team', 'incident', 're')).toEqual(['record', 'resolve', 'remove']);
  });

  test('zsh and fish are given every command too', async () => {
    expect(await script('zsh')).toMatch(/^#compdef maestro\n[\s\S]*'run download'\)/);
    expect(await script('fish')).toContain(
      "__fish_seen_subcommand_from run; and __fish_seen_subcommand_from download' -l output",
    );
  });

  test('of another shell is refused with those there are, and a misspelt command with the nearest', async () => {
    const failure = (...words: string[]) => run(process.execPath, [bin, ...words]).catch((error: unknown) => error);
    expect(await failure('completion', 'tcsh')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh'),
    });
    expect(await failure('experimnt')).toMatchObject({ code: 2, stderr: expect.stringContaining('experiment?') });
    expect(await failure('run', 'serch')).toMatchObject({ code: 2, stderr: expect.stringContaining('search?') });
  });
});
