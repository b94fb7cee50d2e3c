import { kinds, pick, random, subjects, tags, types, vocabulary } from './large_tenant.ts';

/** A request of `/api/v1`; with a body it is a POST. */
export interface Request {
  readonly path: string;
  readonly body?: unknown;
}

/** What requests are made of: some ids of what there is, and of the project and artifact of which there is most. */
export interface World {
  readonly largest: string;
  readonly popular: string;
  readonly projects: readonly string[];
  readonly artifacts: readonly string[];
  /** Tokens of pages deep in each list, by its path and query. */
  readonly deep: ReadonlyMap<string, readonly string[]>;
}

type Ask = (world: World) => Request;

const get =
  (path: string): Ask =>
  ({ projects, artifacts, largest, popular }) => ({
    path: path
      .replace('LARGEST', largest)
      .replace('POPULAR', popular)
      .replace('PROJECT', () => pick(projects))
      .replace('ARTIFACT', () => pick(artifacts)),
  });
const query =
  (path: string, make: () => Record<string, string | number>): Ask =>
  (world) => {
    const given = Object.entries(make()).map(([name, value]): [string, string] => [name, String(value)]);
    return { path: `${get(path)(world).path}?${new URLSearchParams(given)}` };
  };
const search =
  (make: () => Record<string, unknown>): Ask =>
  () => ({ path: '/artifacts/search', body: make() });

/** Lists that are read from deep within. */
export const deepLists = [
  '/projects',
  '/projects?order_by=success_score&order=asc',
  '/projects?order_by=name&state=finished',
  '/artifacts',
  '/artifacts/POPULAR/usages',
] as const;
const deep =
  (list: (typeof deepLists)[number]): Ask =>
  (world) => {
    const { path } = get(list)(world);
    const token = pick(world.deep.get(list) as readonly string[]);
    return { path: `${path}${path.includes('?') ? '&' : '?'}page_token=${token}` };
  };

const swapped = (text: string): string => `${text.slice(0, 2)}${text[3]}${text[2]}${text.slice(4)}`;
const rare = (): string => pick(vocabulary);
const between = (least: number, greatest: number): number => least + Math.floor(random() * (greatest - least + 1));
const day = (): string => new Date(Date.UTC(2015, 0, between(1, 3650))).toISOString().slice(0, 10);
/** Requirements of a project to be. */
const spec = () => {
  const kind = pick(kinds);
  const text = `# Data\nDaily events of ${pick(subjects)} by region, ${rare()} and ${rare()}.\n# Model\nA ${kind} of ${pick(subjects)} with a feature pipeline.`;
  return { text, problem_class: kind };
};
const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const fields = 'name problem_class team_size start_date completion_date success_score compute_cost updated_at'.split(
  ' ',
);
const order = (): Record<string, string> => ({ order_by: pick(fields), order: pick(['asc', 'desc']) });
const metricType = (): string => `type_${between(0, 7)}`;
const cities = ['lisbon', 'hamburg', 'gdansk', 'bergen'];

/** Searches of the library, which take less than 50 ms. */
export const searches: Readonly<Record<string, Ask>> = {
  'a word that each has': search(() => ({ q: 'model' })),
  'words that many have': search(() => ({
    q: `model ${pick(['customer', 'churn'])} ${pick(['forecast', 'pipeline'])}`,
  })),
  'a rare word': search(() => ({ q: rare() })),
  'a rare and a common word': search(() => ({ q: `${rare()} model` })),
  'a misspelt word': search(() => ({ q: swapped(rare()) })),
  'misspelt common words': search(() => ({ q: `${swapped('forecast')} ${swapped('customer')}` })),
  'the beginning of a word': search(() => ({ q: rare().slice(0, 3) })),
  'the beginnings of two words': search(() => ({
    q: pick(['cust mod', 'feat pip', 'forec chu', `cust ${rare().slice(0, 3)}`]),
  })),
  'four words of which two are rare': search(() => ({ q: `model ${rare()} customer ${rare()}` })),
  'a word, a type and a tag': search(() => ({ q: 'model', type: pick(types), tags: [pick(tags)] })),
  'a word in another order': search(() => ({ q: 'churn', order_by: pick(['uses', 'created_at']) })),
  'a type': search(() => ({ type: pick(types), order_by: pick(['uses', 'created_at']) })),
  'a type and two tags': search(() => ({ type: pick(types), tags: [pick(tags), pick(tags)] })),
  'nothing but an order': search(() => ({ order_by: pick(['uses', 'created_at']) })),
};

/** Every other list and summary of projects, the library, process metrics and teams: less than 100 ms. */
export const reads: Readonly<Record<string, Ask>> = {
  'GET /projects': query('/projects', () => ({})),
  'GET /projects in an order': query('/projects', order),
  'GET /projects by state and class': query('/projects', () => ({
    ...order(),
    problem_class: pick(kinds),
    state: pick(['active', 'finished']),
  })),
  'GET /projects by ranges': query('/projects', () => ({
    ...order(),
    success_min: between(60, 99),
    team_size_min: between(1, 12),
  })),
  'GET /projects by days': query('/projects', () => {
    const started_from = day();
    return { ...order(), started_from, started_until: started_from };
  }),
  'GET /projects by common metadata': query('/projects', () => ({
    ...order(),
    metadata: `industry:sector ${between(0, 39)}`,
  })),
  'GET /projects by rare metadata': query('/projects', () => ({ metadata: `rows:${between(0, 99_999)}` })),
  'GET /projects by a word': query('/projects', () => ({ q: pick(subjects) })),
  'GET /projects by words, one misspelt': query('/projects', () => ({
    q: `${swapped(pick(cities))} ${pick(subjects)}`,
  })),
  'GET /projects by a beginning and filters': query('/projects', () => ({
    q: pick(kinds).slice(0, 5),
    state: 'finished',
    success_min: between(50, 95),
  })),
  'GET /projects by a word in an order': query('/projects', () => ({ ...order(), q: pick(subjects) })),
  'GET /projects by a number': query('/projects', () => ({ q: String(between(0, 99_999)) })),
  'GET /projects, deep pages': deep('/projects'),
  'GET /projects by an outcome, deep pages': deep('/projects?order_by=success_score&order=asc'),
  'GET /projects by name and state, deep pages': deep('/projects?order_by=name&state=finished'),
  'GET /projects/{id}': get('/projects/PROJECT'),
  'GET /projects/{id}, the largest': get('/projects/LARGEST'),
  'GET /projects/{id}/artifacts': get('/projects/PROJECT/artifacts'),
  'GET /projects/{id}/artifacts, 2,000 of them': get('/projects/LARGEST/artifacts'),
  'GET /projects/{id}/code/syncs': get('/projects/LARGEST/code/syncs'),
  'GET /projects/{id}/webhooks': get('/projects/LARGEST/webhooks'),
  'GET /artifacts': query('/artifacts', () => ({})),
  'GET /artifacts by type': query('/artifacts', () => ({ type: pick(types) })),
  'GET /artifacts, deep pages': deep('/artifacts'),
  'GET /artifacts/top': query('/artifacts/top', () => (random() < 0.5 ? {} : { type: pick(types) })),
  'GET /artifacts/{id}': get('/artifacts/ARTIFACT'),
  'GET /artifacts/{id}/versions': get('/artifacts/ARTIFACT/versions'),
  'GET /artifacts/{id}/usages': get('/artifacts/ARTIFACT/usages'),
  'GET /artifacts/{id}/usages, deep pages of 20,000': deep('/artifacts/POPULAR/usages'),
  'GET /artifacts/{id}/analytics': get('/artifacts/ARTIFACT/analytics'),
  'GET /artifacts/{id}/analytics, 20,000 usages': get('/artifacts/POPULAR/analytics'),
  'GET /artifacts/{id}/lineage': get('/artifacts/ARTIFACT/lineage'),
  'GET /artifacts/{id}/lineage, 20,000 usages': get('/artifacts/POPULAR/lineage'),
  'GET /metrics/{id}/summary': get('/metrics/PROJECT/summary'),
  'GET /metrics/{id}/summary, 1,000,000 of them': get('/metrics/LARGEST/summary'),
  'GET /metrics/{id}/summary of a span': query('/metrics/LARGEST/summary', () => ({
    from: ago(between(100, 1000)),
    to: ago(between(0, 99)),
  })),
  'GET /metrics/{id}/velocity': query('/metrics/LARGEST/velocity', () => ({ metric_type: metricType() })),
  'GET /metrics/{id}/velocity by days': query('/metrics/LARGEST/velocity', () => ({
    metric_type: metricType(),
    bucket: 'day',
  })),
  'GET /metrics/{id}/velocity by weeks of 3 years': query('/metrics/LARGEST/velocity', () => ({
    metric_type: metricType(),
    bucket: 'week',
    from: ago(1090),
  })),
  'GET /metrics/{id}/velocity by months of 3 years': query('/metrics/LARGEST/velocity', () => ({
    metric_type: metricType(),
    bucket: 'month',
    from: ago(1090),
  })),
  'GET /metrics/{id}/velocity of commits and builds': query('/metrics/LARGEST/velocity', () => ({
    metric_type: pick(['git_velocity', 'ci_runtime', 'experiment_count', 'compute_hours']),
  })),
  'GET /metrics/{id}/velocity of commits and builds, 3 years': query('/metrics/LARGEST/velocity', () => ({
    metric_type: pick(['git_velocity', 'ci_runtime']),
    from: ago(1090),
  })),
  'GET /teams/{id}/members': get('/teams/LARGEST/members'),
  'GET /teams/{id}/git-metrics': get('/teams/LARGEST/git-metrics'),
  'GET /teams/{id}/git-metrics, 3 years': query('/teams/LARGEST/git-metrics', () => ({ from: ago(1090) })),
  'GET /teams/{id}/cicd-metrics': get('/teams/LARGEST/cicd-metrics'),
  'GET /teams/{id}/cicd-metrics, 3 years': query('/teams/LARGEST/cicd-metrics', () => ({ from: ago(1090) })),
  'GET /teams/{id}/collaboration-analytics': get('/teams/LARGEST/collaboration-analytics'),
  'GET /teams/{id}/collaboration-analytics, 3 years': query('/teams/LARGEST/collaboration-analytics', () => ({
    from: ago(1090),
  })),
  'POST /recommendations': ({ projects }) => ({ path: '/recommendations', body: { project_id: pick(projects) } }),
  'POST /recommendations to a text': () => ({ path: '/recommendations', body: spec() }),
  'POST /ml/find-similar-projects': () => ({ path: '/ml/find-similar-projects', body: { text: spec().text } }),
  'POST /ml/analyze-overlap': () => ({ path: '/ml/analyze-overlap', body: { text: spec().text } }),
  'POST /ml/estimate-effort': () => ({ path: '/ml/estimate-effort', body: spec() }),
  'POST /ml/recommend-reuse-strategy': () => ({ path: '/ml/recommend-reuse-strategy', body: spec() }),
};
