import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { ChartsSearch } from './search.ts';

/** What the address says of charts, and how it is changed: the same on every page that shows some. */
export function useChartsSearch(): [ChartsSearch, (change: Partial<Record<keyof ChartsSearch, unknown>>) => void] {
  const search = useSearch({ strict: false }) as ChartsSearch;
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Partial<Record<keyof ChartsSearch, unknown>>) =>
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
