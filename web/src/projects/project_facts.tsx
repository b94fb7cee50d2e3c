import { Facts } from '../app/facts.tsx';
import { figure } from '../app/formats.ts';
import type { ProjectDetail } from './queries.ts';
import { text } from './text.ts';
import { daysOf } from './time_bar.tsx';

const shown = (value: number | string | null): string =>
  value === null ? text.unknown : typeof value === 'string' ? value : figure(value);

/** What a project is, and what came of it. */
export function ProjectFacts({ project }: { readonly project: ProjectDetail }) {
  const days = daysOf(project);
  const time = days === null ? text.unknown : project.completion_date === null ? text.since(days) : text.days(days);
  return (
    <Facts
      facts={[
        [text.facts.problem_class, shown(project.problem_class)],
        [text.facts.complexity, shown(project.complexity_score)],
        [text.facts.team, shown(project.team_size)],
        [text.facts.time, time],
        [text.facts.success, shown(project.success_score)],
        [text.facts.performance, shown(project.model_performance)],
        [text.facts.cost, shown(project.compute_cost)],
        [text.facts.impact, shown(project.business_impact)],
      ]}
    />
  );
}
