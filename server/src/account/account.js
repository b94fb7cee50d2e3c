// Reads what the page was opened for from the fragment: the token of a mail's link, the code of a program that asks to be
// signed in, or a sign-in. It is kept in this page's memory alone: it leaves the address bar, and with it the history,
// before anything else is done.
import { device } from './device.js';
import { links } from './links.js';
import { call, once, part, problemOf, view } from './parts.js';
import { finishAtProvider, signIn } from './sign_in.js';

const [, purpose, given] = /^#([a-z-]+)(?:=([\w.~%-]{1,3000}))?$/.exec(location.hash) ?? [];
history.replaceState(null, '', location.pathname);
// Another link that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => location.reload());

/** `tenant` is the slug of the one to work in; the one joined first without it. */
async function ownAccount(lead, tenant) {
  let { ok, status, body } = await call('GET', 'me');
  while (!ok && status === 401) {
    await signIn('Sign in', lead, tenant === undefined ? 'sign-in' : `sign-in=${tenant}`, tenant);
    ({ ok, status, body } = await call('GET', 'me'));
  }
  if (!ok) return view(undefined, 'Your account', problemOf(body));
  view('signed-in', 'You are signed in', `As ${body.name}, in this browser.`);
  part('sign-out').onclick = () =>
    once('signed-in', async () => {
      const ended = await call('POST', 'logout', {});
      if (!ended.ok && ended.status !== 401) return problemOf(ended.body);
      view('to-sign-in', 'You are signed out', 'Nobody is signed in in this browser.');
      return undefined;
    });
}

/** What went wrong at a provider, by its code; what else did is for an administrator to look up. */
const failures = {
  'account-exists': 'There is an account of your address already. Sign in to it; then the provider can be added to it.',
  'account-inactive': 'Your account is closed; ask an administrator.',
  cancelled: 'The sign-in there was cancelled.',
  'domain-not-allowed': 'The tenant takes no addresses of your domain.',
  'email-not-verified': 'The provider does not vouch for your address; verify it there first.',
  expired: 'That took too long, or began in another browser.',
  'identity-in-use': 'Somebody else has added this account of the provider.',
  'not-a-member': 'You are no member of the tenant.',
  'not-invited': 'Nobody has invited your address.',
  'provider-unavailable': 'The provider does not answer.',
  changed: 'Your account was changed meanwhile.',
  'tenant-full': 'The tenant has all the users it may have; ask an administrator.',
  'tenant-required': 'Several tenants would take you; ask an administrator for the address that names one.',
};

const failed = (code) =>
  ownAccount(
    `${Object.hasOwn(failures, code) ? failures[code] : 'Signing in there failed.'} Try again, or another way.`,
  );

/** Goes to a path of ours; whoever made the fragment sends nobody elsewhere. */
function goTo(path) {
  const target = new URL(path, location.origin);
  location.assign(target.origin === location.origin && path.startsWith('/') ? target : location.pathname);
}

/** The part of `text` that a fragment holds; undefined where it is none. */
function decoded(text = '') {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const pages = {
  ...links,
  device,
  'sign-in': (tenant) => ownAccount('With the e-mail address of your Maestro account.', tenant),
  'sign-in-failed': failed,
  async 'second-factor'(returnTo) {
    if (await finishAtProvider(() => failed('expired'))) goTo(decoded(returnTo) ?? location.pathname);
    else await failed('expired');
  },
};

if (purpose === undefined || !Object.hasOwn(pages, purpose) || (Object.hasOwn(links, purpose) && given === undefined)) {
  view('to-sign-in', 'Your account', 'Open this page by the link of a mail.');
} else await pages[purpose](given);
