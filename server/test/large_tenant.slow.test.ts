import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { many } from './large_tenant.ts';
import { type LargeTenant, startLargeTenant, timesOf, told, worldOf } from './large_tenant_maestro.ts';
import { reads, searches, type World } from './large_tenant_requests.ts';

/** Milliseconds within which 19 of 20 requests are answered. */
const searchMax = 50;
const readMax = 100;

let tenant: LargeTenant;
let world: World;

beforeAll(async () => {
  tenant = await startLargeTenant();
  world = await worldOf(tenant.url, tenant.large.key, tenant.largest, 1_000);
}, 3_600_000);
afterAll(() => tenant?.stop());

describe(`a tenant of ${many.projects} projects, ${many.artifacts} artifacts, ${many.usages} usages and ${many.metrics} process metrics`, () => {
  test('takes in its projects within a minute', () => {
    process.stdout.write(`import: ${tenant.importSeconds.toFixed(1)} s\n`);
    expect(tenant.importSeconds).toBeLessThan(60);
  });

  test.each(Object.entries(searches))(`is searched in ${searchMax} ms at P95: %s`, async (what, ask) => {
    const times = await timesOf(tenant.url, tenant.large.key, () => ask(world));
    told(what, times);
    expect(times.p95).toBeLessThan(searchMax);
  });

  test.each(Object.entries(reads))(`is read in ${readMax} ms at P95: %s`, async (what, ask) => {
    const times = await timesOf(tenant.url, tenant.large.key, () => ask(world));
    told(what, times);
    expect(times.p95).toBeLessThan(readMax);
  });
});
