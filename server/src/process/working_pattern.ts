import type { PersonActivity } from './collaboration_queries.ts';

/** More would make the measures of a graph slow, which grow with people times ties. */
const peopleMax = 300;

/** Who did anything: the most active ones, in no telling order. */
export const mostActive = (activities: readonly PersonActivity[]): string[] =>
  activities
    .map(({ person, commits, others }) => ({ person, count: commits + others }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.person < b.person ? -1 : 1))
    .slice(0, peopleMax)
    .map(({ person }) => person);

/** Of numbers in order, each once: how many are in rows without a gap of at least `length`. */
function inRows(numbers: readonly number[], length: number): number {
  let sum = 0;
  let begin = 0;
  for (let at = 1; at <= numbers.length; at++) {
    if (numbers[at] === (numbers[at - 1] as number) + 1) continue;
    if (at - begin >= length) sum += at - begin;
    begin = at;
  }
  return sum;
}

/** When a team wrote its commits, as shares; `people` are those who did. */
export function workingPatternOf(activities: readonly PersonActivity[], stretchDays: number) {
  const sum = (of: (activity: PersonActivity) => number) => activities.reduce((total, each) => total + of(each), 0);
  const commits = sum((each) => each.commits);
  return {
    people: activities.filter((each) => each.commits > 0).length,
    commits,
    night_share: sum(({ atNight }) => atNight) / commits,
    weekend_share: sum(({ atWeekend }) => atWeekend) / commits,
    long_stretch_share: sum(({ days }) => inRows(days, stretchDays)) / sum(({ days }) => days.length),
  };
}
