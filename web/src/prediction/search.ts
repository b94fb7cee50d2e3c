import * as z from 'zod/mini';
import { usePageSearch } from '../app/use_page_search.ts';

/** As much of each as a project may have. */
export const most = { people: 100_000, complexity: 100 } as const;

const asked = (highest: number) => z.catch(z.optional(z.int().check(z.gte(1), z.lte(highest))), undefined);

/** What the address says of how a project is thought otherwise: as what is predicted for it. */
export const whatIfSearch = {
  /** People in the team. */
  people: asked(most.people),
  complexity: asked(most.complexity),
  /** Numbers of the metadata, by key. */
  set: z.catch(z.optional(z.record(z.string(), z.number())), undefined),
};
const schema = z.object(whatIfSearch);
type WhatIfSearch = z.infer<typeof schema>;

/** The project as it is. */
export const asItIs = { people: undefined, complexity: undefined, set: undefined } satisfies WhatIfSearch;

export const useWhatIfSearch = () => usePageSearch<WhatIfSearch>();
