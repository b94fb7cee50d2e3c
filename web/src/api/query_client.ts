import { MaestroError } from '@maestro/sdk/problem';
import { QueryClient, type QueryKey } from '@tanstack/react-query';
import { NoAnswer } from './no_answer.ts';

/** Whether something passes by itself. A refusal is final, and so is what this page found. */
export const passes = (error: Error): boolean =>
  error instanceof MaestroError ? [429, 502, 503, 504].includes(error.status) : error instanceof NoAnswer;

const isWorthRepeating = (failures: number, error: Error): boolean => failures < 3 && passes(error);

export const queryClient = new QueryClient({
  defaultOptions: {
    // A browser that believes itself offline may reach a Maestro on its own machine; where it does not, that is said.
    queries: { staleTime: 15_000, retry: isWorthRepeating, networkMode: 'always', refetchOnReconnect: true },
    // What was sent may hold a password or a key: it is not kept.
    mutations: { retry: false, gcTime: 0, networkMode: 'always' },
  },
});

/**
 * Asks anew for all whose keys begin with one of `changed`, and for what is being asked for the first time, too: that answer
 * may be of before the change, and an invalidation alone would wait for it.
 */
export const askAnew = (...changed: readonly QueryKey[]): Promise<unknown> =>
  Promise.all(
    changed.map((queryKey) => {
      // Silent: who waits for the first answer is given the second one.
      void queryClient.cancelQueries({ queryKey, type: 'active' }, { silent: true });
      return queryClient.invalidateQueries({ queryKey });
    }),
  );
