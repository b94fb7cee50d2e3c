import type { Comparator, Entity, Grammar } from './filter.ts';

const numeric: readonly Comparator[] = ['>', '>=', '!=', '=', '<', '<='];
const textual: readonly Comparator[] = ['!=', '=', 'LIKE', 'ILIKE'];
const listable: readonly Comparator[] = [...textual, 'IN', 'NOT IN'];

const spellings: Record<string, Entity> = {
  metric: 'metric',
  metrics: 'metric',
  parameter: 'parameter',
  parameters: 'parameter',
  param: 'parameter',
  params: 'parameter',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};

const comparators = {
  metric: numeric,
  least: numeric,
  greatest: numeric,
  parameter: textual,
  tag: textual,
  attribute: listable,
  dataset: listable,
  number: numeric,
};

const orderableRunAttributes = {
  artifact_uri: 'artifact_uri',
  end_time: 'end_time',
  run_id: 'run_id',
  run_name: 'run_name',
  start_time: 'start_time',
  status: 'status',
  user_id: 'user_id',
  created: 'start_time',
  Created: 'start_time',
};

export const runGrammar: Grammar = {
  entities: spellings,
  attributes: { ...orderableRunAttributes, 'run name': 'run_name', 'Run name': 'run_name', 'Run Name': 'run_name' },
  numericAttributes: new Set(['start_time', 'end_time']),
  listed: new Set(['run_id']),
  comparators,
  nullable: ['tag', 'parameter'],
  wholeNumbers: false,
  foldsCase: true,
  looseQuotes: false,
};

/** What order_by of a run search may name: the spellings with a space are for filters alone. */
export const runOrderGrammar = { ...runGrammar, attributes: orderableRunAttributes };

/**
 * What `/api/v1` has beyond MLflow: the best of a metric (`min_metrics.loss`, `max_metrics.acc`) in filters and orders, and
 * orders by duration.
 */
const nativeSpellings: Record<string, Entity> = { ...spellings, min_metrics: 'least', max_metrics: 'greatest' };
export const nativeRunGrammar: Grammar = { ...runGrammar, entities: nativeSpellings };
export const nativeRunOrderGrammar = {
  ...runOrderGrammar,
  entities: nativeSpellings,
  attributes: { ...orderableRunAttributes, duration: 'duration' },
};

export const experimentGrammar: Grammar = {
  entities: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: 'name',
    experiment_id: 'experiment_id',
    creation_time: 'creation_time',
    last_update_time: 'last_update_time',
  },
  numericAttributes: new Set(['creation_time', 'last_update_time']),
  listed: new Set(['experiment_id']),
  comparators,
  nullable: ['tag'],
  wholeNumbers: true,
  foldsCase: false,
  looseQuotes: false,
};

export const loggedModelGrammar: Grammar = {
  entities: { attributes: 'attribute', metrics: 'metric', params: 'parameter', tags: 'tag' },
  attributes: {
    name: 'name',
    model_id: 'model_id',
    model_type: 'model_type',
    status: 'status',
    status_message: 'status_message',
    source_run_id: 'source_run_id',
    experiment_id: 'experiment_id',
    artifact_location: 'artifact_location',
    lifecycle_stage: 'lifecycle_stage',
    creation_time: 'creation_time',
    creation_timestamp: 'creation_time',
    creation_timestamp_ms: 'creation_time',
    last_updated_timestamp: 'last_update_time',
    last_updated_timestamp_ms: 'last_update_time',
  },
  numericAttributes: new Set(['creation_time', 'last_update_time']),
  listed: new Set(),
  comparators: { ...comparators, parameter: listable, tag: listable },
  nullable: [],
  wholeNumbers: false,
  foldsCase: true,
  looseQuotes: true,
};
