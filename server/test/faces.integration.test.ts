import { allFakers, type Faker } from '@faker-js/faker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Body, type MlflowFace, startMlflowFace } from './mlflow_face.ts';

let face: MlflowFace;

beforeAll(async () => {
  face = await startMlflowFace();
});

afterAll(() => face?.stop());

const languages = ['en', 'de', 'ja', 'ar', 'he', 'hy', 'ko', 'th', 'uk', 'zh_CN'] as const;

/** A training run as somebody of that language would log it. */
function madeUpRun(faker: Faker) {
  const params = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`param ${index}`, faker.lorem.paragraph({ min: 1, max: 3 })]),
  );
  const tags = {
    author: faker.person.fullName(),
    city: faker.location.city(),
    emoji: faker.internet.emoji(),
    [`sku/${faker.string.alphanumeric(12)}`]: faker.commerce.productName(),
  };
  const metrics = Object.fromEntries(
    Array.from({ length: 5 }, (_, index) => [`m${index}`, faker.number.float({ min: -1e9, max: 1e9 })]),
  );
  return { name: faker.company.name(), params, tags, metrics };
}

const pairs = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => ({ key, value }));

/** A value in a filter: MLflow's grammar has no escapes, but two kinds of quotes. */
const quoted = (value: string) => (value.includes("'") ? `"${value}"` : `'${value}'`);

const byKey = (items: Body) =>
  Object.fromEntries((items as unknown as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]));

test.each(languages)('what is logged in language %s comes back the same on both faces', async (language) => {
  const faker = allFakers[language];
  faker.seed(20_261_123);
  const caller = face.caller('data_scientist');
  const experiment = await face.experiment(caller);
  for (let count = 0; count < 5; count += 1) {
    const made = madeUpRun(faker);
    const created = await caller.call('POST', '/runs/create', { experiment_id: experiment, run_name: made.name });
    const runId = String(created.body.run?.info?.run_id);
    const logged = await caller.call('POST', '/runs/log-batch', {
      run_id: runId,
      params: pairs(made.params),
      tags: pairs(made.tags),
      metrics: Object.entries(made.metrics).map(([key, value]) => ({ key, value, timestamp: 1, step: 0 })),
    });
    expect(logged).toMatchObject({ status: 200, body: {} });

    const expectedTags = { ...made.tags, 'mlflow.runName': made.name };
    const { body } = await caller.call('GET', `/runs/get?run_id=${runId}`);
    const data = body.run?.data as Body;
    expect(byKey(data.params as Body)).toEqual(made.params);
    expect(byKey(data.tags as Body)).toEqual(expectedTags);
    expect(byKey(data.metrics as Body)).toEqual(made.metrics);

    const native = await face.app.send('GET', `/api/v1/runs/${runId}`, { as: face.app.tenants.a.keys.viewer });
    expect(native.body).toMatchObject({
      name: made.name,
      params: made.params,
      tags: expectedTags,
      metrics: made.metrics,
    });

    const filter = `tags.city = ${quoted(made.tags.city)} and attributes.run_name = ${quoted(made.name)}`;
    const found = await caller.call('POST', '/runs/search', { experiment_ids: [experiment], filter });
    expect(found.body.runs?.[0]?.info?.run_id).toBe(runId);
  }
});
