import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown, as = app.tenants.a.keys.ml_engineer) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function made<Body>(method: string, path: string, json: unknown, as?: string): Promise<Body> {
  const answer = await send(method, path, json, as);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

/** A tenant of its own for each test, so that nothing else is similar. */
async function tenant(): Promise<string> {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  await made('POST', '/tenants', { slug, name: slug }, app.operatorKey);
  const key = { name: 'k', role: 'tenant_admin' };
  return (await made<{ key: string }>('POST', `/tenants/${slug}/keys`, key, app.operatorKey)).key;
}

async function project(as: string, fields: object, text?: string): Promise<string> {
  const { project_id } = await made<{ project_id: string }>('POST', '/projects', { name: randomUUID(), ...fields }, as);
  if (text !== undefined) await made('POST', '/ml/embed-specs', { specs: [{ project_id, text }] }, as);
  return project_id;
}

const document = `# Churn features
Build churn features of customers from contracts and support tickets.

# Real-time serving
Serve scores from a GPU endpoint with a latency below 50 milliseconds.

# Consent
Honour withdrawn consent within one hour by a ledger of revocations.`;

interface Amount {
  value: number;
  low: number;
  high: number;
  projects: number;
  is_thin: boolean;
  text_tells: boolean;
}
interface Effort {
  duration_days: Amount | null;
  compute_cost: Amount | null;
  similar: { project_id: string }[];
  explanation: string[];
}

const dayAfter = (days: number): string => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);

describe('the effort of a requirements text', () => {
  test('is that of the finished projects whose requirements are like it, with an interval', async () => {
    const as = await tenant();
    const kinds = [
      { text: 'Forecast demand of stores by week from sales and weather.', days: 30, cost: 100 },
      { text: 'Detect fraudulent card payments in real time from transactions.', days: 200, cost: 4_000 },
    ];
    for (let at = 0; at < 24; at += 1) {
      const kind = kinds[at % 2] as (typeof kinds)[number];
      const factor = 0.8 + 0.035 * (at % 12);
      const fields = {
        start_date: '2026-01-01',
        completion_date: dayAfter(Math.round(kind.days * factor)),
        compute_cost: kind.cost * factor,
      };
      await project(as, fields, `${kind.text} Variant ${at % 5} alpha${at % 3}.`);
    }
    const slow = await made<Effort>(
      'POST',
      '/ml/estimate-effort',
      { text: 'Detect fraudulent transactions of cards.' },
      as,
    );
    expect(slow.duration_days).toMatchObject({ projects: 24, is_thin: false, text_tells: true });
    expect(slow.duration_days?.value).toBeGreaterThan(150);
    expect(slow.duration_days?.low).toBeGreaterThan(60);
    expect(slow.compute_cost?.value).toBeGreaterThan(2_500);
    expect(slow.similar).toHaveLength(5);
    expect(slow.explanation[0]).toMatch(
      /^Estimated duration \d+ days, in 8 of 10 cases \d+ to \d+ days, from 24 finished/,
    );
    const quick = await made<Effort>('POST', '/ml/estimate-effort', { text: 'Forecast weekly demand of stores.' }, as);
    expect(quick.duration_days?.value).toBeLessThan(45);
  });

  test('counts class, complexity and team where they tell more than words do', async () => {
    const as = await tenant();
    for (let at = 0; at < 20; at += 1) {
      const isLarge = at % 2 === 0;
      await project(as, {
        name: `Model ${at}`,
        problem_class: isLarge ? 'ranking' : 'forecasting',
        team_size: isLarge ? 12 : 2,
        start_date: '2026-01-01',
        completion_date: dayAfter((isLarge ? 300 : 20) + at),
      });
    }
    const of = async (fields: object): Promise<number> => {
      const body = { text: 'A new model', ...fields };
      return (await made<Effort>('POST', '/ml/estimate-effort', body, as)).duration_days?.value as number;
    };
    expect(await of({ problem_class: 'ranking', team_size: 12 })).toBeGreaterThan(250);
    expect(await of({ problem_class: 'forecasting', team_size: 2 })).toBeLessThan(50);
  });

  test('is learnt of imports that tell of nothing but a cost, and not of what still goes on', async () => {
    const as = await tenant();
    await project(as, { compute_cost: 500 });
    await project(as, { start_date: '2026-01-01', compute_cost: 9, metadata: { duration_days: 90 } });
    const effort = await made<Effort>('POST', '/ml/estimate-effort', { text: document }, as);
    expect(effort).toMatchObject({ duration_days: null, compute_cost: { projects: 1, value: expect.closeTo(500) } });
  });

  test('is the median with a wide interval, flagged, of few, and nothing of none', async () => {
    const as = await tenant();
    expect(await made<Effort>('POST', '/ml/estimate-effort', { text: document }, as)).toMatchObject({
      duration_days: null,
      compute_cost: null,
      explanation: [expect.stringContaining('nothing to learn'), expect.stringContaining('nothing to learn')],
    });
    await project(as, { start_date: '2026-01-01', completion_date: '2026-01-31' });
    const { duration_days: one } = await made<Effort>('POST', '/ml/estimate-effort', { text: document }, as);
    expect(one).toMatchObject({ projects: 1, is_thin: true });
    expect(one?.value).toBeCloseTo(30);
    expect((one?.high as number) / (one?.low as number)).toBeGreaterThan(10);
  });
});
