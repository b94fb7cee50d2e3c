import type { Impact } from '@maestro/insight/impact';
import { Failure } from './failure.ts';
import { isId } from './people.ts';
import type { Place } from './place.ts';

export interface Artifact {
  artifact_id: string;
  name: string;
  type: string;
  description: string;
  tags: string[];
  is_active: boolean;
  deprecation_reason: string | null;
  latest_version: string | null;
  uses: number;
  /** Null: no finished project has used it. */
  impact: Impact | null;
  created_at: string;
}

/** An artifact by its id or its whole name. */
export async function artifactNamed(place: Place, who: string): Promise<Artifact> {
  if (isId(who)) return place.call('GET', `/artifacts/${who}`);
  const query = new URLSearchParams({ name: who });
  const [found] = (await place.call<{ items: Artifact[] }>('GET', `/artifacts?${query}`)).items;
  if (!found) throw new Failure(`Artifact '${who}' not found; maestro artifact search finds by words.`);
  return found;
}
