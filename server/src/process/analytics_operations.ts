import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, notFound } from '../errors.ts';
import { id, orNull, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { holdProject, requireProject } from '../projects/required.ts';
import { type BusFactor, busFactorOf } from './bus_factor.ts';
import { statisticsOf } from './cells.ts';
import * as code from './code_queries.ts';
import * as collaboration from './collaboration_queries.ts';
import { deliveriesOf } from './deliveries.ts';
import * as delivery from './delivery_queries.ts';
import { measuresOf } from './graph.ts';
import { startAfter } from './periods.ts';
import { Remembered } from './remembered.ts';
import { spanInput, spanOf, timeInReach } from './spans.ts';
import { statistics } from './statistics_schema.ts';

const usualDays = 90;

/** Of fewer people, what is said of a team is said of each. */
const peopleMin = 3;

/** A week: Directive 2003/88/EC, article 5, gives everybody a day of rest in each. */
const stretchDays = 7;

const share = (description: string) => Type.Number({ description });
const spanOutput = { project_id: id, from: Type.String(), to: Type.String() };
const Statistics = Type.Object(statistics);

/** Reading who knows 20,000 files takes longer than all else: it is done once for each state of a project's code. */
const busFactors = new Remembered<BusFactor>(1_000);

const busFactorIn = async (tx: TenantTx, project: string): Promise<BusFactor> =>
  busFactors.of(`${tx.tenantId} ${project}`, await code.knownFilesState(tx, project), async () =>
    busFactorOf(await code.knownFiles(tx, project)),
  );

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

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
    const [commits, { merged_after_review, ...changes }, toReview, toMerge, busFactor] = await Promise.all([
      code.commitCounts(tx, project_id, span),
      code.changeCounts(tx, project_id, span),
      code.reviewHours(tx, project_id, span),
      code.mergeHours(tx, project_id, span),
      busFactorIn(tx, project_id),
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
      ...busFactor,
    };
  },
});

const environment = text(1, 200, { description: 'Where users are: `production` by default.' });

/** How builds go, and DORA's four keys. */
export const cicdMetrics = defineOperation({
  name: 'team.get_cicd_metrics',
  permission: 'project:read',
  input: Type.Object({ project_id: id, environment: Type.Optional(environment), ...spanInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object({
    ...spanOutput,
    builds: Type.Object({
      success: Type.Integer(),
      failure: Type.Integer(),
      cancelled: Type.Integer(),
      success_rate: orNull(Type.Number(), 'Of those that succeeded or failed; null for none.'),
      tests: Type.Integer(),
      tests_failed: Type.Integer(),
      tests_skipped: Type.Integer(),
    }),
    environment: Type.String(),
    environments: Type.Array(Type.Object({ environment: Type.String(), deployments: Type.Integer() }), {
      description: 'All that the project was ever deployed to, the most often first.',
    }),
    counted: Type.Enum(['deployments', 'releases'], {
      description: 'Releases count where no deployment to the environment was ever told of.',
    }),
    dora: Type.Object({
      deployments: Type.Integer({ description: 'Those that succeeded.' }),
      per_week: Type.Number({ description: 'Deployment frequency.' }),
      days_with_deployment: Type.Integer(),
      lead_time_hours: Statistics,
      failed: Type.Integer(),
      change_failure_rate: orNull(Type.Number(), 'Of all deployments that came to an end; null for none.'),
      hours_to_restore: Statistics,
      unrestored: Type.Integer({ description: 'Failures and incidents that still go on.' }),
    }),
  }),
  async run({ tx }, { project_id, environment: asked = 'production', ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days, usualDays);
    const environments = await delivery.environmentsOf(tx, project_id);
    const isDeployed = environments.some((known) => known.environment === asked);
    const delivered: delivery.Delivered = isDeployed ? { environment: asked } : 'releases';
    const [counts, deployments, incidents, lead] = await Promise.all([
      delivery.buildCounts(tx, project_id, span),
      delivery.deploymentsSince(tx, project_id, delivered, span),
      delivery.incidentsSince(tx, project_id, asked, span),
      delivery.leadHours(tx, project_id, delivered, span),
    ]);
    const window = { from: Date.parse(span.from), until: Date.parse(startAfter(span.to, 'day')) };
    return {
      project_id,
      ...span,
      builds: { ...counts, success_rate: shareOf(counts.success, counts.success + counts.failure) },
      environment: asked,
      environments,
      counted: isDeployed ? ('deployments' as const) : ('releases' as const),
      dora: { ...deliveriesOf(deployments, incidents, window), lead_time_hours: statisticsOf(lead) },
    };
  },
});

/** All pairs of each set of people. */
function* pairsOf(sets: readonly (readonly string[])[]): Generator<[string, string]> {
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
    const [active, sets, reviews, pattern] = await Promise.all([
      collaboration.activePeople(tx, project_id, span),
      collaboration.coEditors(tx, project_id, span),
      collaboration.reviewTies(tx, project_id, span),
      collaboration.workingPattern(tx, project_id, span, stretchDays),
    ]);
    if (active.length < peopleMin) return { project_id, ...span, people: null, graph: null, working_pattern: null };
    const { people, ...graph } = measuresOf(active, [...pairsOf(sets), ...reviews]);
    const { commits } = pattern;
    const shown = {
      commits,
      night_share: pattern.at_night / commits,
      weekend_share: pattern.at_weekend / commits,
      long_stretch_share: pattern.in_long_stretches / pattern.person_days,
    };
    return { project_id, ...span, people, graph, working_pattern: pattern.people < peopleMin ? null : shown };
  },
});

const incidentKey = text(1, 200, { description: 'Your name for it, such as the number of a ticket.' });

/** Records a failure that users felt, or when it ended. Safe to repeat. */
export const putIncident = defineOperation({
  name: 'incident.put',
  permission: 'project:write',
  audit: true,
  input: Type.Object(
    {
      project_id: id,
      incident_key: incidentKey,
      environment: Type.Optional(environment),
      started_at: timeInReach,
      resolved_at: Type.Optional(orNull(timeInReach)),
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, audit }, { project_id, incident_key, environment: where = 'production', ...times }) {
    const { started_at, resolved_at = null } = times;
    audit(incident_key, { project: project_id, environment: where, started_at, resolved_at });
    if (resolved_at !== null && Date.parse(resolved_at) < Date.parse(started_at)) {
      throw invalid('resolved_at: expected a time that is not before started_at', 'resolved_at');
    }
    await holdProject(tx, project_id);
    await delivery.putIncident(tx, project_id, incident_key, { environment: where, started_at, resolved_at });
    return null;
  },
});

export const deleteIncident = defineOperation({
  name: 'incident.delete',
  permission: 'project:write',
  audit: true,
  input: Type.Object({ project_id: id, incident_key: incidentKey }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, audit }, { project_id, incident_key }) {
    audit(incident_key, { project: project_id });
    await requireProject(tx, project_id);
    if (!(await delivery.deleteIncident(tx, project_id, incident_key))) {
      throw notFound(`The project has no incident '${incident_key}'`);
    }
    return null;
  },
});
