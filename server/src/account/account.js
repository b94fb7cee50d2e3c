// Reads what the page was opened for from the fragment: the token of a mail's link, the code of a program that asks to be
// signed in, or a sign-in. It is kept in this page's memory alone: it leaves the address bar, and with it the history,
// before anything else is done.
import { device } from './device.js';
import { links } from './links.js';
import { call, once, part, problemOf, view } from './parts.js';
import { signIn } from './sign_in.js';

const [, purpose, given] = /^#([a-z-]+)(?:=([\w-]{1,200}))?$/.exec(location.hash) ?? [];
history.replaceState(null, '', location.pathname);
// Another link that is opened in this tab changes the fragment alone.
addEventListener('hashchange', () => location.reload());

async function ownAccount(lead) {
  let { ok, status, body } = await call('GET', 'me');
  while (!ok && status === 401) {
    await signIn('Sign in', lead, 'sign-in');
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

const pages = {
  ...links,
  device,
  'sign-in': () => ownAccount('With the e-mail address of your Maestro account.'),
  'sign-in-failed': () => ownAccount('Signing in there failed. Try again, or another way.'),
};

if (purpose === undefined || !Object.hasOwn(pages, purpose) || (Object.hasOwn(links, purpose) && given === undefined)) {
  view('to-sign-in', 'Your account', 'Open this page by the link of a mail.');
} else await pages[purpose](given);
