import type { SourceEvent } from './events.ts';
import { type Payload, repositoryIn } from './payload.ts';
import type { Identity } from './people.ts';
import { branchPushed, landed } from './pushes.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */

const commitsMax = 2048;

/** GitHub tells of whoever deleted their account by null, and shows them all as this one. */
const ghost = 'ghost';

const account = (user: Payload | null): Identity => {
  const login = user?.text('login', 100) ?? ghost;
  return { name: login, email: '', accounts: [`github:${login}`] };
};

const authorOf = (author: Payload): Identity => {
  const login = author.textOr('username', undefined, 100);
  return {
    name: author.textOr('name', '', 200),
    email: author.textOr('email', '', 320),
    accounts: login === undefined ? [] : [`github:${login}`],
  };
};

/** The branch of a change, if it is in the repository itself: a fork has a repository of its own, or none any more. */
function branchOf(pull: Payload): string | null {
  const [head, base] = [pull.objectOrNull('head'), pull.objectOrNull('base')];
  const [from, to] = [head?.objectOrNull('repo'), base?.objectOrNull('repo')];
  return head && from && to && from.id('id') === to.id('id') ? head.textOr('ref', null) : null;
}

function changeOf(pull: Payload) {
  const mergedAt = pull.timeOrNull('merged_at');
  return {
    key: pull.id('number'),
    author: account(pull.objectOrNull('user')),
    branch: branchOf(pull),
    openedAt: pull.time('created_at'),
    mergedAt,
    closedAt: pull.timeOrNull('closed_at'),
    mergeSha: mergedAt === null ? null : pull.shaOrNull('merge_commit_sha'),
    additions: pull.count('additions'),
    deletions: pull.count('deletions'),
    files: pull.count('changed_files'),
    commits: pull.count('commits'),
    updatedAt: pull.time('updated_at'),
  };
}

const reviewStates = new Set(['approved', 'changes_requested', 'commented', 'dismissed'] as const);

const conclusions: Readonly<Record<string, 'success' | 'failure' | 'cancelled' | 'skipped'>> = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  timed_out: 'failure',
  startup_failure: 'failure',
  action_required: 'failure',
  cancelled: 'cancelled',
  stale: 'cancelled',
  skipped: 'skipped',
};

const deploymentStates: Readonly<Record<string, 'running' | 'success' | 'failure'>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  in_progress: 'running',
  queued: 'running',
  pending: 'running',
  waiting: 'running',
};

type Read = (payload: Payload, repository: string) => SourceEvent | undefined;

/** By the header X-GitHub-Event. What is not here is of no concern. */
const events: Readonly<Record<string, Read>> = {
  // Commits are those of the default branch alone, whose history a sync reads: what is pushed elsewhere is counted once it
  // is merged. Those that came to it from another branch are no work on it.
  push(payload, repository) {
    const [, branch] = /^refs\/heads\/(.+)$/.exec(payload.text('ref')) ?? [];
    if (branch === undefined) return undefined;
    const told = payload.objects('commits', commitsMax);
    if (branch !== payload.object('repository').text('default_branch')) {
      const own = told.filter((commit) => !commit.isNot('distinct'));
      return branchPushed(repository, branch, own, {
        isNew: payload.is('created'),
        isGone: payload.is('deleted'),
      });
    }
    const commits = told.map((commit) => ({
      sha: commit.sha('id'),
      author: authorOf(commit.object('author')),
      ...commit.localTime('timestamp'),
      committedAt: commit.time('timestamp'),
      additions: 0,
      deletions: 0,
      files: commit.length('added') + commit.length('modified') + commit.length('removed'),
      isMerge: /^Merge (?:pull request|branch|remote-tracking branch) /.test(commit.textOr('message', '')),
    }));
    return { kind: 'commits', repository, commits: landed(commits) };
  },
  pull_request: (payload, repository) => ({
    kind: 'change',
    repository,
    change: changeOf(payload.object('pull_request')),
  }),
  pull_request_review(payload, repository) {
    const review = payload.object('review');
    const state = review.text('state').toLowerCase() as 'approved';
    if (!reviewStates.has(state)) return undefined;
    return {
      kind: 'review',
      repository,
      change: changeOf(payload.object('pull_request')),
      review: {
        key: review.id('id'),
        by: account(review.objectOrNull('user')),
        at: review.time('submitted_at'),
        state,
      },
    };
  },
  workflow_run(payload, repository) {
    const run = payload.object('workflow_run');
    const isDone = run.textOr('status', '') === 'completed';
    return {
      kind: 'ci_run',
      repository,
      run: {
        key: `github:${run.id('id')}:${run.count('run_attempt') ?? 1}`,
        workflow: run.textOr('name', ''),
        branch: run.textOr('head_branch', null),
        sha: run.shaOrNull('head_sha'),
        status: isDone ? (conclusions[run.textOr('conclusion', '')] ?? 'failure') : 'running',
        startedAt: run.timeOrNull('run_started_at') ?? run.time('created_at'),
        finishedAt: isDone ? run.time('updated_at') : null,
      },
    };
  },
  deployment(payload, repository) {
    const deployment = payload.object('deployment');
    return {
      kind: 'deployment',
      repository,
      deployment: {
        key: `github:${deployment.id('id')}`,
        environment: deployment.text('environment', 200),
        status: 'running',
        at: deployment.time('created_at'),
        sha: deployment.shaOrNull('sha'),
      },
    };
  },
  deployment_status(payload, repository) {
    const [deployment, now] = [payload.object('deployment'), payload.object('deployment_status')];
    const status = deploymentStates[now.text('state')];
    if (status === undefined) return undefined;
    return {
      kind: 'deployment',
      repository,
      deployment: {
        key: `github:${deployment.id('id')}`,
        environment: deployment.text('environment', 200),
        status,
        at: now.time('created_at'),
        sha: deployment.shaOrNull('sha'),
      },
    };
  },
  release(payload, repository) {
    const release = payload.object('release');
    const tag = release.text('tag_name');
    if (['deleted', 'unpublished'].includes(payload.text('action')))
      return { kind: 'release_removed', repository, tag };
    if (release.is('draft')) return undefined;
    return {
      kind: 'release',
      repository,
      release: {
        tag,
        at: release.timeOrNull('published_at') ?? release.time('created_at'),
        sha: release.shaOrNull('target_commitish'),
        isPrerelease: release.is('prerelease'),
      },
    };
  },
};

/** What a delivery tells; undefined where it is of no concern. Throws `invalid_parameter` where it has not the known form. */
export function githubEvent(name: string, payload: Payload): SourceEvent | undefined {
  const read = Object.hasOwn(events, name) ? events[name] : undefined;
  return read?.(payload, repositoryIn(payload.object('repository'), 'html_url'));
}
