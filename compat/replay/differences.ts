import type { Difference, Kind } from './compare.ts';
import type { Seen } from './normalise.ts';

/** A class of differences that Maestro means to have. A difference is expected when a rule covers its case and kind. */
export interface Expected {
  /** Ids of cases, as `area: name`. */
  cases: RegExp;
  /** Default: every kind. */
  kinds?: Kind[];
  /** Where in the body; default anywhere. */
  at?: RegExp;
  /** Further condition on both answers. */
  when?: (genuine: Seen, maestro: Seen) => boolean;
  reason: string;
}

const refused = (_genuine: Seen, maestro: Seen) => maestro.status === 400;
const accepted = (_genuine: Seen, maestro: Seen) => maestro.status === 200;
const notFound = (_genuine: Seen, maestro: Seen) => maestro.status === 404;

const errorCode = (seen: Seen) => {
  const body = seen.body;
  return body !== null && typeof body === 'object' && !Array.isArray(body) && 'error_code' in body
    ? body.error_code
    : '';
};

/** Ids of cases, as alternatives of one pattern. */
const cases = (...patterns: string[]) => new RegExp(`^(?:${patterns.join('|')})`);

/** Faults of the genuine server that its clients cannot want. */
const faultsOfTheGenuine: Expected[] = [
  {
    cases: /./,
    when: (genuine, maestro) => genuine.status === 500 && maestro.status === 400,
    reason: 'bad input is the caller’s fault: 400, which clients do not retry, instead of 500',
  },
  {
    cases: /./,
    when: (genuine, maestro) => errorCode(genuine) === 'BAD_REQUEST' && maestro.status === 400,
    reason: 'the genuine server passes on its database’s complaint; Maestro names the parameter',
  },
  {
    cases: cases('batch: runs/log-batch: (metrics|params|tags) is null', 'search_runs: max_results null'),
    when: accepted,
    reason: 'null is absent, as protobuf’s JSON has it; the genuine server breaks on it',
  },
  {
    cases: cases('experiments: create: the same tag key twice'),
    kinds: ['error_code'],
    reason: 'the genuine server takes any duplicate for a taken name',
  },
  {
    cases: cases(
      'experiments: create: a name of 500 characters',
      'runs: create: (a tag value of 8,001|name and an empty tag)',
    ),
    when: accepted,
    reason: 'the genuine server’s own checks let it pass, and only its PostgreSQL columns are narrower',
  },
  {
    cases: cases(
      'inputs_outputs: outputs: the same',
      'logged_models: (params: the same again|metrics: the same step again)',
    ),
    when: accepted,
    reason: 'every log call is safe to repeat: a client retries after a lost answer',
  },
  {
    cases: cases('logged_models: (get run: metrics of models|history: metrics of models|get: metrics)'),
    at: /metrics/,
    reason: 'follows from taking the point that the genuine server refuses',
  },
  {
    cases: cases('logged_models: metrics: of a model that is not there'),
    when: notFound,
    reason: 'what is not there is not found; the genuine server passes on its database’s complaint',
  },
  {
    cases: cases("logged_models: search: filter status = '"),
    when: accepted,
    reason: 'the genuine server compares a name with the number it stores',
  },
  {
    cases: cases('logged_models: search: of a dataset'),
    reason: 'a digest that is not given is any digest; the genuine server finds nothing then',
  },
  {
    cases: cases('logged_models: search: max_results -1'),
    when: refused,
    reason: 'no page can hold less than one',
  },
  {
    cases: cases('history: bulk of the page'),
    reason: 'the genuine server prints a bare NaN, which is no JSON; Maestro prints it as text',
  },
];

/** Values that protobuf’s lax reading drops without a word, with all that follows them in the request. */
const lax: Expected[] = [
  {
    cases: cases(
      'metrics: log: (a bare (NaN|Infinity)|1e400|"nan" in small letters|a fractional|a step beyond)',
      'metrics: runs/log-metric: \\w+ is true',
      'runs: create: (start_time as a fraction|a start_time beyond)',
      'runs: runs/(create|update): (\\w+ is true|user_id is a number|tags is |status is an empty text)',
      'runs: update: (an unknown status|status in small letters)',
      'batch: (a metric (of a word|of true|at a)|a param of a number|a tag of a number|NaN and infinities)',
      'search_runs: (max_results (true|1\\.5)|a token of a number|experiments as numbers|view )',
      'search_experiments: (max_results 1\\.5|order \\[1\\]|view )',
      'history: max_results ',
      'inputs_outputs: (inputs: a dataset of text|outputs: a model of text)',
      'experiments: create: tags are a list of texts',
      'logged_models: (finalize: an unknown|search: order a text)',
    ),
    when: refused,
    reason:
      'the genuine server drops a value it cannot read and all that follows it, and answers 200; Maestro refuses it',
  },
  {
    cases: cases('metrics: get: (all these|the keys)', 'metrics: get: a metric with'),
    kinds: ['value', 'missing', 'extra'],
    at: /data\.metrics/,
    reason: 'follows from refusing what the genuine server stores as 0 at time 0',
  },
  {
    cases: cases('inputs_outputs: (get|search): ', 'inputs_outputs: datasets of experiments'),
    at: /model_outputs|dataset_summaries|dataset_inputs/,
    reason: 'follows from refusing what the genuine server stores without a name',
  },
  {
    cases: cases('metrics: log: the (greatest|least) step', 'runs: create: the greatest start_time'),
    when: refused,
    reason: 'an integer beyond 2^53 is refused rather than altered',
  },
  {
    cases: cases('params_tags: param: (a lone surrogate|a value with NUL)'),
    when: refused,
    reason: 'no text that PostgreSQL could hold and give back',
  },
  {
    cases: cases('params_tags: param: all of them'),
    at: /data\.params/,
    reason: 'follows from refusing a lone surrogate',
  },
  {
    cases: cases('runs: create: a tag without a key'),
    when: refused,
    reason: 'a tag without a key can be neither found nor removed',
  },
  {
    cases: cases("search_runs: filter (params\\. = |params\\.model\\.= |run_id IN \\('a' 'b'\\))"),
    when: refused,
    reason: 'a slip of the pen is named, where the genuine server finds nothing',
  },
  {
    cases: cases('search_runs: order \\["metrics\\."\\]'),
    when: refused,
    reason: 'an order by a metric without a name orders nothing',
  },
  {
    cases: cases('batch: by run_uuid', 'errors: (content type: upper case|version 3 of|a trailing slash)'),
    when: accepted,
    reason: 'taken by Maestro as well: nothing else can be meant',
  },
  {
    cases: cases('errors: (JSON with a byte-order mark|a body with GET)'),
    when: refused,
    reason: 'no client sends it',
  },
];

/** What Maestro refuses for safety, and what follows from tenants. */
const safer: Expected[] = [
  {
    cases: cases('artifacts: (traversal by|mpu create: a climb|list: (a dot|backslashes)|proxy list: )'),
    when: refused,
    reason: 'every traversal shape is refused with 400, also those that the genuine server stores or does not find',
  },
  {
    cases: cases('artifacts: list: after deletions'),
    at: /^files/,
    reason: 'the folders are what the genuine server left of the shapes that Maestro refused',
  },
  {
    cases: cases('experiments: create: an? (artifact location|absolute path)'),
    when: refused,
    reason: 'an artifact location outside Maestro’s own store is refused (CVE-2023-6909, CVE-2024-1483)',
  },
  {
    cases: cases('history: (no such run|interval: (no such run|a run that is there|100 runs))'),
    when: notFound,
    reason: 'a run that the caller cannot read does not exist, for its history as for itself',
  },
  {
    cases: cases('artifacts: get: a folder'),
    kinds: ['missing', 'extra'],
    reason: 'errors have one shape, also where the genuine server’s framework has another',
  },
  {
    cases: cases('artifacts: mpu '),
    when: (genuine) => genuine.status === 501,
    reason: 'Maestro takes files in parts on its local disk too',
  },
  {
    cases: cases('errors: two slashes'),
    when: notFound,
    reason: 'a path is taken as it stands, without a redirection',
  },
  {
    cases: cases('workspaces: server-info'),
    kinds: ['value', 'missing', 'extra'],
    reason: 'features are announced as Maestro has them',
  },
  {
    cases: cases('workspaces: (list|get$)'),
    kinds: ['value', 'missing', 'extra'],
    reason: 'the workspaces are the tenants the caller belongs to',
  },
  {
    cases: cases('workspaces: (update|delete|create: )'),
    when: (_genuine, maestro) => [403, 404, 405].includes(maestro.status),
    reason: 'tenants are made and changed by an operator, not through the MLflow protocol',
  },
  {
    cases: cases('workspaces: (get: a name that is none|experiments of a workspace with a bad name)'),
    when: notFound,
    reason: 'a tenant the caller is not in does not exist, whatever its name',
  },
  {
    cases: cases('workspaces: '),
    kinds: ['value'],
    at: /artifact_location|artifact_uri|root_uri/,
    reason: 'run files stand under their experiment; the tenant is the caller’s',
  },
  {
    cases: /./,
    kinds: ['value'],
    at: /(^|\.)workspace$/,
    reason: 'the workspace of an experiment is the slug of its tenant',
  },
  {
    cases: /./,
    kinds: ['content type'],
    when: (genuine) => genuine.status >= 400,
    reason: 'errors are JSON here where the genuine server sends pages',
  },
];

export const expected: Expected[] = [...faultsOfTheGenuine, ...lax, ...safer];

/** The reason why a difference is meant; undefined when it is not. */
export function reasonFor(id: string, difference: Difference, genuine: Seen, maestro: Seen): string | undefined {
  return expected.find(
    (rule) =>
      rule.cases.test(id) &&
      (rule.kinds === undefined || rule.kinds.includes(difference.kind)) &&
      (rule.at === undefined || rule.at.test(difference.at)) &&
      (rule.when === undefined || rule.when(genuine, maestro)),
  )?.reason;
}
