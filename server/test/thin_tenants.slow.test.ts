import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSuperuser } from './large_tenant.ts';
import {
  isLong,
  type LargeTenant,
  send,
  startLargeTenant,
  type Tenant,
  vacuum,
  worldOf,
} from './large_tenant_maestro.ts';
import { reads, searches, type World } from './large_tenant_requests.ts';
import { fillThinTenants, thinTenants } from './thin_tenants.ts';

/** Of each kind of request. */
const rounds = 13;

let beside: LargeTenant;
let alone: LargeTenant;
const thin: Tenant[] = [];

beforeAll(async () => {
  [beside, alone] = await (await startLargeTenant()).twice();
  for (let place = 0; place < thinTenants; place += 1) thin.push(await beside.makeTenant(`thin-${place}`, {}));
  await withSuperuser(beside.dataDir, (client) =>
    fillThinTenants(
      client,
      beside.large.id,
      thin.map(({ id }) => id),
      beside.largest,
    ),
  );
  await vacuum(beside.dataDir);
}, 3_600_000);
afterAll(async () => {
  await beside?.stop();
  await alone?.stop();
});

interface Asked {
  readonly url: string;
  readonly key: string;
  readonly world: World;
}

/**
 * Of every kind of request the time of one in milliseconds, the geometric mean over all kinds, for each of those asked. They
 * are asked in turn, so that whatever else the machine does falls upon all alike.
 */
async function pacesOf(asked: readonly Asked[]): Promise<number[]> {
  const asks = [
    ...Object.values(searches),
    ...Object.entries(reads).flatMap(([name, ask]) => (isLong(name) ? [] : [ask])),
  ];
  const logarithms = asked.map(() => 0);
  for (const ask of asks) {
    const times = asked.map((): number[] => []);
    for (let round = -2; round < rounds; round += 1) {
      for (const [at, { url, key, world }] of asked.entries()) {
        const request = ask(world);
        const began = performance.now();
        await send(url, key, request);
        if (round >= 0) times[at]?.push(performance.now() - began);
      }
    }
    // The third part is what a request takes that nothing else held up.
    for (const [at, own] of times.entries()) {
      logarithms[at]! += Math.log(own.sort((a, b) => a - b)[Math.floor(rounds / 3)] as number);
    }
  }
  return logarithms.map((sum) => Math.exp(sum / asks.length));
}

test(`a large tenant is not slowed by ${thinTenants} tenants with as many rows, and none of them by it`, async () => {
  const [one] = thin as [Tenant];
  const large = async ({ url, large: { key }, largest }: LargeTenant): Promise<Asked> => ({
    url,
    key,
    world: await worldOf(url, key, largest, 1_000),
  });
  const small = { url: beside.url, key: one.key, world: await worldOf(beside.url, one.key, beside.largest, 10) };
  const [before, after, theirs] = (await pacesOf([await large(alone), await large(beside), small])) as [
    number,
    number,
    number,
  ];
  process.stdout.write(
    `pace: alone ${before.toFixed(2)} ms, beside thin ones ${after.toFixed(2)} ms, theirs ${theirs.toFixed(2)} ms\n`,
  );
  expect(after / before).toBeLessThan(1.2);
  expect(theirs).toBeLessThan(after);
});
