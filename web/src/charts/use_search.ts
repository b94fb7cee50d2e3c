import { usePageSearch } from '../app/use_page_search.ts';
import type { ChartsSearch } from './search.ts';

/** What the address says of charts: the same on every page that shows some. */
export const useChartsSearch = () => usePageSearch<ChartsSearch>();
