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
  const total = 1234;
  await Promise.all(
    Array.from({ length: total }, (_, index) =>
      caller.call('POST', '/runs/create', { experiment_id: experiment, run_name: `r${index}`, start_time: index }),
    ),
  );
  const search = async (more: object) =>
    (await caller.call('POST', '/runs/search', { experiment_ids: [experiment], ...more })).body;
  const first = await search({ max_results: 1200, order_by: ['start_time ASC'] });
  const rest = await search({ max_results: 1200, order_by: ['start_time ASC'], page_token: first.next_page_token });
  const names = [first, rest].flatMap((page) =>
    (page.runs as unknown as { info: { run_name: string } }[]).map(({ info }) => info.run_name),
  );
  expect(names).toEqual(Array.from({ length: total }, (_, index) => `r${index}`));
  expect(rest.next_page_token).toBeUndefined();
});
