import { type QueryKey, useMutation } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { tellFailure } from '../app/changes.tsx';
import { type Api, apiOf } from './api.ts';
import { askAnew } from './query_client.ts';

/** The slug of the tenant that the address names; '' outside of tenants. */
export const useTenant = (): string => (useParams({ strict: false }) as { tenant?: string }).tenant ?? '';

/** The API in the tenant that the address names. */
export const useApi = (): Api => apiOf(useTenant());

/** Changes something by the API, and asks anew for all whose keys begin with `changed`. Whoever shows the form says what failed. */
export function useChange<Given, Answer>(act: (given: Given) => Promise<Answer>, changed: QueryKey) {
  return useMutation<Answer, Error, Given>({
    mutationFn: act,
    // Not waited for: what is told of it afterwards is told by a row that may be gone by then.
    onSettled: () => void askAnew(changed),
  });
}

/** The same for a press of a button that stands in no form: what failed is told in a notice. */
export function useAction<Given, Answer>(
  act: (given: Given) => Promise<Answer>,
  changed: QueryKey,
  /** That it is pending until what it changed is there, too: for what shows meanwhile what was chosen. */
  { isShown = false } = {},
) {
  return useMutation<Answer, Error, Given>({
    mutationFn: act,
    onError: tellFailure,
    onSettled: () => {
      const asked = askAnew(changed);
      // Else not waited for: what is told of it afterwards is told by a row that may be gone by then.
      return isShown ? asked : undefined;
    },
  });
}
