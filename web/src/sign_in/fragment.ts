import { readFragment } from './return_path.ts';

// What `/account` was opened for stands in the fragment: the token of a mail's link, the code of a program that asks to be
// signed in, or a sign-in. It is kept in this page's memory alone: it leaves the address bar, and with it the history,
// before anything else is done. So this module comes first (main.tsx).

const isAccount = (): boolean => /^\/account\/?$/.test(location.pathname);

const [purpose, given] = isAccount() ? readFragment(location.hash) : ['', undefined];
if (isAccount()) history.replaceState(null, '', location.pathname);

// Another link that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => {
  if (isAccount() && location.hash !== '') location.reload();
});

/** What this page was opened for, and what came with it: a token, a code, a name. */
export const opened: { readonly purpose: string; readonly given: string | undefined } = { purpose, given };
