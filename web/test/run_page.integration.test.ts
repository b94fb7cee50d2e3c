import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import { barriersOn, downloadOf, type Interface, overflows, press, startInterface, widthOf } from './interface.ts';
import { curve, runWorldOf } from './run_world.ts';

let web: Interface;
let world: ReturnType<typeof runWorldOf>;
beforeAll(async () => {
  web = await startInterface();
  world = runWorldOf(web);
  scientist = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
  reader = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
}, 60_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

let scientist: Person;
let reader: Person;
const at = (runId: string, search = '') => `/t/tenant-a/runs/${runId}${search}`;

const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const commit = '4d82fb8aa1c9e0f6b7d3521c8e9f00aa11bb22cc';

async function fullRun(name = 'first-try'): Promise<string> {
  const runId = await world.run(name, {
    metrics: [
      ...curve('loss', (step) => 2 * Math.exp(-step / 30) + 0.05 * Math.sin(step)),
      ...curve('val/accuracy', (step) => 1 - Math.exp(-step / 40)),
      ...curve('system/cpu_utilization_percentage', (step) => 50 + 30 * Math.sin(step / 5)),
      { key: 'odd', value: 'NaN' },
    ],
    params: { lr: '0.001', optimizer: 'adamw', layers: '12', long: 'x'.repeat(3_000) },
    tags: {
      stage: 'candidate',
      'mlflow.user': 'ada',
      'mlflow.source.git.commit': commit,
      'mlflow.source.git.repoURL': 'git@github.com:example/churn.git',
      'mlflow.source.name': 'train.py',
      'mlflow.note.content':
        '# Second attempt\n\nLower rate, **warm-up** of 500 steps.\n\n| what | value |\n|---|---|\n| lr | 1e-3 |\n',
    },
  });
  await world.mlflow('POST', '/runs/log-inputs', {
    run_id: runId,
    datasets: [
      {
        dataset: {
          name: 'churn-2026',
          digest: 'a1b2c3d4',
          source_type: 's3',
          source: '{"uri": "s3://data/churn.parquet"}',
          schema: '{"mlflow_colspec": [{"type": "double", "name": "age"}, {"type": "string", "name": "plan"}]}',
          profile: '{"num_rows": 120000}',
        },
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
      },
    ],
  });
  await world.run('child-of-it', { tags: { 'mlflow.parentRunId': runId } });
  return runId;
}

describe('a run’s page', () => {
  test('keeps what was typed of one run from the next one', async () => {
    const parent = await world.run('parent');
    const child = await world.run('child', { tags: { 'mlflow.parentRunId': parent } });
    // Both are in the cache then: nothing is loading in between.
    const { page } = await web.open(at(child), scientist);
    await page.getByRole('link', { name: 'parent' }).click();
    await page.getByRole('heading', { name: 'parent', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Write a note' }).click();
    await page.getByRole('textbox', { name: 'Note, in Markdown' }).fill('of the parent');
    await page.getByRole('link', { name: 'child' }).click();
    await page.getByRole('heading', { name: 'child', level: 1 }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Note, in Markdown' }).count()).toBe(0);
  });

  test('tells what the run logged, and of each metric its last value, its extremes and its course', async () => {
    const { page, complaints } = await web.open(at(await fullRun()), scientist);
    await page.getByRole('heading', { name: 'first-try', level: 1 }).waitFor();
    const metrics = page.getByRole('table', { name: 'Metrics' });
    const loss = metrics.getByRole('row').filter({ hasText: 'loss' });
    await loss.getByRole('img', { name: 'Course of loss: 120 points' }).waitFor();
    expect(await loss.textContent()).toMatch(/^loss0\.\d+-0\.0\d+2$/);
    await page.getByRole('table', { name: 'Params' }).getByText('adamw').waitFor();
    await page.getByRole('heading', { name: 'Second attempt' }).waitFor();
    await page.getByText('120,000 rows').waitFor();
    await page.getByText(commit).waitFor();
    await page.getByRole('link', { name: 'child-of-it' }).click();
    await page.getByRole('heading', { name: 'child-of-it', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'first-try' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('its name, tags and note are changed in place, and each change can be undone', async () => {
    const runId = await fullRun('to-change');
    const { page } = await web.open(at(runId), scientist);
    await page.getByRole('button', { name: 'Rename the run' }).click();
    await page.getByLabel('Name of the run').fill('renamed');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'renamed', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'to-change', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByLabel('Key', { exact: true }).fill('team');
    await page.getByLabel('Value', { exact: true }).fill('churn');
    await page.keyboard.press('Enter');
    await page.getByText('The tag team is set.').waitFor();
    await page.getByRole('button', { name: 'Remove the tag stage' }).click();
    await page.getByText('The tag stage is removed.').waitFor();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Note, in Markdown').fill('All **done**');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('strong', { hasText: 'done' }).waitFor();
    await page.getByText('The note is saved.').waitFor();
    const { name, tags } = await world.native<{ name: string; tags: Record<string, string> }>('GET', `/runs/${runId}`);
    expect({ name, team: tags.team, stage: tags.stage, note: tags['mlflow.note.content'] }).toEqual({
      name: 'to-change',
      team: 'churn',
      stage: undefined,
      note: 'All **done**',
    });
  });

  test('it is deleted, and comes back by undo', async () => {
    const runId = await world.run('to-delete');
    const { page } = await web.open(at(runId), scientist);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('This run is deleted').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('This run is deleted').waitFor({ state: 'hidden' });
    await expect.poll(() => world.native('GET', `/runs/${runId}`)).toMatchObject({ lifecycle_stage: 'active' });
  });

  test('keys open its tabs, which are in the address, as is what was searched', async () => {
    const runId = await fullRun('tabs');
    const { page } = await web.open(at(runId, '?q=val'), scientist);
    await page.getByRole('table', { name: 'Metrics' }).getByText('val/accuracy').waitFor();
    expect(await page.getByRole('table', { name: 'Metrics' }).getByText('loss').count()).toBe(0);
    await page.keyboard.press('3');
    await page.getByRole('table', { name: 'System metrics' }).getByText('system/cpu').waitFor();
    expect(page.url()).toContain('tab=system');
    await page.reload();
    await page.getByRole('table', { name: 'System metrics' }).waitFor();
    await page.goBack();
    await page.getByRole('table', { name: 'Metrics' }).getByText('val/accuracy').waitFor();
  });

  test('10,000 metrics and params do not stop it: only what is in sight is there', async () => {
    const metrics = Array.from({ length: 10_000 }, (_, at) => ({ key: `m/${String(at).padStart(5, '0')}`, value: at }));
    const runId = await world.run('large', { metrics });
    const { page } = await web.open(at(runId), scientist);
    const table = page.getByRole('table', { name: 'Metrics' });
    await table.getByText('m/00000').waitFor();
    expect(await table.getByRole('row').count()).toBeLessThan(60);
    await table.locator('..').focus();
    await page.keyboard.press('End');
    await table.getByText('m/09999').waitFor();
    await page.getByLabel('Search metrics, params and tags').fill('/m.0777\\d$/');
    await table.getByText('m/07779').waitFor();
  });

  test('10,000 charts in 5,100 sections do not stop it: what is far from sight is not there, and all of it is found', async () => {
    const metrics = Array.from({ length: 10_000 }, (_, at) => ({
      key: at < 5_000 ? `layer${Math.floor(at / 50)}/head${at % 50}/grad_norm` : `unlike${at}/loss`,
      value: at + 1,
    }));
    const runId = await world.run('many charts', { metrics });
    const { page, complaints } = await web.open(at(runId, '?tab=charts'), scientist);
    const figure = (name: string) => page.getByRole('figure', { name, exact: true });
    const heads = page.locator('section > button[aria-expanded]');
    const parts = () => page.evaluate('document.querySelectorAll("main *").length');
    await figure('layer0/head0/grad_norm').waitFor();
    expect(await heads.count()).toBe(100);
    expect(await parts()).toBeLessThan(4_000);
    // A place is kept for what is not there: the last section is far down, and its charts come where one goes there.
    await heads.last().scrollIntoViewIfNeeded();
    await figure('layer99/head0/grad_norm').waitFor();
    await figure('layer0/head0/grad_norm').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeGreaterThan(100 * 5_000);
    expect(await parts()).toBeLessThan(4_000);
    await page.getByRole('button', { name: 'Show more sections (5,000 left)' }).click();
    await page.getByRole('button', { name: 'Show more sections (4,900 left)' }).waitFor();
    await page.getByRole('checkbox', { name: 'Log y' }).check();
    await page.getByLabel('Find charts (regex)').fill('(layer99/head1/|unlike9999/)');
    await figure('unlike9999/loss').waitFor();
    expect(await heads.allTextContents()).toEqual(['layer991', 'unlike99991']);
    expect(complaints).toEqual([]);
  });

  test('who may only read sees no way to change it', async () => {
    const { page } = await web.open(at(await fullRun('read-only')), reader);
    await page.getByRole('heading', { name: 'read-only', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).waitFor({ state: 'hidden' });
    for (const name of ['Rename the run', 'Add a tag', 'Edit']) {
      await page.getByRole('button', { name, exact: true }).waitFor({ state: 'hidden' });
    }
  });

  test('the links that MLflow’s client prints lead to it', async () => {
    const runId = await world.run('linked');
    for (const link of [`/#/experiments/0/runs/${runId}`, `/#/experiments/0/runs/${runId}?workspace=tenant-a`]) {
      const { page } = await web.open(link, scientist);
      await page.getByRole('heading', { name: 'linked', level: 1 }).waitFor();
    }
  });

  test('what is hostile in names, params, tags and notes stays text', async () => {
    const note = `${hostile}\n\n[click](javascript:window.hacked=1)\n\n![p](https://example.org/x.png)`;
    const runId = await world.run(hostile, {
      params: { [`p ${'a'.repeat(200)}`]: hostile, plain: hostile },
      tags: { bad: hostile, 'mlflow.note.content': note, 'mlflow.source.git.repoURL': 'javascript:window.hacked=1' },
    });
    const { page, complaints } = await web.open(at(runId), scientist);
    await page.getByRole('heading', { level: 1 }).filter({ hasText: '<script>' }).waitFor();
    await page.getByText('click').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('a[href^="javascript:"], main img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('times beyond dates and values at the ends of numbers break neither its page, nor its charts, nor the table it is in', async () => {
    const late = 9_000_000_000_000_000;
    const made = await world.native<{ experiment_id: number }>('POST', '/experiments', { name: 'beyond' });
    const { run_id: runId } = await world.native<{ run_id: string }>('POST', '/runs', {
      experiment_id: made.experiment_id,
      name: 'beyond dates',
      start_time: late,
    });
    const metrics = Array.from({ length: 20 }, (_, step) => {
      const at = { step, timestamp: late + step * 1000 };
      return [
        { ...at, key: 'ends', value: step % 2 === 0 ? 1.7e308 : -1.7e308 },
        { ...at, key: 'loss', value: 1 / (step + 1) },
        // As from a client that says microseconds, beside one that does not.
        { ...at, key: 'wide', value: step, timestamp: step === 0 ? 1_790_000_000_000 : 1_790_000_000_000_000 },
      ];
    }).flat();
    await world.native('POST', `/runs/${runId}/log`, { metrics });
    const { page, complaints } = await web.open(at(runId), scientist, { width: 1280 });
    await page.getByTitle('9,000,000,000,000,000 ms since 1970').waitFor();
    const course = page.getByRole('img', { name: 'Course of ends: 20 points' }).locator('path');
    expect(await course.getAttribute('d')).toMatch(/^M1\.0 2\.0L[\d. L]+$/);
    await page.goto(`${web.origin}${at(runId, '?tab=charts&x=time')}`);
    for (const name of ['loss', 'wide']) {
      const chart = page.getByRole('figure', { name, exact: true });
      await chart.locator('canvas').waitFor();
      await chart.getByRole('button', { name: 'Show as table' }).click();
      await chart
        .getByText(name === 'loss' ? '9,000,000,000,001,000' : '1,790,000,000,000')
        .first()
        .waitFor();
    }
    await page.goto(`${web.origin}/t/tenant-a/experiments/${made.experiment_id}`);
    await page.locator('[data-run]').filter({ hasText: 'beyond dates' }).waitFor();
    const { content } = await downloadOf(page, () => press(page, 'Export as CSV'));
    expect(content.toString()).toContain(',9000000000000000,');
    expect(complaints).toEqual([]);
  }, 60_000);

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `is without barriers and fits its window in ${scheme} at %i px`,
      async (width) => {
        const runId = await fullRun('seen');
        // A run that goes on is asked for again and again.
        await world.native('PATCH', `/runs/${runId}`, { status: 'FINISHED', end_time: Date.now() });
        await world.file(runId, 'logs/train.log', 'one\ntwo\n');
        const { page, complaints } = await web.open(at(runId), scientist, { scheme, width, height: 1000 });
        await page.getByRole('heading', { name: 'Second attempt' }).waitFor();
        await page.getByRole('img', { name: /Course of loss/ }).waitFor();
        for (const tab of ['', '?tab=system', '?tab=files&path=logs%2Ftrain.log', '?tab=models', '?tab=logs']) {
          await page.goto(`${web.origin}${at(runId, tab)}`);
          await page.getByRole('tabpanel').waitFor();
          await expect.poll(() => page.getByRole('status', { name: 'Loading …' }).count(), { timeout: 10_000 }).toBe(0);
          expect(await barriersOn(page), tab).toEqual([]);
          expect(await overflows(page), tab).toBe(false);
        }
        expect(complaints).toEqual([]);
      },
      120_000,
    );
  }
});
