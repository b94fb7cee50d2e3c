import { describe, expect, test } from 'vitest';
import { type Effect, estimateReuse, type ReuseHistory, type ReusingProject } from './impact.ts';
import { type SimulatedTenant, simulateTenant } from './impact_simulator.fixture.ts';
import { mean } from './numbers.ts';

const tenants = Array.from({ length: 40 }, (_, seed) => simulateTenant(seed + 1));
const estimates = tenants.map(({ history }) => estimateReuse(history, 1));

interface Judged {
  readonly effect: Effect;
  /** On the scale of the effect. */
  readonly truth: number;
  /** What plain averages say: the mean success of users less that of all others. */
  readonly averages: number;
}

function judged({ history, truth }: SimulatedTenant, at: number, outcome: 'success' | 'duration' | 'cost'): Judged[] {
  return estimates[at]!.impacts.flatMap((impact, artifact) => {
    const effect = impact[outcome];
    if (!effect) return [];
    const users = history.projects.filter(({ uses }) => uses.includes(artifact));
    const others = history.projects.filter(({ uses }) => !uses.includes(artifact));
    const success = (of: readonly ReusingProject[]) => mean(of.map((project) => project.success!));
    const true_ = truth[artifact]![outcome];
    return [
      {
        effect,
        truth: outcome === 'success' ? true_ : Math.exp(true_),
        averages: success(users) - success(others),
      },
    ];
  });
}
const all = (outcome: 'success' | 'duration' | 'cost') => tenants.flatMap((tenant, at) => judged(tenant, at, outcome));
const coverage = (of: readonly Judged[]): number =>
  of.filter(({ effect: { low, high }, truth }) => low <= truth && truth <= high).length / of.length;

/** The place of each value among all, the least first. */
const ranks = (values: readonly number[]): number[] => {
  const sorted = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const places: number[] = [];
  for (const [place, { at }] of sorted.entries()) places[at] = place;
  return places;
};
function spearman(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [ranks(one), ranks(other)];
  const middle = (a.length - 1) / 2;
  const sum = (of: (at: number) => number) => a.reduce((so, _, at) => so + of(at), 0);
  return sum((at) => (a[at]! - middle) * (b[at]! - middle)) / sum((at) => (a[at]! - middle) ** 2);
}
/** The mean of what those truly do that stand highest. */
const worth = (of: readonly Judged[], by: (one: Judged) => number): number =>
  mean(
    of
      .toSorted((a, b) => by(b) - by(a))
      .slice(0, 5)
      .map(({ truth }) => truth),
  );

describe('on 40 simulated tenants whose teams reuse the more the stronger they are', () => {
  test.each(['success', 'duration', 'cost'] as const)(
    'intervals of %s hold the truth 75 to 85 times of 100',
    (outcome) => {
      const of = all(outcome);
      expect(of.length).toBeGreaterThan(500);
      expect(coverage(of)).toBeGreaterThan(0.75);
      expect(coverage(of)).toBeLessThan(0.85);
    },
  );

  test('and so do those of artifacts that are rarely used, and of the others', () => {
    const of = all('success');
    for (const part of [
      of.filter(({ effect }) => effect.projects <= 2),
      of.filter(({ effect }) => effect.projects > 2 && effect.projects < 10),
      of.filter(({ effect }) => effect.projects >= 10),
    ]) {
      expect(part.length).toBeGreaterThan(60);
      // Of 65 intervals a fifth misses, give or take 5 %.
      expect(coverage(part)).toBeGreaterThan(part.length > 200 ? 0.75 : 0.7);
      expect(coverage(part)).toBeLessThan(0.87);
    }
  });

  test('estimates lie nearer the truth than plain averages, rank better, and choose better artifacts', () => {
    const byTenant = tenants.map((tenant, at) => judged(tenant, at, 'success'));
    const estimate = ({ effect }: Judged): number => effect.value;
    const averages = (one: Judged): number => one.averages;
    const rank = (by: (one: Judged) => number): number =>
      mean(
        byTenant.map((of) =>
          spearman(
            of.map(by),
            of.map(({ truth }) => truth),
          ),
        ),
      );
    const error = (by: (one: Judged) => number): number =>
      mean(byTenant.flat().map((one) => Math.abs(by(one) - one.truth)));
    expect(error(estimate)).toBeLessThan(0.5 * error(averages));
    expect(rank(estimate)).toBeGreaterThan(rank(averages) + 0.08);
    const chosen = (by: (one: Judged) => number): number => mean(byTenant.map((of) => worth(of, by)));
    expect(chosen(estimate)).toBeGreaterThan(1.2 * chosen(averages));
    expect(chosen(({ effect }) => effect.low)).toBeGreaterThan(1.2 * chosen(averages));
  });

  test('little of the strength of teams is taken for the artifacts’ doing, of which plain averages take much', () => {
    const of = all('success');
    const bias = Math.abs(mean(of.map(({ effect, truth }) => effect.value - truth)));
    expect(mean(of.map(({ averages, truth }) => averages - truth))).toBeGreaterThan(2);
    expect(bias).toBeLessThan(0.7);
  });
});

const plain = (success: number | null, uses: number[] = [], more: Partial<ReusingProject> = {}): ReusingProject => ({
  problemClass: 'ranking',
  complexity: 50,
  teamSize: 4,
  experience: 2,
  day: 0,
  people: [],
  success,
  durationDays: null,
  cost: null,
  uses,
  ...more,
});
const many = (count: number, project: (at: number) => ReusingProject) =>
  Array.from({ length: count }, (_, at) => project(at));
/** Outcomes that vary, and always alike. */
const noise = (at: number): number => ((at * 37) % 23) - 11;

function checkFinite({ artifacts, projects }: ReuseHistory): ReturnType<typeof estimateReuse> {
  const estimate = estimateReuse({ artifacts, projects }, 1);
  for (const { success, duration, cost } of estimate.impacts) {
    for (const effect of [success, duration, cost]) {
      if (!effect) continue;
      const { low, value, high } = effect;
      expect(low).toBeLessThan(value);
      expect(value).toBeLessThan(high);
      for (const each of [low, value, high]) expect(Number.isFinite(each)).toBe(true);
    }
  }
  return estimate;
}

describe('what little is known is said plainly', () => {
  test('without projects, and without artifacts, nothing is claimed', () => {
    expect(checkFinite({ artifacts: 2, projects: [] }).impacts).toEqual([
      { success: null, duration: null, cost: null },
      { success: null, duration: null, cost: null },
    ]);
    expect(checkFinite({ artifacts: 0, projects: many(10, (at) => plain(50 + noise(at))) })).toEqual({
      impacts: [],
      shares: Array.from({ length: 10 }, () => []),
    });
  });

  test('one project tells next to nothing: a wide interval about 0, and no evidence', () => {
    const [impact] = checkFinite({ artifacts: 1, projects: [plain(95, [0])] }).impacts;
    expect(impact!.success).toMatchObject({ projects: 1, evidence: 'none' });
    const { low, high } = impact!.success!;
    expect(low).toBeLessThan(-3);
    expect(high).toBeGreaterThan(3);
  });

  test('an artifact that nobody used has no effect, and one that everybody used has no evidence', () => {
    const projects = many(30, (at) => plain(70 + noise(at), at % 2 === 0 ? [0, 2] : [0]));
    const [everybody, nobody, half] = checkFinite({ artifacts: 3, projects }).impacts;
    expect(nobody!.success).toBeNull();
    expect(everybody!.success).toMatchObject({ projects: 30, evidence: 'none' });
    expect(everybody!.success!.high - everybody!.success!.low).toBeGreaterThan(3);
    expect(half!.success).toMatchObject({ projects: 15 });
  });

  test('outcomes that are all alike leave no effect far from none', () => {
    const [impact] = checkFinite({
      artifacts: 1,
      projects: many(30, (at) => plain(70, at % 2 === 0 ? [0] : [])),
    }).impacts;
    expect(Math.abs(impact!.success!.value)).toBeLessThan(1);
  });

  test('artifacts that are always used together share what they did, each less surely than one alone', () => {
    const of = (used: number[]) =>
      many(60, (at) => plain(60 + noise(at) / 3 + (at % 2 === 0 ? 12 : 0), at % 2 === 0 ? used : []));
    const [alone] = checkFinite({ artifacts: 1, projects: of([0]) }).impacts;
    const [one, other] = checkFinite({ artifacts: 2, projects: of([0, 1]) }).impacts;
    const width = ({ low, high }: Effect) => high - low;
    expect(alone!.success!.value).toBeGreaterThan(9);
    expect(one!.success!.value + other!.success!.value).toBeGreaterThan(9);
    expect(Math.abs(one!.success!.value - other!.success!.value)).toBeLessThan(1.5);
    expect(width(one!.success!)).toBeGreaterThan(1.5 * width(alone!.success!));
    expect(alone!.success!.evidence).toBe('good');
    expect(one!.success!.evidence).not.toBe('good');
  });

  test('a project that cost nothing, and one that cost a million times the others, upset nothing', () => {
    const projects = many(40, (at) =>
      plain(null, at % 2 === 0 ? [0] : [], { cost: at === 0 ? 0 : at === 1 ? 1e9 : 1_000 + 50 * noise(at) }),
    );
    const [impact] = checkFinite({ artifacts: 1, projects }).impacts;
    expect(impact!.cost!.low).toBeLessThan(1);
    expect(impact!.cost!.high).toBeGreaterThan(1);
  });

  test('an outcome counts where it is known: the others of the project are not asked', () => {
    const projects = many(20, (at) =>
      plain(at < 10 ? 60 + noise(at) : null, [0], { durationDays: at < 5 ? 30 + noise(at) : null }),
    );
    const { impacts, shares } = checkFinite({ artifacts: 1, projects });
    expect(impacts[0]).toMatchObject({ success: { projects: 10 }, duration: { projects: 5 }, cost: null });
    expect(shares.map((share) => share !== null)).toEqual(many(20, (at) => plain(at)).map((_, at) => at < 10));
  });
});

describe('the share of a usage', () => {
  const projects = many(40, (at) =>
    plain(60 + noise(at) + (at % 2) * 8, at % 4 === 1 ? [0, 1] : at % 4 === 3 ? [0] : []),
  );
  const { shares, impacts } = estimateReuse({ artifacts: 2, projects }, 1);
  const sum = (values: readonly number[]): number => values.reduce((so, each) => so + each, 0);

  test('is one for each use, and its artifact’s effect in the mean over its projects', () => {
    expect(shares.map((share) => share?.length)).toEqual(projects.map(({ uses }) => uses.length));
    const ofFirst = shares.flatMap((share) => share!.slice(0, 1));
    expect(Math.abs(mean(ofFirst) - impacts[0]!.success!.value)).toBeLessThan(1);
  });

  test('takes a part of what a project did better than one alike, and never all of it', () => {
    const [worse, better] = [5, 17]
      .map((at) => ({ share: sum(shares[at]!), success: projects[at]!.success! }))
      .sort((one, other) => one.success - other.success);
    expect(better!.success - worse!.success).toBeGreaterThan(5);
    expect(better!.share).toBeGreaterThan(worse!.share);
    expect(better!.share - worse!.share).toBeLessThan(better!.success - worse!.success);
  });
});

test('the same history and seed give the same estimate, and another seed nearly the same', () => {
  const projects = tenants[3]!.history.projects.slice(0, 30);
  const estimate = (seed: number) => estimateReuse({ artifacts: 20, projects }, seed);
  expect(estimate(1)).toEqual(estimate(1));
  const others = estimate(2).impacts;
  for (const [at, { success }] of estimate(1).impacts.entries()) {
    if (!success) continue;
    const other = others[at]!.success!;
    const width = success.high - success.low;
    for (const end of ['low', 'value', 'high'] as const) {
      expect(Math.abs(success[end] - other[end])).toBeLessThan(width / 4);
    }
  }
}, 30_000);
