import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { CommandGroup } from './context.ts';
import { causeOf, Failure } from './failure.ts';
import { readJunit, type TestCounts } from './junit.ts';
import { inOwnTenant, moment } from './options.ts';
import { ownPlaceIn } from './place.ts';
import { projectIdOf } from './project_named.ts';
import type { Environment } from './server.ts';

interface Build {
  run?: string;
  repository?: string;
  workflow?: string;
  branch?: string;
  sha?: string;
}

interface Options extends Build {
  tenant?: string;
  project: string;
  startedAt?: string;
  json?: true;
}

const megabytesMax = 50;

/**
 * What GitHub Actions and GitLab CI/CD tell of the build that is under way:
 * https://docs.github.com/en/actions/reference/variables-reference and
 * https://docs.gitlab.com/ci/variables/predefined_variables/. The build is named as its webhook names it.
 */
function buildOf(environment: Environment): Build {
  const of = (name: string): string | undefined => environment[name] || undefined;
  const host = (url: string | undefined): string | undefined =>
    url && URL.canParse(url) ? new URL(url).hostname : url;
  const build: Record<keyof Build, string | undefined> =
    of('GITHUB_ACTIONS') === 'true'
      ? {
          run: of('GITHUB_RUN_ID') && `github:${of('GITHUB_RUN_ID')}:${of('GITHUB_RUN_ATTEMPT') ?? 1}`,
          repository:
            of('GITHUB_REPOSITORY') && `${host(of('GITHUB_SERVER_URL')) ?? 'github.com'}/${of('GITHUB_REPOSITORY')}`,
          workflow: of('GITHUB_WORKFLOW'),
          branch: of('GITHUB_HEAD_REF') ?? of('GITHUB_REF_NAME'),
          sha: of('GITHUB_SHA'),
        }
      : {
          run: of('CI_PIPELINE_ID') && `gitlab:${of('CI_PIPELINE_ID')}`,
          repository: of('CI_PROJECT_PATH') && `${of('CI_SERVER_HOST')}/${of('CI_PROJECT_PATH')}`,
          workflow: of('CI_PIPELINE_NAME'),
          branch: of('CI_COMMIT_REF_NAME'),
          sha: of('CI_COMMIT_SHA'),
        };
  return Object.fromEntries(Object.entries(build).filter(([, value]) => value !== undefined));
}

async function contentOf(file: string): Promise<{ text: string; changedAt: Date }> {
  try {
    const { size, mtime } = await stat(file);
    if (size > megabytesMax * 1024 * 1024) throw new Failure(`${file} is larger than ${megabytesMax} MB.`);
    return { text: await readFile(file, 'utf8'), changedAt: mtime };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${file} cannot be read (${causeOf(error)}).`);
  }
}

export const ciCommands: CommandGroup = (program, { output, api, environment }) => {
  const group = program.command('ci').description('what builds of a project’s code came to');

  group
    .command('report')
    .description(
      'record the tests of a build from JUnit XML; within GitHub Actions and GitLab CI/CD the build is known',
    )
    .argument('<files...>', 'reports of one build: they are counted together')
    .requiredOption('--project <project>', 'the project it is a build of: its name or id')
    .option(...inOwnTenant)
    .option('--run <name>', 'names the build, so that a second report of it replaces the first; by what the files hold')
    .option('--repository <name>', 'such as github.com/owner/name')
    .option('--workflow <name>', 'what was built')
    .option('--branch <name>', 'of what')
    .option('--sha <commit>', 'of which commit')
    .option('--started-at <time>', 'when it began; by the reports unless given', moment)
    .option('--json', 'print {"run_key", "status", "tests", "failed", "skipped", "seconds"}')
    .action(async (files: string[], options: Options) => {
      const sum: TestCounts = { tests: 0, failed: 0, skipped: 0, seconds: 0, startedAt: undefined };
      const digest = createHash('sha256');
      let changedAt: Date | undefined;
      for (const file of files) {
        const content = await contentOf(file);
        const counts = readJunit(content.text, file);
        digest.update(content.text);
        for (const name of ['tests', 'failed', 'skipped', 'seconds'] as const) sum[name] += counts[name];
        if (counts.startedAt !== undefined && (sum.startedAt ?? counts.startedAt) >= counts.startedAt) {
          sum.startedAt = counts.startedAt;
        }
        if (!changedAt || content.changedAt > changedAt) changedAt = content.changedAt;
      }
      const { tests, failed, skipped, seconds } = sum;
      const build = { ...buildOf(environment), ...options };
      const ended = (changedAt as Date).getTime();
      const place = ownPlaceIn(await api(), options.tenant);
      const answer = await place.call<{ run_key: string; status: string }>(
        'POST',
        `/projects/${await projectIdOf(place, options.project)}/ci/reports`,
        {
          repository: build.repository ?? 'local',
          run_key: build.run ?? `report:${digest.digest('hex')}`,
          ...(build.workflow === undefined ? {} : { workflow: build.workflow }),
          ...(build.branch === undefined ? {} : { branch: build.branch }),
          ...(build.sha === undefined ? {} : { sha: build.sha }),
          started_at: options.startedAt ?? sum.startedAt ?? new Date(ended - seconds * 1000).toISOString(),
          tests,
          tests_failed: failed,
          tests_skipped: skipped,
          tests_seconds: seconds,
        },
      );
      if (options.json) return output.json({ ...answer, tests, failed, skipped, seconds });
      output.line(`Recorded ${tests} tests in ${seconds.toFixed(1)} s: ${failed} failed, ${skipped} skipped.`);
    });
};
