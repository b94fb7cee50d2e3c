import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { requireProject } from '../projects/required.ts';
import { type BusFactor, busFactorOf } from './bus_factor.ts';
import { statisticsOf } from './cells.ts';
import * as code from './code_queries.ts';
import { peopleMin } from './people_min.ts';
import { Remembered } from './remembered.ts';
import { shareOf } from './share.ts';
import { spanInput, spanOf, spanOutput, usualDays } from './spans.ts';
import { Statistics, statistics } from './statistics_schema.ts';
import { changeHours } from './value_queries.ts';

const ofFew = 'This and the four below are null where fewer than three people did.';
const untold = { people: null, commits: null, merges: null, additions: null, deletions: null };

const Changes = Type.Object({
  opened: Type.Integer(),
  merged: Type.Integer(),
  reviewed_share: orNull(
    Type.Number(),
    'Of those merged, the share that somebody else reviewed before; null for none.',
  ),
  hours_to_open: Type.Object(statistics, {
    description: 'From the writing of the first commit, of those opened of whose branch a webhook told.',
  }),
  hours_to_first_review: Statistics,
  hours_to_merge: Statistics,
});

/** Reading who knows 20,000 files takes longer than all else: it is done once for each state of a project's code. */
const busFactors = new Remembered<BusFactor>(1_000);

const busFactorIn = async (tx: TenantTx, project: string): Promise<BusFactor> =>
  busFactors.of(`${tx.tenantId} ${project}`, await code.knownFilesState(tx, project), async () =>
    busFactorOf(await code.knownFiles(tx, project)),
  );

/** How a project's code changes and is reviewed, and on how few people it stands. */
export const gitMetrics = defineOperation({
  name: 'team.get_git_metrics',
  permission: 'project:read',
  input: Type.Object({ project_id: id, ...spanInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    ...spanOutput,
    people: orNull(Type.Integer(), `Who committed; merges aside. ${ofFew}`),
    commits: orNull(Type.Integer()),
    merges: orNull(Type.Integer()),
    additions: orNull(Type.Integer()),
    deletions: orNull(Type.Integer()),
    changes: orNull(Changes, 'Null where fewer than three people opened those that were opened or merged.'),
    bus_factor: Type.Integer({
      description: 'How many people must leave until fewer than half of the files as they are now have an author left.',
    }),
    files: Type.Integer(),
    files_without_author: Type.Integer(),
  }),
  async run({ tx }, { project_id, ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days, usualDays);
    const [{ opened, merged, merged_after_review, people_of_changes, ...counts }, hours, busFactor] = await Promise.all(
      [code.teamCounts(tx, project_id, span), changeHours(tx, project_id, span), busFactorIn(tx, project_id)],
    );
    const told = {
      opened,
      merged,
      reviewed_share: shareOf(merged_after_review, merged),
      hours_to_open: statisticsOf(hours.open),
      hours_to_first_review: statisticsOf(hours.review),
      hours_to_merge: statisticsOf(hours.merge),
    };
    return {
      project_id,
      ...span,
      ...(counts.people < peopleMin ? untold : counts),
      changes: people_of_changes < peopleMin ? null : told,
      ...busFactor,
    };
  },
});
