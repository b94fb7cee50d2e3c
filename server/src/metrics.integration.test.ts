import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../test/app.ts';

describe('/metrics', () => {
  let maestro: TestApp;
  beforeAll(async () => {
    maestro = await startTestApp();
  });
  afterAll(() => maestro.stop());

  const scrape = (as?: string) => maestro.send('GET', '/metrics', { as });

  it('shows nobody anything but the operator', async () => {
    const answers = await Promise.all([
      scrape(),
      scrape('mst_not-a-key'),
      scrape(maestro.tenants.a.keys.viewer),
      scrape(maestro.tenants.a.keys.tenant_admin),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
    for (const { text } of answers) expect(text).not.toContain('maestro_');
    const { status, headers } = await scrape(maestro.operatorKey);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('counts requests by the pattern of their route and by status', async () => {
    const as = maestro.tenants.a.keys.data_scientist;
    await maestro.send('GET', `/api/2.0/mlflow/runs/get?run_id=${'0'.repeat(32)}`, { as });
    await maestro.send('GET', '/api/v1/experiments/7', { as });
    const { text } = await scrape(maestro.operatorKey);
    const count = (labels: string) => `maestro_http_request_duration_seconds_count{${labels}} 1`;
    expect(text).toContain(count('method="GET",route="/api/2.0/mlflow/runs/get",status="404"'));
    expect(text).toContain(count('method="GET",route="/api/v1/experiments/:experiment_id",status="404"'));
  });

  it('makes no series of what a caller invents', async () => {
    for (const path of ['/invented', '/api/v1/invented', '/api/2.0/mlflow/invented']) {
      expect((await maestro.send('GET', path)).status).toBe(404);
    }
    const { text } = await scrape(maestro.operatorKey);
    expect(text).not.toContain('invented');
    expect(text).toMatch(
      /maestro_http_request_duration_seconds_count\{method="other",route="unknown",status="404"\} 3/,
    );
  });

  it('tells of the pool, the queues of the group commit, the event loop and the process', async () => {
    const { text } = await scrape(maestro.operatorKey);
    const value = (series: string) =>
      Number(new RegExp(`^${series.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('maestro_database_connections{state="idle"}')).toBeGreaterThan(0);
    expect(value('maestro_database_connections{state="busy"}')).toBeGreaterThanOrEqual(0);
    expect(value('maestro_database_waiting')).toBe(0);
    for (const kind of ['record', 'create_run', 'read_run']) {
      expect(value(`maestro_group_commit_queue{kind="${kind}"}`)).toBe(0);
    }
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  });
});
