import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barriersOn, settled } from './interface.ts';
import { type SeededTenant, startSeededTenant } from './seeded_tenant.ts';

const shots = join(import.meta.dirname, '../../docs/screenshots');

let tenant: SeededTenant;

beforeAll(async () => {
  await mkdir(shots, { recursive: true });
  tenant = await startSeededTenant();
}, 300_000);
afterAll(() => tenant?.web.stop());

describe.each(['light', 'dark'] as const)('the main pages in %s', (scheme) => {
  test('are without barriers, complain of nothing, and are kept under docs/screenshots', async () => {
    for (const [name, path] of Object.entries(tenant.pages)) {
      const { page, complaints } = await tenant.web.open(`/t/tenant-a/${path}`, tenant.lead, { scheme, height: 860 });
      await settled(page);
      await page.locator('body:not(:has(.mantine-Skeleton-root))').waitFor();
      await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
      expect([name, await barriersOn(page)]).toEqual([name, []]);
      expect([name, complaints]).toEqual([name, []]);
      await page.close();
    }
  });
});
