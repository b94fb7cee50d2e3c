import * as z from 'zod/mini';
import { usePageSearch } from '../app/use_page_search.ts';

/** The spans, in days, that a project's process is looked at over; the second one where none is chosen. */
export const spans = [30, 90, 365, 1095] as const;
export const buckets = ['day', 'week', 'month'] as const;

/** What the address says of how a project is worked on. */
export const processSearch = {
  days: z.optional(z.catch(z.literal(spans), 90)),
  /** The measure whose course is drawn. */
  measure: z.optional(z.catch(z.string(), '')),
  bucket: z.optional(z.catch(z.enum(buckets), 'week')),
};
const schema = z.object(processSearch);
type ProcessSearch = z.infer<typeof schema>;

export const useProcessSearch = () => usePageSearch<ProcessSearch>();
