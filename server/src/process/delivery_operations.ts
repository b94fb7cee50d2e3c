import Type from 'typebox';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { requireProject } from '../projects/required.ts';
import { statisticsOf } from './cells.ts';
import { deliveriesOf } from './deliveries.ts';
import * as delivery from './delivery_queries.ts';
import { environment, usualEnvironment } from './environment.ts';
import { dayOf, startAfter } from './periods.ts';
import { shareOf } from './share.ts';
import { spanInput, spanOf, spanOutput, usualDays } from './spans.ts';
import { Statistics } from './statistics_schema.ts';
import { leadHours } from './value_queries.ts';

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
      description: 'What the project was ever deployed to, the most often first; fifty at most.',
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
  async run({ tx }, { project_id, environment: asked = usualEnvironment, ...days }) {
    await requireProject(tx, project_id);
    const span = spanOf(days, usualDays);
    const environments = await delivery.environmentsOf(tx, project_id);
    const isDeployed = await delivery.isDeployedTo(tx, project_id, asked);
    const delivered: delivery.Delivered = isDeployed ? { environment: asked } : 'releases';
    const [counts, deployments, incidents, lead] = await Promise.all([
      delivery.buildCounts(tx, project_id, span),
      delivery.deploymentsSince(tx, project_id, delivered, span),
      delivery.incidentsSince(tx, project_id, asked, span),
      leadHours(tx, project_id, isDeployed ? asked : '', span),
    ]);
    // What is to come is no time without a deployment.
    const today = dayOf(new Date());
    const last = span.to > today && span.from <= today ? today : span.to;
    const window = { from: Date.parse(span.from), until: Date.parse(startAfter(last, 'day')) };
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
