/**
 * The n-th of a history in which each member of the team adds some days, vision takes twice as long, and a cost goes with
 * the days.
 */
export function finishedProject(at: number, prefix = 'p') {
  const team = 2 + (at % 9);
  const isVision = at % 2 === 0;
  const days = Math.round((20 + 10 * team) * (isVision ? 2 : 1) * (1 + ((at * 7) % 5) / 50));
  const start = new Date(Date.UTC(2024, 0, 1 + at));
  const end = new Date(start.getTime() + days * 86_400_000);
  return {
    name: `${prefix} ${at}`,
    problem_class: isVision ? 'vision' : 'ranking',
    team_size: team,
    complexity_score: 1 + (at % 50),
    start_date: start.toISOString().slice(0, 10),
    completion_date: end.toISOString().slice(0, 10),
    success_score: 40 + (at % 50),
    compute_cost: days * 10,
    metadata: { industry: at % 3 === 0 ? 'retail' : 'bank', rows: at * 100, cloud: { region: at % 4 } },
  };
}

export const finishedProjects = (count: number, prefix?: string) =>
  Array.from({ length: count }, (_, at) => finishedProject(at, prefix));
