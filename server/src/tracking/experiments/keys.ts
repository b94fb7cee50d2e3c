import Type from 'typebox';
import { defineOperation } from '../../operation.ts';
import { missingExperiment } from '../refusals.ts';
import { findKeys, findValues } from './key_queries.ts';
import { ExperimentId } from './operations.ts';
import { findExperiments } from './queries.ts';

const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }));
const part = Type.Optional(
  Type.String({ maxLength: 250, description: 'What they hold, in either case; those that begin with it come first.' }),
);
const Found = Type.Object({
  items: Type.Array(Type.String()),
  total: Type.Integer({ description: 'How many there are, those beyond the limit included.' }),
});

/** The names of an experiment's metrics, params or tags. */
export const listKeys = defineOperation({
  name: 'experiment.list_keys',
  permission: 'run:read',
  input: Type.Object({
    experiment_id: ExperimentId,
    kind: Type.Enum(['metric', 'param', 'tag']),
    q: part,
    limit,
  }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Found,
  async run({ tx }, { experiment_id: id, kind, q = '', limit: max = 100 }) {
    if ((await findExperiments(tx, [id])).length === 0) throw missingExperiment(id);
    return findKeys(tx, id, kind, q, max);
  },
});

/** The values that a param or a tag has among an experiment's runs. */
export const listValues = defineOperation({
  name: 'experiment.list_values',
  permission: 'run:read',
  input: Type.Object({
    experiment_id: ExperimentId,
    kind: Type.Enum(['param', 'tag']),
    key: Type.String({ maxLength: 1000 }),
    q: part,
    limit,
  }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Found,
  async run({ tx }, { experiment_id: id, kind, key, q = '', limit: max = 100 }) {
    if ((await findExperiments(tx, [id])).length === 0) throw missingExperiment(id);
    return findValues(tx, id, kind, key, q, max);
  },
});
