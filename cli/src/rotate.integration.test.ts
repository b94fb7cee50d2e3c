import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let run: CommandLine['run'];
beforeAll(async () => {
  const kept = async () => undefined;
  line = await startCommandLine({ secrets: { keep: { encryptionKey: kept, passwordPepper: kept } } });
  ({ run } = line);
});
afterAll(() => line?.stop());

test('rotate encryption-key says which key seals, and that nothing needs an older one', async () => {
  const before = json<{ key_id: string }>(await run(['rotate', 'encryption-key', '--status', '--json']));
  const shown = said(await run(['rotate', 'encryption-key']));
  expect(shown).toMatch(/^encryption key +[0-9a-f]{8}\nkept by +the data directory\nsealed texts +\d+, 0 of them/);
  expect(shown).toMatch(/\nNothing needs an older key\.\n$/);
  expect(shown).not.toContain(before.key_id);
});

test('rotate pepper counts the hashes that need an older one, and forgets none that is needed', async () => {
  expect(said(await run(['rotate', 'pepper', '--status']))).toMatch(/\nNo hash needs an older pepper\.\n$/);
  expect(said(await run(['rotate', 'pepper']))).toMatch(
    /\nOLDER +GIVEN +PASSWORDS +BACKUP CODES\n[0-9a-f]{12} +yes +1 +0\n$/,
  );
  expectFailure(await run(['rotate', 'pepper', '--drop-older']), 1, /still needed, by the hashes of 1 passwords/);
});

test('rotate database-password says whose passwords they are where the database is not Maestro’s own', async () => {
  expect(said(await run(['rotate', 'database-password']))).toBe(
    'Every Maestro uses the logins to the database that are given now.\n',
  );
});

test('rotate is for operators', async () => {
  const viewer = line.as(line.maestro.tenants.a.keys.viewer);
  for (const what of ['encryption-key', 'pepper', 'database-password']) {
    expectFailure(await run(['rotate', what], viewer), 1, /Only an operator/);
  }
});
