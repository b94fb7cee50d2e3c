import {
  type RegisteredRouter,
  type RouteApi,
  type RouteById,
  type RouteIds,
  useRouter,
  useSearch,
} from '@tanstack/react-router';
import { useCallback } from 'react';
import { tellFailure } from './changes.tsx';
import { text } from './text.ts';

type Members<Search> = { readonly [Name in keyof Search]?: Search[Name] | undefined };

/**
 * What changes of a search. What follows from the search itself is a function of it: what the page shows may be older, where
 * changes come quickly one after the other.
 */
type Changed<Search> = Members<Search> | ((before: Search) => Members<Search>);

/** Characters that an address says of its page with at most: servers and proxies refuse long ones from 8,000 on. */
const longest = 7_000;

/**
 * Changes what the address says of the page that is open; where it does not hold that, it is told and not done. Fulfilled
 * once the page shows what became of it. `shortened` is a member that counts for nothing there, as the page itself makes it
 * short.
 */
function useSearchChange<Search>(shortened?: keyof Search & string) {
  const router = useRouter();
  return useCallback(
    async (changed: Changed<Search>, replace = false): Promise<void> => {
      // Of a page that is being left: that is none of the next one's.
      const { resolvedLocation: shown = router.latestLocation } = router.state;
      if (shown.pathname !== router.latestLocation.pathname) return;
      const changedOf = typeof changed === 'function' ? changed : () => changed;
      const searchOf = (more: object) => ((before: Search) => ({ ...before, ...changedOf(before), ...more })) as never;
      const next = { to: '.', search: searchOf({}), replace, resetScroll: false } as const;
      const counted = shortened === undefined ? next : { ...next, search: searchOf({ [shortened]: undefined }) };
      const { length } = router.buildLocation(counted).searchStr;
      // One that came too long can still be made shorter.
      const isTooLong = length > longest && length > router.latestLocation.searchStr.length;
      if (isTooLong) tellFailure(new Error(text.addressIsFull));
      else await router.navigate(next);
    },
    [router, shortened],
  );
}

/** What the address says of the page of a route, and how it is changed; see useSearchChange. */
export function useRouteSearch<Id extends PageId>(route: RouteApi<Id>, shortened?: keyof SearchOf<Id> & string) {
  return [route.useSearch() as SearchOf<Id>, useSearchChange<SearchOf<Id>>(shortened)] as const;
}

type PageId = RouteIds<RegisteredRouter['routeTree']>;
type SearchOf<Id extends PageId> = RouteById<RegisteredRouter['routeTree'], Id>['types']['fullSearchSchema'];

/** What the address says of a part that several pages hold, and how it is changed. */
export function usePageSearch<Search>(): [Search, (changed: Changed<Search>, replace?: boolean) => Promise<void>] {
  const search = useSearch({ strict: false }) as unknown as Search;
  const set = useSearchChange<Search>();
  return [search, useCallback((changed, replace = true) => set(changed, replace), [set])];
}
