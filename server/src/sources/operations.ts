import Type, { type Static } from 'typebox';
import { invalid } from '../errors.ts';
import { id, strict, text, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { missingProject } from '../projects/refusals.ts';
import { requireProject } from '../projects/required.ts';
import { keepSync, listSyncs } from './commit_queries.ts';
import { type Commit, recordCommits } from './commits.ts';
import { leaveOut, letIn, nameTogether, takeTurn } from './people.ts';
import { offsetOf, sourceTime } from './times.ts';

export const repository = text(1, 300, { description: 'Such as github.com/owner/name: the same in all that is sent.' });
const shaPattern = '^(?:[0-9a-f]{40}|[0-9a-f]{64})$';
const sha = Type.String({ pattern: shaPattern, description: 'A commit’s full id.' });
const count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
/** With the rest of a key it must fit into an entry of an index. */
const pathBytesMax = 1000;
const path = Type.Refine(
  text(1, pathBytesMax),
  (value) => Buffer.byteLength(value) <= pathBytesMax,
  () => `must be at most ${pathBytesMax} bytes long`,
);
const email = text(0, 320, { description: 'As .mailmap has it; empty where the commit has none.' });

const commit = Type.Object(
  {
    sha,
    name: text(0, 200),
    email,
    authored_at: sourceTime('With the author’s own offset; in the years 1970 to 9999.'),
    committed_at: sourceTime('In the years 1970 to 9999.'),
    landed_at: Type.Optional(
      sourceTime('When it came to the branch that is read: of a commit of another branch, when that was merged.'),
    ),
    additions: count,
    deletions: count,
    files: count,
    is_merge: Type.Boolean(),
    changes: Type.Optional(
      Type.Array(Type.Union([Type.Tuple([Type.Enum(['C', 'D']), path]), Type.Tuple([Type.Literal('R'), path, path])]), {
        maxItems: 20_000,
        description:
          'What it did to each file: ["C", path] changed or added, ["D", path] deleted, ["R", from, to] renamed.',
      }),
    ),
  },
  strict,
);

/** Of the people of one call: each that was somebody of their own is a merge, while the project waits. */
const addressesMax = 1_000;

const person = Type.Object(
  {
    name: text(0, 200),
    email: text(1, 320, { description: 'The address that stands for all.' }),
    addresses: Type.Array(text(1, 320), {
      minItems: 1,
      maxItems: 100,
      description: 'Other addresses of the same person.',
    }),
  },
  strict,
);

const commitOf = (given: Static<typeof commit>): Commit => ({
  sha: given.sha,
  author: { name: given.name, email: given.email },
  authoredAt: new Date(given.authored_at).toISOString(),
  authoredOffset: offsetOf(given.authored_at),
  committedAt: new Date(given.committed_at).toISOString(),
  landedAt: given.landed_at === undefined ? null : new Date(given.landed_at).toISOString(),
  additions: given.additions,
  deletions: given.deletions,
  files: given.files,
  isMerge: given.is_merge,
  changes: given.changes ?? [],
});

export const addCommits = defineOperation({
  name: 'code.record_commits',
  permission: 'project:write',
  input: Type.Object(
    {
      project_id: id,
      repository,
      commits: Type.Array(commit, { maxItems: 5000, description: 'Oldest first: none before those it descends from.' }),
      people: Type.Optional(
        Type.Array(person, {
          maxItems: 1000,
          description: `Who has several addresses, as .mailmap says: made one person, with all that is recorded of them; ${addressesMax} addresses in all.`,
        }),
      ),
      last_sha: Type.Optional(
        Type.String({
          pattern: shaPattern,
          description: 'Whoever goes on with the history goes on after this commit.',
        }),
      ),
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    recorded: Type.Integer({ description: 'How many were new; those that were there already change nothing.' }),
  }),
  async run({ tx }, { project_id: project, repository, commits, people = [], last_sha }) {
    const addresses = people.reduce((sum, { addresses: of }) => sum + of.length, 0);
    if (addresses > addressesMax) {
      throw invalid(`people: expected at most ${addressesMax} addresses in all; got ${addresses}`, 'people');
    }
    if (!(await takeTurn(tx, project))) throw missingProject(project);
    const where = { project, repository };
    const recorded = await recordCommits(tx, where, commits.map(commitOf), true);
    if (people.length > 0) await nameTogether(tx, project, people);
    if (last_sha !== undefined) await keepSync(tx, where, last_sha);
    return { recorded };
  },
});

export const getSyncs = defineOperation({
  name: 'code.list_syncs',
  permission: 'project:read',
  input: Type.Object({ project_id: id, repository: Type.Optional(repository) }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    items: Type.Array(
      Type.Object({
        repository,
        last_sha: Type.String({ description: 'Everything that this commit descends from is recorded.' }),
        updated_at: time,
      }),
    ),
  }),
  async run({ tx }, { project_id: project, repository }) {
    await requireProject(tx, project);
    const rows = await listSyncs(tx, project, repository);
    return { items: rows.map((row) => ({ ...row, updated_at: row.updated_at.toISOString() })) };
  },
});

export const setLeftOut = defineOperation({
  name: 'code.leave_out',
  permission: 'project:write',
  audit: true,
  input: Type.Object(
    {
      project_id: id,
      emails: Type.Array(text(1, 320), {
        minItems: 1,
        maxItems: 1000,
        description: 'Addresses of people, or accounts such as github:octocat.',
      }),
      left_out: Type.Optional(Type.Boolean({ description: 'False lets them in again, from their next commit on.' })),
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({ changed: Type.Integer({ description: 'For how many it was otherwise before.' }) }),
  async run({ tx, audit }, { project_id: project, emails, left_out = true }) {
    if (!(await takeTurn(tx, project))) throw missingProject(project);
    const changed = left_out ? await leaveOut(tx, project, emails) : await letIn(tx, project, emails);
    audit(project, { left_out, changed });
    return { changed };
  },
});
