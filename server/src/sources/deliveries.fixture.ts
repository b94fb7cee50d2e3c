/** Deliveries in the form that the documentation of GitHub and GitLab gives, without the members that nobody reads. */

export const sha = (digit: string): string => digit.repeat(40);

const githubRepository = {
  id: 1296269,
  full_name: 'octo-org/octo-repo',
  html_url: 'https://github.com/octo-org/octo-repo',
  default_branch: 'main',
};
const octocat = { login: 'octocat', id: 1, type: 'User' };
const hubot = { login: 'hubot', id: 2, type: 'User' };

const pull = {
  url: 'https://api.github.com/repos/octo-org/octo-repo/pulls/7',
  id: 279147437,
  number: 7,
  state: 'closed',
  title: 'Update the README',
  user: octocat,
  head: { ref: 'update-readme', sha: sha('b'), repo: githubRepository },
  base: { ref: 'main', sha: sha('0'), repo: githubRepository },
  created_at: '2026-05-15T15:20:33Z',
  updated_at: '2026-05-16T09:00:00Z',
  closed_at: '2026-05-16T09:00:00Z',
  merged_at: '2026-05-16T09:00:00Z',
  merge_commit_sha: sha('c'),
  merged: true,
};

export const github = {
  ping: {
    zen: 'Keep it logically awesome.',
    hook_id: 109948940,
    hook: { type: 'Repository' },
    repository: githubRepository,
  },
  push: {
    ref: 'refs/heads/main',
    before: sha('0'),
    after: sha('a'),
    deleted: false,
    repository: githubRepository,
    pusher: { name: 'octocat', email: 'octocat@github.example' },
    commits: [
      {
        id: sha('a'),
        distinct: true,
        message: 'Update the README',
        timestamp: '2026-05-15T17:19:00+02:00',
        author: { name: 'The Octocat', email: 'octocat@github.example', username: 'octocat' },
        committer: { name: 'GitHub', email: 'noreply@github.com', username: 'web-flow' },
        added: ['docs/new.md'],
        removed: [],
        modified: ['README.md'],
      },
    ],
  },
  pull_request: {
    action: 'closed',
    number: 7,
    pull_request: { ...pull, additions: 10, deletions: 3, changed_files: 2, commits: 1 },
    repository: githubRepository,
    sender: octocat,
  },
  pull_request_review: {
    action: 'submitted',
    review: {
      id: 2626884,
      user: hubot,
      body: 'Fine',
      state: 'approved',
      submitted_at: '2026-05-15T16:20:33Z',
      commit_id: sha('a'),
    },
    pull_request: {
      ...pull,
      merged_at: null,
      closed_at: null,
      updated_at: '2026-05-15T16:20:33Z',
      merge_commit_sha: null,
    },
    repository: githubRepository,
    sender: hubot,
  },
  workflow_run: {
    action: 'completed',
    workflow_run: {
      id: 289782451,
      name: 'Build',
      head_branch: 'main',
      head_sha: sha('a'),
      event: 'push',
      status: 'completed',
      conclusion: 'success',
      run_attempt: 1,
      run_started_at: '2026-05-15T15:20:00Z',
      created_at: '2026-05-15T15:19:50Z',
      updated_at: '2026-05-15T15:25:00Z',
    },
    repository: githubRepository,
    sender: octocat,
  },
  deployment: {
    action: 'created',
    deployment: {
      id: 145988746,
      sha: sha('a'),
      ref: 'main',
      task: 'deploy',
      environment: 'production',
      created_at: '2026-05-15T15:26:00Z',
    },
    repository: githubRepository,
  },
  deployment_status: {
    action: 'created',
    deployment_status: {
      id: 209916254,
      state: 'success',
      environment: 'production',
      created_at: '2026-05-15T15:28:00Z',
    },
    deployment: {
      id: 145988746,
      sha: sha('a'),
      ref: 'main',
      environment: 'production',
      created_at: '2026-05-15T15:26:00Z',
    },
    repository: githubRepository,
  },
  release: {
    action: 'published',
    release: {
      id: 17372790,
      tag_name: 'v1.0.0',
      target_commitish: 'main',
      draft: false,
      prerelease: false,
      created_at: '2026-05-15T15:19:25Z',
      published_at: '2026-05-15T15:29:53Z',
    },
    repository: githubRepository,
    sender: octocat,
  },
} as const;

const written = (digit: string, timestamp: string, more: object = {}) => ({
  id: sha(digit),
  message: 'Update',
  timestamp,
  author: { name: 'Mike', email: 'mike@example.org' },
  added: [],
  modified: ['README.md'],
  removed: [],
  ...more,
});

/** Pushes to the branch of the pull request: the one that made it, and a later one, which merges main into it. */
export const githubBranch = {
  made: {
    ...github.push,
    ref: 'refs/heads/update-readme',
    created: true,
    commits: [
      written('7', '2026-05-14T12:00:00+02:00', { distinct: true }),
      written('8', '2026-05-14T09:00:00Z', { distinct: true }),
    ],
  },
  pushed: {
    ...github.push,
    ref: 'refs/heads/update-readme',
    created: false,
    commits: [
      written('9', '2026-05-15T08:00:00Z', { distinct: true }),
      written('6', '2026-05-01T08:00:00Z', { distinct: false }),
    ],
  },
  deleted: {
    ...github.push,
    ref: 'refs/heads/update-readme',
    after: sha('0'),
    deleted: true,
    commits: [],
  },
} as const;

const gitlabProject = {
  id: 1,
  name: 'Diaspora',
  web_url: 'https://gitlab.example.com/mike/diaspora',
  default_branch: 'master',
};
const mike = { id: 4, name: 'Mike', username: 'mike', email: '[REDACTED]' };
const root = { id: 1, name: 'Administrator', username: 'root', email: 'admin@example.org' };

const merge = {
  id: 99,
  iid: 3,
  title: 'MS-Viewport',
  author_id: 4,
  source_project_id: 1,
  target_project_id: 1,
  source_branch: 'ms-viewport',
  target_branch: 'master',
  state: 'opened',
  created_at: '2026-03-03T17:23:34Z',
  updated_at: '2026-03-03 18:23:34 UTC',
};

export const gitlab = {
  push: {
    object_kind: 'push',
    ref: 'refs/heads/master',
    checkout_sha: sha('d'),
    project: gitlabProject,
    commits: [
      {
        id: sha('d'),
        message: 'fixed readme',
        timestamp: '2026-03-03T23:36:29+02:00',
        author: { name: 'Mike', email: 'mike@example.org' },
        added: ['CHANGELOG'],
        modified: [],
        removed: [],
      },
    ],
  },
  merge_request: {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: root,
    project: gitlabProject,
    object_attributes: { ...merge, action: 'approved' },
  },
  note: {
    object_kind: 'note',
    user: root,
    project: gitlabProject,
    object_attributes: {
      id: 1244,
      note: 'Good',
      noteable_type: 'MergeRequest',
      system: false,
      created_at: '2026-03-03 17:50:00 UTC',
    },
    merge_request: merge,
  },
  pipeline: {
    object_kind: 'pipeline',
    object_attributes: {
      id: 31,
      iid: 3,
      ref: 'master',
      sha: sha('d'),
      status: 'failed',
      created_at: '2026-03-03 15:23:28 UTC',
      finished_at: '2026-03-03 15:26:29 UTC',
      duration: 63,
    },
    user: mike,
    project: gitlabProject,
  },
  deployment: {
    object_kind: 'deployment',
    status: 'success',
    status_changed_at: '2026-03-03 21:50:00 +0200',
    deployment_id: 15,
    environment: 'staging',
    project: gitlabProject,
    short_sha: 'dddddddd',
    commit_url: `https://gitlab.example.com/mike/diaspora/-/commit/${sha('d')}`,
    user: mike,
  },
  release: {
    object_kind: 'release',
    action: 'create',
    tag: 'v1.1',
    name: 'v1.1',
    created_at: '2026-03-03 12:55:12 UTC',
    released_at: '2026-03-03 12:55:12 UTC',
    project: gitlabProject,
    commit: { id: sha('d'), message: 'm' },
  },
} as const;

/** A push of GitLab that made the branch of the merge request. */
export const gitlabBranch = {
  ...gitlab.push,
  ref: 'refs/heads/ms-viewport',
  before: sha('0'),
  after: sha('8'),
  commits: [written('7', '2026-03-02T12:00:00+02:00'), written('8', '2026-03-03T12:00:00+02:00')],
} as const;
