import type { TenantTx } from '../db/tenancy.ts';
import { indexText } from '../search_terms/search_terms.ts';
import type { ArtifactFields } from './queries.ts';

/** Exact values that a search may ask for. */
export const facets = {
  type: (type: string): string => `type:${type}`,
  tag: (tag: string): string => `tag:${tag}`,
};

/** Makes an artifact found by what it is now. Whoever calls has locked it, or made it. */
export function indexArtifact(tx: TenantTx, id: string, artifact: ArtifactFields): Promise<void> {
  const { name, type, description, tags } = artifact;
  return indexText(
    tx,
    { kind: 'artifact', id },
    {
      name,
      tags: [...tags, type],
      description,
      facets: [facets.type(type), ...tags.map(facets.tag)],
    },
  );
}
