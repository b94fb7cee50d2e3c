import { type Me, meQuery } from '../api/me.ts';
import { askAnew, queryClient } from '../api/query_client.ts';
import { onNews, pageOf } from './session.ts';

function beginAnew(): void {
  queryClient.clear();
  location.reload();
}

/** Whether the page is that person's. It begins anew where it is another's, and nothing it waited to send is sent. */
export function isSamePerson({ id }: Me): boolean {
  const isSame = pageOf(id) === id;
  if (!isSame) beginAnew();
  return isSame;
}

/** Keeps the page to the person it was opened by, whatever other tabs do; gives what ends it. */
export function keepToPerson(): () => void {
  const look = () => {
    const me = queryClient.getQueryData(meQuery.queryKey);
    if (me) isSamePerson(me);
  };
  look();
  const forgetCache = queryClient.getQueryCache().subscribe(({ type, query }) => {
    if (type === 'updated' && query.queryKey[0] === meQuery.queryKey[0]) look();
  });
  const forgetTabs = onNews((news) => {
    if (news === 'signed-out') beginAnew();
    else void askAnew(meQuery.queryKey);
  });
  return () => {
    forgetCache();
    forgetTabs();
  };
}
