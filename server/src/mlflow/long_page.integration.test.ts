import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MlflowFace, startMlflowFace } from '../../test/mlflow_face.ts';

let face: MlflowFace;

beforeAll(async () => {
  face = await startMlflowFace();
});

afterAll(() => face?.stop());

test('a page of more runs than one piece holds is whole, in order, and goes on', async () => {
  const caller = face.caller('data_scientist');
  const experiment = await face.experiment(caller);
  const names = Array.from({ length: 1234 }, (_, index) => `r${index}`);
  const unmade = [...names.entries()];
  // Fifty at once: a busy machine answers all of them at once later than a connection may take to send its head.
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (let next = unmade.pop(); next; next = unmade.pop()) {
        const [index, name] = next;
        const run = { experiment_id: experiment, run_name: name, start_time: index };
        expect((await caller.call('POST', '/runs/create', run)).status).toBe(200);
      }
    }),
  );
  const search = async (more: object) =>
    (await caller.call('POST', '/runs/search', { experiment_ids: [experiment], ...more })).body;
  const first = await search({ max_results: 1200, order_by: ['start_time ASC'] });
  const rest = await search({ max_results: 1200, order_by: ['start_time ASC'], page_token: first.next_page_token });
  const found = [first, rest].flatMap((page) =>
    (page.runs as unknown as { info: { run_name: string } }[]).map(({ info }) => info.run_name),
  );
  expect(found).toEqual(names);
  expect(rest.next_page_token).toBeUndefined();
});
