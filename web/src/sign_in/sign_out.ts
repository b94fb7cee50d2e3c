import { apiOf } from '../api/api.ts';
import { queryClient } from '../api/query_client.ts';
import { isRefused } from '../api/said.ts';
import { tellOtherTabs } from './session.ts';

/** Ends the session of this browser, in all its tabs, and forgets what it showed. */
export async function signOut(): Promise<void> {
  await apiOf('')
    .POST('/auth/logout')
    .catch((refusal) => {
      // It had ended by itself.
      if (!isRefused(refusal, 'unauthenticated')) throw refusal;
    });
  queryClient.clear();
  tellOtherTabs('signed-out');
}
