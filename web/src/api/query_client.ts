import { MaestroError } from '@maestro/sdk/problem';
import { QueryClient } from '@tanstack/react-query';

/** What passes by itself is asked again; a refusal is final. */
const isWorthRepeating = (failures: number, error: Error): boolean =>
  failures < 3 && (!(error instanceof MaestroError) || [429, 502, 503, 504].includes(error.status));

export const queryClient = new QueryClient({
  defaultOptions: {
    // A browser that believes itself offline may reach a Maestro on its own machine; where it does not, that is said.
    queries: { staleTime: 15_000, retry: isWorthRepeating, networkMode: 'always', refetchOnReconnect: true },
    // What was sent may hold a password or a key: it is not kept.
    mutations: { retry: false, gcTime: 0, networkMode: 'always' },
  },
});
