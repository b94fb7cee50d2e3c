import { MaestroError } from '@maestro/sdk/problem';
import { QueryClient } from '@tanstack/react-query';
import { NoAnswer } from './no_answer.ts';

/** Whether something passes by itself. A refusal is final, and so is what this page found. */
const passes = (error: Error): boolean =>
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
