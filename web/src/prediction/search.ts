import * as z from 'zod/mini';
import { usePageSearch } from '../app/use_page_search.ts';

const asked = (most: number) => z.catch(z.optional(z.number().check(z.gte(1), z.lte(most))), undefined);

/** What the address says of how a project is thought otherwise: as what is predicted for it. */
export const whatIfSearch = {
  /** People in the team. */
  people: asked(10_000),
  complexity: asked(100),
};
const schema = z.object(whatIfSearch);
type WhatIfSearch = z.infer<typeof schema>;

export const useWhatIfSearch = () => usePageSearch<WhatIfSearch>();
