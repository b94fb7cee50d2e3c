import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import { barriersOn, type Interface, overflows, startInterface, widthOf } from './interface.ts';
import { runWorldOf } from './run_world.ts';

let web: Interface;
let world: ReturnType<typeof runWorldOf>;
let scientist: Person;
let runId: string;
let modelId: string;

const mlmodel = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
  sklearn:
    sklearn_version: 1.8.0
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "it''s a plan", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
`;

beforeAll(async () => {
  web = await startInterface();
  world = runWorldOf(web);
  scientist = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
  runId = await world.run('trained', { metrics: [{ key: 'loss', value: 1 }] });
  modelId = await world.model(runId, 'churn-tree');
  await world.model(runId, 'churn-forest');
  await world.mlflow('POST', '/runs/log-metric', {
    run_id: runId,
    key: 'auc',
    value: 0.91,
    timestamp: 1,
    model_id: modelId,
    dataset_name: 'holdout',
    dataset_digest: 'd1',
  });
  await world.modelFile(modelId, 'MLmodel', mlmodel);
  await world.modelFile(modelId, 'requirements.txt', 'scikit-learn==1.8.0\n');
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

describe('logged models', () => {
  test('are found by name and order, which stand in the address, and lead to their page and back to their run', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/models', scientist);
    await page.getByText('auc 0.91').waitFor();
    await page.getByRole('combobox', { name: 'Order' }).click();
    await page.getByRole('option', { name: 'By name, A to Z' }).click();
    await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('churn-forest');
    await page.getByLabel('Search by name').fill('TREE');
    await page.getByRole('link', { name: 'churn-forest' }).waitFor({ state: 'hidden' });
    await page.reload();
    await page.getByRole('link', { name: 'churn-tree' }).click();
    await page.getByRole('heading', { name: 'churn-tree', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'trained' }).click();
    await page.getByRole('heading', { name: 'trained', level: 1 }).waitFor();
    await page.keyboard.press('5');
    await page.getByRole('link', { name: 'churn-tree' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the registry has its place, which says what there is until it comes', async () => {
    const { page, complaints } = await web.open('/t/tenant-a/models?q=churn', scientist);
    await page.getByRole('tab', { name: 'Registered models' }).click();
    await page.getByRole('heading', { name: 'No model registry yet' }).waitFor();
    expect(page.url()).toMatch(/q=churn/);
    await page.reload();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'See logged models' }).click();
    await page.getByRole('link', { name: 'churn-tree' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a model tells its metrics, params, flavors, signature and files', async () => {
    const { page, complaints } = await web.open(`/t/tenant-a/models/${modelId}`, scientist);
    await page.getByRole('row').filter({ hasText: 'auc' }).getByText('holdout').waitFor();
    await page.getByText('sklearn', { exact: true }).waitFor();
    await page.getByText("it's a plan").waitFor();
    await page.getByText('int64 [-1]').waitFor();
    await page.getByRole('button', { name: /^requirements\.txt/ }).click();
    await page.getByText('scikit-learn==1.8.0').waitFor();
    expect(page.url()).toContain('path=requirements.txt');
    expect(complaints).toEqual([]);
  });

  test('a model is promoted whole, deleted and brought back', async () => {
    const { page } = await web.open(`/t/tenant-a/models/${modelId}`, scientist);
    await page.getByRole('button', { name: 'Promote to the library' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
    await page.getByText('churn-tree 1 is in the library.').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('This model is deleted').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('This model is deleted').waitFor({ state: 'hidden' });
    expect(await world.native('GET', `/logged-models/${modelId}`)).toMatchObject({ lifecycle_stage: 'active' });
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `are without barriers and fit their window in ${scheme} at %i px`,
      async (width) => {
        const { page, complaints } = await web.open('/t/tenant-a/models', scientist, { scheme, width });
        for (const path of ['', `/${modelId}?path=MLmodel`]) {
          await page.goto(`${web.origin}/t/tenant-a/models${path}`);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await expect.poll(() => page.getByRole('status', { name: 'Loading …' }).count(), { timeout: 10_000 }).toBe(0);
          expect(await barriersOn(page), path).toEqual([]);
          expect(await overflows(page), path).toBe(false);
        }
        expect(complaints).toEqual([]);
      },
      60_000,
    );
  }
});
