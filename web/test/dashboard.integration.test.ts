import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf } from '../../server/test/enrolment.ts';
import { barriersOn, expectFaultless, type Interface, overflows, settled, startInterface } from './interface.ts';

let web: Interface;
beforeAll(async () => {
  web = await startInterface();
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const member = (tenant: string) => web.people.make({ tenant, role: 'data_scientist' });

describe('a tenant’s first page', () => {
  test('an empty tenant’s gives the lines with a fresh key, which logs; the page turns into the run', async () => {
    const { page, complaints } = await web.open('/t/tenant-b', await member('tenant-b'));
    await page.getByRole('button', { name: 'Make a key for it' }).click();
    await page.getByText('The key is shown once').waitFor();
    await expectFaultless(page);
    const code = (await page.locator('pre').textContent()) ?? '';
    const key = /MLFLOW_TRACKING_TOKEN="(mst_[^"]+)"/.exec(code)?.[1] as string;
    expect(code).toContain(`MLFLOW_TRACKING_URI="${web.origin}"`);
    const answer = await web.maestro.send('POST', '/api/v1/runs', {
      as: key,
      json: { experiment_id: 0, name: 'first' },
    });
    const { run_id: runId } = bodyOf<{ run_id: string }>(answer, 201);
    await page.waitForURL(`${web.origin}/t/tenant-b/runs/${runId}`, { timeout: 20_000 });
    expect(complaints).toEqual([]);
  });

  test('it shows what is running, what finished and what failed, with what they measured', async () => {
    const as = web.maestro.tenants.a.keys.data_scientist;
    for (const [name, status] of [
      ['going', ''],
      ['good', 'FINISHED'],
      ['broken', 'FAILED'],
    ] as const) {
      const json = { experiment_id: 0, name };
      const { run_id: id } = bodyOf<{ run_id: string }>(
        await web.maestro.send('POST', '/api/v1/runs', { as, json }),
        201,
      );
      const metrics = [{ key: 'loss', value: 0.25, step: 1 }];
      await web.maestro.send('POST', `/api/v1/runs/${id}/log`, { as, json: { metrics } });
      const change = { status, end_time: Date.now() };
      if (status !== '') await web.maestro.send('PATCH', `/api/v1/runs/${id}`, { as, json: change });
    }
    const nameless = { experiment_id: 0, name: '   ' };
    const made = await web.maestro.send('POST', '/api/v1/runs', { as, json: nameless });
    const { run_id: namelessId } = bodyOf<{ run_id: string }>(made, 201);
    const namelessLink = { name: `(no name) ${namelessId.slice(0, 8)}` };
    const began = Date.now() - 3 * 3_600_000;
    await web.maestro.send('POST', '/api/v1/runs', {
      as,
      json: { experiment_id: 0, name: 'stuck', start_time: began },
    });
    const person = await member('tenant-a');
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      const { page, complaints } = await web.open('/t/tenant-a', person, { scheme, width });
      await settled(page);
      await page.getByText('has logged no metric for 3 h').waitFor();
      for (const name of ['going', 'good', 'broken']) await page.getByRole('link', { name, exact: true }).waitFor();
      await page.getByRole('link', namelessLink).waitFor();
      await expect.poll(() => page.getByText('loss 0.25').count()).toBe(3);
      expect(await barriersOn(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      if (scheme === 'light') {
        await page.goto(`${web.origin}/t/tenant-a/experiments/0`);
        await page.getByRole('link', namelessLink).click();
        await page.getByRole('heading', { level: 1, name: namelessLink.name }).waitFor();
      }
      expect(complaints).toEqual([]);
    }
  }, 60_000);
});
