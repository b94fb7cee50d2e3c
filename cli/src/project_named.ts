import { Failure } from './failure.ts';
import { isId } from './people.ts';
import type { Place } from './place.ts';

export interface Project {
  project_id: string;
  name: string;
  problem_class: string | null;
  complexity_score: number | null;
  team_size: number | null;
  start_date: string | null;
  completion_date: string | null;
  success_score: number | null;
  model_performance: number | null;
  compute_cost: number | null;
  business_impact: number | null;
  metadata: Record<string, unknown>;
  created_at: string;
}

/** The project of an id or a name. */
export async function projectNamed(place: Place, who: string): Promise<Project> {
  if (isId(who)) return place.call<Project>('GET', `/projects/${who}`);
  const { items } = await place.call<{ items: Project[] }>('GET', `/projects?${new URLSearchParams({ name: who })}`);
  const [project] = items;
  if (!project) throw new Failure(`Project '${who}' not found; give its whole name, or its id.`);
  return project;
}

/** The id of a project, of which the id or the name is given. A key that only writes needs to read nothing for an id. */
export const projectIdOf = async (place: Place, who: string): Promise<string> =>
  isId(who) ? who : (await projectNamed(place, who)).project_id;
