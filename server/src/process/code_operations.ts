import Type from 'typebox';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { requireProject } from '../projects/required.ts';
import { busFactorOf } from './bus_factor.ts';
import { statisticsOf } from './cells.ts';
import * as code from './code_queries.ts';
import { shareOf } from './share.ts';
import { spanInput, spanOf, spanOutput, usualDays } from './spans.ts';
import { Statistics } from './statistics_schema.ts';

/** How a project's code changes and is reviewed, and on how few people it stands. */
export const gitMetrics = defineOperation({
  name: 'team.get_git_metrics',
  permission: 'project:read',
  input: Type.Object({ project_id: id, ...spanInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    ...spanOutput,
    people: Type.Integer({ description: 'Who committed; merges aside.' }),
    commits: Type.Integer(),
    merges: Type.Integer(),
    additions: Type.Integer(),
    deletions: Type.Integer(),
    changes: Type.Object({
      opened: Type.Integer(),
      merged: Type.Integer(),
      reviewed_share: orNull(
        Type.Number(),
        'Of those merged, the share that somebody else reviewed before; null for none.',
      ),
      hours_to_first_review: Statistics,
      hours_to_merge: Statistics,
    }),
    bus_factor: Type.Integer({
      description: 'How many people must leave until fewer than half of the files as they are now have an author left.',
    }),
    files: Type.Integer(),
    files_without_author: Type.Integer(),
  }),
  async run({ tx }, { project_id, ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days, usualDays);
    const [commits, { merged_after_review, ...changes }, toReview, toMerge, known] = await Promise.all([
      code.commitCounts(tx, project_id, span),
      code.changeCounts(tx, project_id, span),
      code.reviewHours(tx, project_id, span),
      code.mergeHours(tx, project_id, span),
      code.knownFiles(tx, project_id),
    ]);
    return {
      project_id,
      ...span,
      ...commits,
      changes: {
        ...changes,
        reviewed_share: shareOf(merged_after_review, changes.merged),
        hours_to_first_review: statisticsOf(toReview),
        hours_to_merge: statisticsOf(toMerge),
      },
      ...busFactorOf(known),
    };
  },
});
