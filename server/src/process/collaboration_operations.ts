import Type from 'typebox';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { requireProject } from '../projects/required.ts';
import * as collaboration from './collaboration_queries.ts';
import { drawingOf, drawnTiesMax, graphOf, measuresOf } from './graph.ts';
import { drawnMin, peopleMin } from './people_min.ts';
import { spanInput, spanOf, spanOutput, usualDays } from './spans.ts';
import { mostActive, workingPatternOf } from './working_pattern.ts';

/** A week: Directive 2003/88/EC, article 5, gives everybody a day of rest in each. */
const stretchDays = 7;

const share = (description: string) => Type.Number({ description });

/** All pairs of each set of people, and those of `pairs`. */
function* tiesOf(
  sets: readonly (readonly string[])[],
  pairs: readonly (readonly [string, string])[],
): Generator<readonly [string, string]> {
  yield* pairs;
  for (const people of sets) {
    for (const [index, one] of people.entries()) {
      for (const other of people.slice(index + 1)) yield [one, other];
    }
  }
}

const Graph = Type.Object({
  ties: Type.Integer({ description: 'Pairs who changed a file both, or of whom one reviewed a change of the other.' }),
  density: share('Of all pairs, the share with a tie.'),
  components: Type.Integer({ description: 'Parts without a tie between them.' }),
  largest_component_share: share('Of all people, the share in the largest part.'),
  degree_centralization: orNull(Type.Number(), 'Freeman’s: 0 where all have as many ties, 1 where one has them all.'),
  betweenness_centralization: orNull(Type.Number(), 'Freeman’s: 1 where every way between others leads through one.'),
  transitivity: orNull(Type.Number(), 'Of pairs with a third in common, the share with a tie.'),
  drawing: orNull(
    Type.Object({
      degrees: Type.Array(Type.Integer(), { description: 'With how many others each person has a tie; most first.' }),
      ties: Type.Array(Type.Object({ one: Type.Integer(), other: Type.Integer() }), {
        description: `Pairs of people, by their places in \`degrees\`, from 0. Of more than ${drawnTiesMax}, of each person those with the most tied others.`,
      }),
    }),
    `Its form, in which nobody is named. Null for fewer than ${drawnMin} people.`,
  ),
});

const Pattern = Type.Object({
  commits: Type.Integer(),
  night_share: share('Of commits, by the author’s clock: from 22:00 to 6:00.'),
  weekend_share: share('Of commits, by the author’s clock: on Saturdays and Sundays.'),
  long_stretch_share: share(`Of the days of each person with a commit, those in ${stretchDays} or more in a row.`),
});

/** Who works with whom, and when, as a team: nobody is named, and of fewer than three people nothing is said. */
export const collaborationAnalytics = defineOperation({
  name: 'team.get_collaboration',
  permission: 'project:read',
  input: Type.Object({ project_id: id, ...spanInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    ...spanOutput,
    people: orNull(
      Type.Integer(),
      'Who committed, opened a change or reviewed: the 300 most active at most. Null for fewer than three.',
    ),
    graph: orNull(Graph, 'Null for fewer than three people.'),
    working_pattern: orNull(Pattern, 'Null where fewer than three people committed.'),
  }),
  async run({ tx }, { project_id, ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days, usualDays);
    const [activities, sets, reviews] = await Promise.all([
      collaboration.activities(tx, project_id, span),
      collaboration.coEditors(tx, project_id, span),
      collaboration.reviewTies(tx, project_id, span),
    ]);
    const active = mostActive(activities);
    if (active.length < peopleMin) return { project_id, ...span, people: null, graph: null, working_pattern: null };
    const ties = graphOf(active, tiesOf(sets, reviews));
    const { people, ...measures } = measuresOf(ties);
    const graph = { ...measures, drawing: people < drawnMin ? null : drawingOf(ties) };
    const { people: authors, ...pattern } = workingPatternOf(activities, stretchDays);
    return { project_id, ...span, people, graph, working_pattern: authors < peopleMin ? null : pattern };
  },
});
