import * as z from 'zod/mini';
import { usePageSearch } from '../app/use_page_search.ts';

/** What the address says of how a file is looked at, beside which one it is. */
export const fileSearch = {
  /** Its text in place of its view; a picture at its own size in place of one that fits. */
  mode: z.optional(z.catch(z.enum(['view', 'text', 'full']), 'view')),
  /** Of a long text, its end. */
  end: z.optional(z.catch(z.boolean(), false)),
};
const schema = z.object(fileSearch);
type FileSearch = z.infer<typeof schema>;

/** Of another file. */
export const anew = { mode: undefined, end: undefined } as const;

export const useFileSearch = () => usePageSearch<FileSearch>();
