import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import { barriersOn, type Interface, overflows, settled, startInterface, widthOf } from './interface.ts';
import { boxOf } from './runs_page.ts';
import { callerOf, hostile } from './seeded_runs.ts';

let web: Interface;
let person: Person;
let experiment: number;
beforeAll(async () => {
  web = await startInterface();
  person = await web.people.make({ tenant: 'tenant-a', role: 'ml_engineer' });
  const call = callerOf(web.maestro);
  const { project_id } = await call<{ project_id: string }>('POST', '/projects', { name: 'churn' });
  const tags = [
    { key: 'maestro.project', value: project_id },
    { key: 'team', value: hostile },
  ];
  const made = await call<{ experiment_id: number }>('POST', '/experiments', { name: 'of a project', tags });
  experiment = made.experiment_id;
}, 90_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const list = '/t/tenant-a/experiments';

describe('experiments', () => {
  test('are made, renamed, deleted and restored, each with a way back', async () => {
    const { page, complaints } = await web.open(list, person);
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Default');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('already exists').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('fresh');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'fresh', level: 1 }).waitFor();
    await page.getByText('No runs yet').waitFor();
    await page.getByText('mlflow.set_experiment("fresh")').waitFor();
    await page.getByRole('link', { name: 'Experiments' }).last().click();
    await page.getByRole('button', { name: 'Rename fresh' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Default');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').getByText('already exists').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Default');
    await page.getByLabel('Name', { exact: true }).fill('fresher');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'fresher' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'fresh', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete fresh' }).click();
    await page.getByText('“fresh” is deleted').waitFor();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await page.getByRole('link', { name: 'fresh', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete fresh' }).click();
    await page.getByRole('switch', { name: 'Deleted' }).click();
    await page.getByRole('button', { name: 'Restore fresh' }).click();
    await page.getByText('No experiment is deleted.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('say to which project they belong, and which tags they have', async () => {
    const { page } = await web.open(list, person);
    const row = page.getByRole('row').filter({ hasText: 'of a project' });
    await row.getByText(`team: ${hostile}`).waitFor();
    // A long name without a space leaves the columns beside it where they are seen.
    const long = 'x'.repeat(190);
    await callerOf(web.maestro)('POST', '/experiments', { name: long });
    await page.reload();
    await page.getByRole('link', { name: long }).waitFor();
    const { x, width } = await boxOf(page.getByRole('button', { name: `Rename ${long}` }));
    const end = await boxOf(page.locator('main'));
    if (end.width > 700) expect(x + width).toBeLessThanOrEqual(end.x + end.width);
    await row.getByRole('link', { name: 'churn' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  });

  test('have notes in Markdown and tags, which are changed and undone', async () => {
    const { page, complaints } = await web.open(`${list}/${experiment}?tab=details`, person);
    await page.getByRole('button', { name: 'Edit the notes' }).click();
    await page.getByLabel('Notes').last().fill(`# Aim\n\n**fewer** losses ${hostile}`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Aim' }).waitFor();
    expect(await page.locator('strong').textContent()).toBe('fewer');
    expect(await page.locator('main img').count()).toBe(0);
    await page.getByLabel('Key').fill('owner');
    await page.getByLabel('Value').fill('ada');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByRole('rowheader', { name: 'owner' }).waitFor();
    await page.getByRole('button', { name: 'Delete the tag owner' }).click();
    await page.getByText('The tag owner is deleted').waitFor();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await page.getByRole('rowheader', { name: 'owner' }).waitFor();
    await page.getByText(`mlflow-artifacts:/${experiment}`).waitFor();
    expect(complaints).toEqual([]);
  });

  test('are only looked at by who may only look', async () => {
    const viewer = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
    const { page } = await web.open(list, viewer);
    await page.getByRole('link', { name: 'of a project' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: /^(?:Delete|Rename|New)/ }).count()).toBe(0);
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `are without barriers and fit their window in ${scheme} at %i px`,
      async (width) => {
        for (const [what, path] of [
          ['list', list],
          ['details', `${list}/${experiment}?tab=details`],
          ['empty', `${list}/${experiment}`],
        ] as const) {
          const { page, complaints } = await web.open(path, person, { scheme, width });
          await page
            .getByText(what === 'empty' ? 'No runs yet' : 'of a project')
            .first()
            .waitFor();
          await settled(page);
          expect(await barriersOn(page)).toEqual([]);
          expect(await overflows(page)).toBe(false);
          expect(complaints).toEqual([]);
        }
      },
      90_000,
    );
  }
});
