import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';

/** A literal of the filter language: quotes are doubled. */
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Experiments whose name holds `part`, the last changed ones first, page by page. */
export function useExperiments(part: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['t', useTenant(), 'experiments', part],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await api.GET('/experiments', {
        signal,
        params: {
          query: {
            limit: 100,
            order_by: ['last_update_time DESC'],
            ...(part === '' ? {} : { filter: `attribute.name ILIKE ${quoted(`%${part}%`)}` }),
            ...(pageParam === '' ? {} : { page_token: pageParam }),
          },
        },
      });
      return data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
  });
}
