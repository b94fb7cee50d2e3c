import { afterEach, beforeEach, test } from 'vitest';
import { aws, replaceAll, vault } from './given_secrets.ts';
import { openRotationWorld, type RotationWorld } from './rotation_world.ts';

let world: RotationWorld;
beforeEach(async () => {
  world = await openRotationWorld();
});
afterEach(() => world.close());

test.each([
  ['Vault', vault],
  ['AWS Secrets Manager', aws],
])(
  'every secret that two Maestros are given, by %s, is replaced under load by one command each, and no request fails',
  (_where, open) => replaceAll(world, open),
);
