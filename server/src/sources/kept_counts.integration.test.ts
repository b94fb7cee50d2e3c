import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { codeCellTables, fillCodeCells } from '../../test/code_cells.ts';
import { withClient } from '../db/roles.ts';
import type { TenantTx } from '../db/tenancy.ts';
import type { Cell } from '../process/cells.ts';
import * as code from '../process/code_queries.ts';
import * as collaboration from '../process/collaboration_queries.ts';
import * as delivery from '../process/delivery_queries.ts';
import { commitsByDay } from '../process/own_queries.ts';
import * as plain from '../process/plain_analyses.fixture.ts';
import * as values from '../process/value_queries.ts';
import { mostActive, workingPatternOf } from '../process/working_pattern.ts';
import { recordCommits } from './commits.ts';
import { putReport } from './event_queries.ts';
import { recordBuild, recordEvent, type SourceEvent } from './events.ts';
import { leaveOut, letIn, takeTurn } from './people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

/** The minimal standard generator of Park and Miller. */
function numbersFrom(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return Math.floor((seed / 2_147_483_647) * below);
  };
}

const dayMs = 86_400_000;
const begin = Date.parse('2025-11-20T00:00:00Z');

/** What sources may tell of a project, in any order, again, and with people who turn out to be one. */
function worldOf(pick: (below: number) => number) {
  const of = <Item>(list: readonly Item[]): Item => list[pick(list.length)] as Item;
  const at = (): string => new Date(begin + pick(80) * dayMs + pick(86_400) * 1000).toISOString();
  const later = (time: string, hours: number): string =>
    new Date(Date.parse(time) + pick(hours * 3600) * 1000).toISOString();
  const repository = () => of(['one', 'two']);
  const person = () => {
    const who = pick(9);
    // An account and an address of one person, now and then told together.
    const accounts = pick(3) === 0 ? [] : [`github:p${who % 7}`];
    return { name: `P${who}`, email: accounts.length > 0 && pick(3) > 0 ? '' : `p${who}@example.org`, accounts };
  };
  const shaOf = (number: number) => number.toString(16).padStart(40, '0');
  const sha = () => shaOf(pick(120));
  const commit = () => {
    const committedAt = at();
    const number = pick(120);
    const isMerge = pick(6) === 0;
    const path = () => `file ${pick(12)}`;
    return {
      sha: shaOf(number),
      author: person(),
      authoredAt: new Date(Date.parse(committedAt) - pick(100) * 3_600_000).toISOString(),
      authoredOffset: of([-300, 0, 120, 330]),
      committedAt,
      landedAt: pick(2) === 0 ? null : later(committedAt, 90),
      additions: pick(100),
      deletions: pick(50),
      files: 1,
      isMerge,
      changes: [
        of([
          ['C', path()],
          ['C', path()],
          ['C', path()],
          ['D', path()],
          ['R', path(), path()],
        ] as const),
      ],
    };
  };
  const change = () => {
    const number = pick(25);
    const openedAt = new Date(begin + number * 3 * dayMs + 5_000_000).toISOString();
    const updatedAt = later(openedAt, 200);
    const isMerged = pick(2) === 0;
    return {
      key: String(number),
      author: person(),
      branch: pick(3) === 0 ? null : `branch ${number % 5}`,
      openedAt,
      mergedAt: isMerged ? updatedAt : null,
      closedAt: isMerged ? updatedAt : null,
      mergeSha: isMerged && pick(2) === 0 ? sha() : null,
      additions: 1,
      deletions: 1,
      files: 1,
      commits: 1,
      updatedAt,
    };
  };
  const event = (): SourceEvent => {
    const where = { repository: repository() };
    const startedAt = at();
    switch (pick(8)) {
      case 0:
        return { ...where, kind: 'commits', commits: Array.from({ length: 1 + pick(3) }, commit) };
      case 1: {
        const pushed = { isNew: pick(3) === 0, commits: [{ sha: sha(), at: at() }] };
        return { ...where, kind: 'branch', branch: `branch ${pick(5)}`, ...pushed };
      }
      case 2:
        return { ...where, kind: 'change', change: change() };
      case 3: {
        const told = change();
        const review = {
          key: String(pick(4)),
          by: person(),
          at: later(told.openedAt, 300),
          state: 'approved' as const,
        };
        return { ...where, kind: 'review', change: told, review };
      }
      case 4: {
        const status = of(['running', 'success', 'failure', 'cancelled', 'skipped'] as const);
        const finishedAt = status === 'running' ? null : later(startedAt, 2);
        const run = { key: String(pick(40)), workflow: 'ci', branch: null, sha: null, status, startedAt, finishedAt };
        return { ...where, kind: 'ci_run', run };
      }
      case 5: {
        const status = of(['running', 'success', 'success', 'success', 'failure'] as const);
        const named = pick(2) === 0 ? sha() : null;
        const environment = of(['production', 'staging']);
        return {
          ...where,
          kind: 'deployment',
          deployment: { key: String(pick(30)), environment, status, at: at(), sha: named },
        };
      }
      case 6: {
        const release = {
          tag: String(pick(12)),
          at: at(),
          sha: pick(2) === 0 ? sha() : null,
          isPrerelease: pick(4) === 0,
        };
        return { ...where, kind: 'release', release };
      }
      default:
        return { ...where, kind: 'release_removed', tag: String(pick(12)) };
    }
  };
  return { at, commit, event, later, of, person, pick, repository };
}

/** One thing that is told, or done. */
async function step(tx: TenantTx, project: string, world: ReturnType<typeof worldOf>): Promise<void> {
  const { commit, event, later, pick, repository } = world;
  const where = { project, repository: repository() };
  const kind = pick(20);
  if (kind < 4) {
    const commits = Array.from({ length: 1 + pick(6) }, commit);
    await recordCommits(tx, where, commits, true);
  } else if (kind === 4) {
    const startedAt = world.at();
    const run = {
      ...{ key: String(pick(40)), workflow: 'tests', branch: null, sha: null, status: 'success' as const, startedAt },
      finishedAt: later(startedAt, 1),
    };
    const counts = { tests: pick(50), failed: pick(5), skipped: pick(5), seconds: 1 };
    await recordBuild(tx, where, run.key, () => putReport(tx, where, run, counts));
  } else if (kind === 5 && pick(6) === 0) await leaveOut(tx, project, [`p${pick(9)}@example.org`]);
  else if (kind === 6 && pick(4) === 0) await letIn(tx, project, [`p${pick(9)}@example.org`]);
  else await recordEvent(tx, project, event());
}

/** Numbers to nine digits: sums are put together in another order. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, member) =>
    typeof member === 'number' && !Number.isInteger(member) ? Number(member.toPrecision(9)) : member,
  );

const isNothing: Record<string, string> = {
  code_days:
    'commits = 0 AND builds_succeeded = 0 AND builds_failed = 0 AND builds_cancelled = 0 AND tests = 0 AND tests_failed = 0 AND tests_skipped = 0',
  code_person_cells:
    "commits = 0 AND merges = 0 AND additions = 0 AND deletions = 0 AND at_night = 0 AND at_weekend = 0 AND authored_days = '{}' AND opened = 0 AND merged = 0 AND reviews = 0",
};

/** What is kept, of all tenants; rows that count nothing are left aside. */
const kept = () =>
  withClient(app.database.superuser, async (client) => {
    const tables: Record<string, unknown> = {};
    for (const table of codeCellTables) {
      const { rows } = await client.query(
        `SELECT row_to_json(c) AS row FROM maestro.${table} c WHERE NOT (${isNothing[table] ?? 'false'})`,
      );
      tables[table] = rows.map(({ row }) => JSON.stringify(rounded(row))).sort();
    }
    return tables;
  });

const inOrder = (cells: readonly Cell[]) =>
  cells
    .map(({ bucket, count, sum, min, max }) => ({ bucket, count, sum, min, max }))
    .sort((a, b) => a.bucket - b.bucket);

/** Every analysis, as it is read, and as it is of the rows themselves. */
async function analyses(tx: TenantTx, id: string, span: { from: string; to: string }) {
  const activities = await collaboration.activities(tx, id, span);
  const ties = await collaboration.reviewTies(tx, id, span);
  const sets = await collaboration.coEditors(tx, id, span);
  const files = await code.knownFiles(tx, id);
  const hours = await values.changeHours(tx, id, span);
  const pattern = workingPatternOf(activities, 3);
  const read = {
    counts: await code.teamCounts(tx, id, span),
    hours: { open: inOrder(hours.open), review: inOrder(hours.review), merge: inOrder(hours.merge) },
    seconds: inOrder(await values.buildSeconds(tx, id, span)),
    builds: await delivery.buildCounts(tx, id, span),
    days: await commitsByDay(tx, id, span),
    active: mostActive(activities),
    sets: sets.map((set) => set.join()).sort(),
    ties: ties.map((tie) => tie.join(' ')).sort(),
    pattern: pattern.commits === 0 ? null : pattern,
    files: files.map(({ authors, files: count }) => `${authors.join()} ${count}`).sort(),
    leads: [] as Cell[][],
  };
  const plainPattern = await plain.workingPattern(tx, id, span);
  const expected: typeof read = {
    counts: { ...(await plain.commitCounts(tx, id, span)), ...(await plain.changeCounts(tx, id, span)) } as never,
    hours: await plain.changeHours(tx, id, span),
    seconds: await plain.buildSeconds(tx, id, span),
    builds: (await plain.buildCounts(tx, id, span)) as never,
    days: (await plain.commitsByDay(tx, id, span)) as never,
    active: await plain.activePeople(tx, id, span),
    sets: await plain.coEditors(tx, id, span),
    ties: await plain.reviewTies(tx, id, span),
    pattern: (plainPattern.commits === 0 ? null : plainPattern) as never,
    files: await plain.knownFiles(tx, id),
    leads: [],
  };
  for (const environment of ['production', 'staging', '']) {
    read.leads.push(inOrder(await values.leadHours(tx, id, environment, span)));
    expected.leads.push(await plain.leadHours(tx, id, environment, span));
  }
  return { read: rounded(read), expected: rounded(expected) };
}

const spans = [
  ['2025-11-20', '2026-02-28'],
  ['2025-12-03', '2026-01-20'],
  ['2025-12-01', '2025-12-31'],
  ['2026-01-05', '2026-01-11'],
  ['1970-01-01', '2099-12-31'],
] as const;

test.each([1, 2, 3, 4])(
  'whatever is told in whatever order, what is kept is what is there, and analyses say the same as of the rows themselves: %i',
  async (seed) => {
    const world = worldOf(numbersFrom(seed * 7_919));
    const tenant = app.tenants.a;
    const made = await app.send('POST', '/api/v1/projects', {
      as: tenant.keys.data_scientist,
      json: { name: randomUUID() },
    });
    const { project_id: project } = made.body as { project_id: string };
    for (let round = 0; round < 4; round++) {
      for (let steps = 0; steps < 70; steps++) {
        await app.ports.db.inTenant(tenant.id, async (tx) => {
          await takeTurn(tx, project);
          await step(tx, project, world);
        });
      }
      const told = await app.ports.db.inTenant(tenant.id, async (tx) => {
        const all = [];
        for (const [from, to] of spans) all.push(await analyses(tx, project, { from, to }));
        return all;
      });
      for (const [index, { read, expected }] of told.entries()) expect(read, spans[index]?.join()).toEqual(expected);
      const before = await kept();
      await withClient(app.database.superuser, (client) => fillCodeCells(client));
      expect(before).toEqual(await kept());
    }
  },
  180_000,
);
