import { afterEach, beforeEach, expect, test } from 'vitest';
import { newSecret } from '../src/identity/secrets.ts';
import { files, nameOf, replaceAll, startTwo, vault } from './given_secrets.ts';
import { load, openRotationWorld, type RotationWorld, shownBy } from './rotation_world.ts';

let world: RotationWorld;
beforeEach(async () => {
  world = await openRotationWorld();
});
afterEach(() => world.close());

test('every secret that two Maestros are given, by files of each, is replaced under load by one command each, and no request fails', () =>
  replaceAll(world, files));

test('a new key or pepper that only one of two Maestros is given goes into nothing that the other has to read, without a Redis too', async () => {
  const { given, store, maestros } = await startTwo(world, files, false);
  const under = await load(maestros, shownBy(maestros));
  const next = {
    ...given,
    MAESTRO_ENCRYPTION_KEY_PREVIOUS: given.MAESTRO_ENCRYPTION_KEY!,
    MAESTRO_ENCRYPTION_KEY: newSecret(),
    MAESTRO_PASSWORD_PEPPER_PREVIOUS: given.MAESTRO_PASSWORD_PEPPER!,
    MAESTRO_PASSWORD_PEPPER: newSecret(),
  };
  await store.putTo?.('one', next);
  expect(await world.refused('one', 'rotate', 'encryption-key')).toContain('1 of the 2 Maestros on this database');
  expect(await world.refused('one', 'rotate', 'pepper')).toContain('1 of the 2 Maestros on this database');
  await under.goesOn();
  expect(await world.command('one', 'rotate', 'pepper', '--status', '--json')).toMatchObject({
    pepper: nameOf.pepper(given.MAESTRO_PASSWORD_PEPPER),
  });
  await store.putTo?.('two', next);
  expect(await world.command('one', 'rotate', 'encryption-key', '--json')).toMatchObject({ pending: 0 });
  expect(await world.command('one', 'rotate', 'pepper', '--json')).toMatchObject({
    pepper: nameOf.pepper(next.MAESTRO_PASSWORD_PEPPER),
  });
  await under.end();
});

test('a Maestro that was killed keeps the others from nothing', async () => {
  const { given, store, maestros } = await startTwo(world, vault);
  maestros[1].process.child.kill('SIGKILL');
  await maestros[1].process.ended;
  const under = await load([maestros[0]], shownBy(maestros));
  await store.put({
    ...given,
    MAESTRO_ENCRYPTION_KEY_PREVIOUS: given.MAESTRO_ENCRYPTION_KEY!,
    MAESTRO_ENCRYPTION_KEY: newSecret(),
  });
  expect(await world.command('one', 'rotate', 'encryption-key', '--json')).toMatchObject({ pending: 0 });
  await under.end();
});
