import type { TenantTx } from '../db/tenancy.ts';
import { indexText } from '../search_terms/search_terms.ts';
import type { ArtifactFields } from './queries.ts';

/** Exact values that a search may ask for. */
export const facets = {
  active: 'active',
  type: (type: string): string => `type:${type}`,
  tag: (tag: string): string => `tag:${tag}`,
};

/** Makes an artifact found by what it is now. Whoever calls has locked it, or made it. */
export function indexArtifact(tx: TenantTx, id: string, artifact: ArtifactFields, isActive: boolean): Promise<void> {
  const { name, type, description, tags } = artifact;
  return indexText(
    tx,
    { kind: 'artifact', id },
    {
      name,
      tags: [...tags, type],
      description,
      facets: [...new Set([facets.type(type), ...tags.map(facets.tag), ...(isActive ? [facets.active] : [])])],
    },
  );
}
