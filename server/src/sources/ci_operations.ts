import Type from 'typebox';
import { id, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { timeInReach } from '../process/spans.ts';
import { missingProject } from '../projects/refusals.ts';
import { putReport } from './event_queries.ts';
import { recordBuild } from './events.ts';
import { repository } from './operations.ts';
import { takeTurn } from './people.ts';

const count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });

export const addReport = defineOperation({
  name: 'ci.record_report',
  permission: 'project:write',
  input: Type.Object(
    {
      project_id: id,
      repository,
      run_key: text(1, 200, {
        description:
          'Names the build: a report of it that is sent again replaces the first. As webhooks name it: github:ID:ATTEMPT, gitlab:ID.',
      }),
      workflow: Type.Optional(text(0, 300)),
      branch: Type.Optional(text(1, 300)),
      sha: Type.Optional(Type.String({ pattern: '^[0-9a-f]{7,64}$' })),
      started_at: timeInReach,
      tests: count,
      tests_failed: count,
      tests_skipped: count,
      tests_seconds: Type.Number({ minimum: 0, maximum: 31_536_000 }),
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({ run_key: Type.String(), status: Type.Enum(['success', 'failure']) }),
  async run({ tx }, input) {
    const { project_id: project, repository, run_key: key, tests_seconds: seconds } = input;
    if (!(await takeTurn(tx, project))) throw missingProject(project);
    const status = input.tests_failed > 0 ? ('failure' as const) : ('success' as const);
    const startedAt = new Date(input.started_at).toISOString();
    const finishedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
    const {
      workflow = 'tests',
      branch = null,
      sha = null,
      tests,
      tests_failed: failed,
      tests_skipped: skipped,
    } = input;
    const run = { key, workflow, branch, sha, status, startedAt, finishedAt };
    const where = { project, repository };
    await recordBuild(tx, where, key, () => putReport(tx, where, run, { tests, failed, skipped, seconds }));
    return { run_key: key, status };
  },
});
