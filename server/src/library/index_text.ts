import type { TenantTx } from '../db/tenancy.ts';
import { indexText } from '../search_terms/search_terms.ts';
import type { ArtifactFields } from './queries.ts';

/** Exact values that a search may ask for. */
export const facets = {
  type: (type: string): string => `type:${type}`,
  tag: (tag: string): string => `tag:${tag}`,
};

/** As what it is found: apart where it is deprecated, so that it takes no place among the best of those that are active. */
export const kindOf = ({ is_active: isActive }: { is_active: boolean }) =>
  isActive ? ('artifact' as const) : ('deprecated_artifact' as const);

/** Makes an artifact found by what it is now. Whoever calls has locked it, or made it. */
export function indexArtifact(
  tx: TenantTx,
  id: string,
  artifact: ArtifactFields & { is_active: boolean },
): Promise<void> {
  const { name, type, description, tags } = artifact;
  return indexText(
    tx,
    { kind: kindOf(artifact), id },
    {
      name,
      tags: [...tags, type],
      description,
      facets: [facets.type(type), ...tags.map(facets.tag)],
    },
  );
}
