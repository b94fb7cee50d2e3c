import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

type Change<Search> = (changed: { readonly [Name in keyof Search]?: Search[Name] | undefined }) => void;

/** What the address says of a part that several pages hold, and how it is changed. */
export function usePageSearch<Search>(): [Search, Change<Search>] {
  const search = useSearch({ strict: false }) as unknown as Search;
  const navigate = useNavigate();
  const change = useCallback<Change<Search>>(
    (changed) =>
      void navigate({
        to: '.',
        search: ((before: object) => ({ ...before, ...changed })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return [search, change];
}
