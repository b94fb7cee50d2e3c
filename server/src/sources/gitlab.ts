import type { SourceEvent } from './events.ts';
import { type Payload, repositoryIn } from './payload.ts';
import type { Identity } from './people.ts';
import { branchPushed, landed } from './pushes.ts';

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */

const commitsMax = 2048;

/** GitLab hides addresses behind `[REDACTED]`. */
const emailOf = (user: Payload): string => {
  const email = user.textOr('email', '', 320);
  return email.includes('@') ? email : '';
};

/** Some events name a user by the id alone: both stand for the account. */
const account = (user: Payload): Identity => ({
  name: user.textOr('name', '', 200),
  email: emailOf(user),
  accounts: [
    ...(user.has('id') ? [`gitlab:#${user.text('id', 20)}`] : []),
    ...(user.has('username') ? [`gitlab:${user.text('username', 255)}`] : []),
  ],
});

const byId = (attributes: Payload, name: string): Identity => {
  const key = `gitlab:#${attributes.text(name, 20)}`;
  return { name: '', email: '', accounts: [key] };
};

const isOfFork = (attributes: Payload): boolean =>
  attributes.textOr('source_project_id', '') !== attributes.textOr('target_project_id', '');

/** What GitLab says of a branch before it was made, and after it was deleted. */
const noCommit = /^0+$/;

function changeOf(attributes: Payload, sender: Payload) {
  const author = byId(attributes, 'author_id');
  const isOwn = sender.textOr('id', '') === attributes.text('author_id');
  const state = attributes.text('state');
  const updatedAt = attributes.time('updated_at');
  return {
    key: attributes.id('iid'),
    author: isOwn ? account(sender) : author,
    branch: isOfFork(attributes) ? null : attributes.textOr('source_branch', null),
    openedAt: attributes.time('created_at'),
    mergedAt: state === 'merged' ? (attributes.timeOrNull('merged_at') ?? updatedAt) : null,
    closedAt: state === 'merged' || state === 'closed' ? (attributes.timeOrNull('closed_at') ?? updatedAt) : null,
    mergeSha: attributes.shaOrNull('merge_commit_sha'),
    additions: null,
    deletions: null,
    files: null,
    commits: null,
    updatedAt,
  };
}

const pipelineStates: Readonly<Record<string, 'success' | 'failure' | 'cancelled' | 'skipped'>> = {
  success: 'success',
  failed: 'failure',
  canceled: 'cancelled',
  skipped: 'skipped',
};

const deploymentStates: Readonly<Record<string, 'running' | 'success' | 'failure' | 'cancelled'>> = {
  created: 'running',
  running: 'running',
  success: 'success',
  failed: 'failure',
  canceled: 'cancelled',
};

const reviewActions: Readonly<Record<string, 'approved' | 'dismissed'>> = {
  approved: 'approved',
  approval: 'approved',
  unapproved: 'dismissed',
  unapproval: 'dismissed',
};

type Read = (payload: Payload, repository: string) => SourceEvent | undefined;

/** By the member `object_kind`. What is not here is of no concern. */
const events: Readonly<Record<string, Read>> = {
  push(payload, repository) {
    const [, branch] = /^refs\/heads\/(.+)$/.exec(payload.text('ref')) ?? [];
    if (branch === undefined) return undefined;
    const told = payload.objects('commits', commitsMax);
    if (branch !== payload.object('project').text('default_branch')) {
      return branchPushed(repository, branch, told, {
        isNew: noCommit.test(payload.textOr('before', '')),
        isGone: noCommit.test(payload.textOr('after', '')),
      });
    }
    const commits = told.map((commit) => {
      const author = commit.object('author');
      return {
        sha: commit.sha('id'),
        author: { name: author.textOr('name', '', 200), email: emailOf(author) },
        ...commit.localTime('timestamp'),
        committedAt: commit.time('timestamp'),
        additions: 0,
        deletions: 0,
        files: commit.length('added') + commit.length('modified') + commit.length('removed'),
        isMerge: /^Merge (?:branch|remote-tracking branch) /.test(commit.textOr('message', '')),
      };
    });
    return { kind: 'commits', repository, commits: landed(commits) };
  },
  merge_request(payload, repository) {
    const [attributes, sender] = [payload.object('object_attributes'), payload.object('user')];
    const change = changeOf(attributes, sender);
    const state = reviewActions[attributes.textOr('action', '')];
    if (state === undefined) return { kind: 'change', repository, change };
    const at = change.updatedAt;
    const review = { key: `${state}:${sender.text('id', 20)}:${at}`, by: account(sender), at, state };
    return { kind: 'review', repository, change, review };
  },
  note(payload, repository) {
    const note = payload.object('object_attributes');
    if (note.text('noteable_type') !== 'MergeRequest' || note.is('system')) return undefined;
    const sender = payload.object('user');
    const review = {
      key: `note:${note.text('id', 20)}`,
      by: account(sender),
      at: note.time('created_at'),
      state: 'commented' as const,
    };
    return { kind: 'review', repository, change: changeOf(payload.object('merge_request'), sender), review };
  },
  pipeline(payload, repository) {
    const run = payload.object('object_attributes');
    const status = pipelineStates[run.text('status')];
    return {
      kind: 'ci_run',
      repository,
      run: {
        key: `gitlab:${run.text('id', 20)}`,
        workflow: run.textOr('name', 'pipeline'),
        branch: run.textOr('ref', null),
        sha: run.shaOrNull('sha'),
        status: status ?? 'running',
        startedAt: run.time('created_at'),
        finishedAt: status === undefined ? null : (run.timeOrNull('finished_at') ?? run.time('created_at')),
      },
    };
  },
  deployment(payload, repository) {
    const status = deploymentStates[payload.text('status')];
    if (status === undefined) return undefined;
    const [, sha = null] = /\/commit\/([0-9a-f]{40,64})$/.exec(payload.textOr('commit_url', '', 2000)) ?? [];
    return {
      kind: 'deployment',
      repository,
      deployment: {
        key: `gitlab:${payload.text('deployment_id', 20)}`,
        environment: payload.text('environment', 200),
        status,
        at: payload.time('status_changed_at'),
        sha,
      },
    };
  },
  release(payload, repository) {
    const tag = payload.text('tag');
    if (payload.text('action') === 'delete') return { kind: 'release_removed', repository, tag };
    return {
      kind: 'release',
      repository,
      release: {
        tag,
        at: payload.timeOrNull('released_at') ?? payload.time('created_at'),
        sha: payload.has('commit') ? payload.object('commit').shaOrNull('id') : null,
        isPrerelease: false,
      },
    };
  },
};

/** What a delivery tells; undefined where it is of no concern. Throws `invalid_parameter` where it has not the known form. */
export function gitlabEvent(payload: Payload): SourceEvent | undefined {
  const name = payload.text('object_kind');
  const read = Object.hasOwn(events, name) ? events[name] : undefined;
  return read?.(payload, repositoryIn(payload.object('project'), 'web_url'));
}
