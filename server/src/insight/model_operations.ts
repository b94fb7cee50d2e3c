import { driftOf } from '@maestro/insight/drift';
import { mean, median } from '@maestro/insight/numbers';
import { isTooGood, warnedOfLeakage } from '@maestro/insight/scores';
import Type, { type Static } from 'typebox';
import { insertAuditEvent } from '../audit/queries.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { recordOf } from '../identity/record.ts';
import { orNull, pageInput, strict, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { landmarkDays, projectsUnlearned } from './feature_queries.ts';
import { isOfFirstDays, knownOf, labelOf, metadataKeyOf, rowOf } from './features.ts';
import { unreadText } from './figures.ts';
import * as queries from './model_queries.ts';
import { endedProjects } from './outcome_queries.ts';
import { outcomes } from './outcomes.ts';
import { firstPredictions } from './prediction_queries.ts';
import type { Report } from './report.ts';
import { scoreOf } from './scoring.ts';
import { learnNow, projectsMax } from './training.ts';

const share = (description?: string) => Type.Number({ ...(description === undefined ? {} : { description }) });
const amount = (description: string) => Type.Number({ description });

const Errors = Type.Object(
  {
    n: Type.Integer(),
    mae: amount('Mean absolute error, in the outcome’s unit.'),
    md_mre: orNull(share(), 'Median of |actual − predicted| / actual; null where an actual is 0.'),
    pred_25: orNull(share(), 'Share predicted within 25 % of the actual.'),
    mar_p0: amount('The expected absolute error of guessing another project’s outcome.'),
    sa: orNull(share(), 'Standardised accuracy: 1 − mae / mar_p0.'),
  },
  { description: 'Of predictions by models that did not see the project.' },
);
const Intervals = Type.Object({
  nominal: share('What the intervals are made to hold.'),
  coverage: share('What they held.'),
  mean_width: amount('In the outcome’s unit.'),
  relative_width: orNull(share(), 'As a multiple of the median outcome.'),
});
const Probabilities = Type.Object({
  n: Type.Integer(),
  brier: Type.Number(),
  base_rate_brier: Type.Number({ description: 'Of giving every project the share of successes.' }),
  auc: orNull(Type.Number()),
  calibration_error: Type.Number({ description: 'Expected calibration error, ten bins.' }),
  mean_width: Type.Number(),
});
const outcomeName = Type.Enum(outcomes);

const OutcomeModel = Type.Object({
  outcome: outcomeName,
  kind: Type.Enum(['amount', 'score', 'success'], {
    description: 'success: all success scores are 0 or 100, and the predicted score is the probability of 100.',
  }),
  rows: Type.Integer({ description: 'Finished projects learned from.' }),
  is_thin: Type.Boolean({ description: 'Too few: it is their median, with a wide interval.' }),
  warnings: Type.Array(Type.String(), { description: 'What speaks against trusting it.' }),
  errors: orNull(Errors),
  intervals: orNull(
    Intervals,
    'Null where the kind is success: there they are of the chance, and what comes is 0 or 100.',
  ),
  probabilities: orNull(Probabilities, 'Where the kind is success.'),
  calibration: Type.Array(Type.Object({ expected: Type.Number(), observed: Type.Number() }), {
    description:
      'Points of a calibration plot: shares of projects below quantiles of their predictions, and the shares that were; of probabilities the shares of success.',
  }),
  importances: Type.Array(Type.Object({ feature: Type.String(), label: Type.String(), importance: Type.Number() }), {
    description: 'The strongest first.',
  }),
  learners: Type.Array(Type.Object({ name: Type.String(), weight: Type.Number(), mae: Type.Number() })),
  drift: Type.Object(
    {
      projects: Type.Integer({ description: 'Recorded since the training, or not ended.' }),
      features: Type.Array(
        Type.Object({
          feature: Type.String(),
          label: Type.String(),
          psi: Type.Number({ description: 'Population stability index.' }),
          threshold: Type.Number({ description: 'What chance alone exceeds once in twenty.' }),
          has_drifted: Type.Boolean({ description: 'Above the threshold, and above 0.1.' }),
        }),
        {
          description:
            'The most changed first; none while fewer than ten projects are new. Reuse and process are compared once the first 30 days of as many are over; days are not: they always move on.',
        },
      ),
    },
    { description: 'How projects that it did not learn from differ from those it did.' },
  ),
  scored: orNull(
    Type.Object({
      predictions: Type.Integer({ description: 'The first one kept of each project that has ended since.' }),
      mae: Type.Number(),
      md_mre: orNull(Type.Number()),
      coverage: orNull(share(), 'How many were within their interval; null of chances.'),
    }),
    `How predictions were met, of the newest ${projectsMax} projects that have ended; null before any.`,
  ),
});

const ModelSchema = Type.Object({
  version: orNull(Type.Integer(), 'Null: nothing was learned yet.'),
  trained_at: orNull(time),
  outcomes: Type.Array(OutcomeModel),
});

/** A feature has drifted where the index is beyond chance and, as is the custom of practitioners, above 0.1. */
const psiMin = 0.1;
const sinceMax = 1_000;
const dayMs = 86_400_000;

type Drift = Static<typeof OutcomeModel>['drift'];
type Scored = Static<typeof OutcomeModel>['scored'];

async function driftsOf(tx: TenantTx, trainedAt: Date, reports: readonly Report[]): Promise<(report: Report) => Drift> {
  const keys = new Set(reports.flatMap(({ features }) => features.flatMap(({ name }) => metadataKeyOf(name) ?? [])));
  const projects = await projectsUnlearned(tx, trainedAt, [...keys], sinceMax);
  const known = projects.length === 0 ? [] : await knownOf(tx, projects);
  const landmark = new Date(Date.now() - landmarkDays * dayMs).toISOString().slice(0, 10);
  const isPast = known.map(({ project }) => project.has_ended || (project.start_date ?? '9999') <= landmark);
  return ({ features, spreads }) => {
    const rows = known.map((one) => rowOf(features, one));
    const found = features.flatMap(({ name: feature, kind }, at) => {
      const spread = spreads[at];
      if (!spread || kind === 'date') return [];
      const told = isOfFirstDays(feature) ? rows.filter((_, index) => isPast[index]) : rows;
      const drift = driftOf(
        spread,
        told.map((row) => row[at] ?? null),
      );
      if (!drift) return [];
      const has_drifted = drift.psi > drift.threshold && drift.psi > psiMin;
      return { feature, label: labelOf(feature), ...drift, has_drifted };
    });
    return { projects: projects.length, features: found.sort((a, b) => b.psi - a.psi) };
  };
}

async function metOf(tx: TenantTx): Promise<(outcome: (typeof outcomes)[number]) => Scored> {
  const rows = await firstPredictions(tx, await endedProjects(tx, projectsMax));
  const scores = rows.map(({ outcomes: predicted, ...project }) => scoreOf(predicted, project));
  return (outcome) => {
    const met = scores.flatMap((score) => score?.[outcome] ?? []);
    if (met.length === 0) return null;
    const judged = met.flatMap(({ within_interval: within }) => within ?? []);
    const relative = met.flatMap(({ relative_error: one }) => one ?? []);
    return {
      predictions: met.length,
      mae: mean(met.map(({ error }) => Math.abs(error))),
      md_mre: relative.length === 0 ? null : median(relative),
      coverage: judged.length === 0 ? null : mean(judged.map(Number)),
    };
  };
}

/** Better than can be by what was known at the start, unless people estimated it; and values that could not be read. */
function warningsOf({ scale, errors, learners, features, unread = [] }: Report): string[] {
  // Also by another name than `estimated_cost`: people foretell well.
  const isEstimated = features.some(({ name }) => /estimat/i.test(metadataKeyOf(name) ?? ''));
  const isDoubtful = scale !== 'success' && !isEstimated && errors && isTooGood(errors, scale, learners);
  const odd = unread.map(
    ({ feature: { name, kind }, unread: count, told }) =>
      `${count} of ${told} values of ${labelOf(name)} ${unreadText(kind, count === 1)}`,
  );
  return isDoubtful ? [warnedOfLeakage, ...odd] : odd;
}

/** What was learned, how good it is, and whether it still fits. */
export const getModel = defineOperation({
  name: 'insight_model.get',
  permission: 'project:read',
  input: Type.Object({}, strict),
  output: ModelSchema,
  async run({ tx }) {
    const current = await queries.currentVersion(tx);
    if (!current) return { version: null, trained_at: null, outcomes: [] };
    const reports = await queries.reportsOf(tx, current.version);
    const driftIn = await driftsOf(
      tx,
      current.trained_at,
      reports.map(({ report }) => report),
    );
    const met = await metOf(tx);
    return {
      version: current.version,
      trained_at: current.trained_at.toISOString(),
      outcomes: outcomes.flatMap((outcome) => {
        const report = reports.find((row) => row.outcome === outcome)?.report;
        if (!report) return [];
        const { scale, rows, is_thin, errors, intervals, probabilities, calibration, importances, learners } = report;
        return {
          outcome,
          kind: scale,
          rows,
          is_thin,
          warnings: warningsOf(report),
          errors,
          intervals,
          probabilities,
          calibration: [...calibration],
          importances: importances.map((each) => ({ ...each, label: labelOf(each.feature) })),
          learners: [...learners],
          drift: driftIn(report),
          scored: met(outcome),
        };
      }),
    };
  },
});

/** The versions that are kept, the newest first. */
export const listModels = defineOperation({
  name: 'insight_model.list',
  permission: 'project:read',
  input: Type.Object({ ...pageInput }, strict),
  output: pageOf(
    Type.Object({
      version: Type.Integer(),
      trained_at: time,
      outcomes: Type.Array(
        Type.Object({
          outcome: outcomeName,
          rows: Type.Integer(),
          is_thin: Type.Boolean(),
          errors: orNull(Errors),
          intervals: orNull(Intervals),
        }),
      ),
    }),
  ),
  async run({ tx }, { limit = defaultPageSize, page_token }) {
    const place = placeOf(page_token, 1);
    const below = place && Number(place[0]);
    if (below !== undefined && !Number.isSafeInteger(below)) {
      throw invalid('page_token: not a token of this list', 'page_token');
    }
    const rows = await atPlace(place, () => queries.versionsBelow(tx, below, limit + 1));
    return pageFrom(
      rows,
      limit,
      ({ version }) => [String(version)],
      (row) => ({ ...row, trained_at: row.trained_at.toISOString() }),
    );
  },
});

/** Learns from the finished projects now. They teach by themselves, too, soon after an outcome is recorded. */
export const train = defineOperation({
  name: 'insight_model.train',
  permission: 'project:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({}, strict),
  output: Type.Object({
    version: orNull(Type.Integer(), 'Null: no project has ended.'),
    is_new: Type.Boolean({ description: 'False: the same data had made this version before.' }),
  }),
  async run(context) {
    const { ports, tenant, inTenant } = context;
    const write = await learnNow(ports.db, tenant.id);
    return inTenant(async (tx) => {
      const { version = null, isNew: is_new } = await write(tx);
      await insertAuditEvent(tx, recordOf(context, 'insight_model.train', String(version ?? ''), { is_new }));
      return { version, is_new };
    });
  },
});
