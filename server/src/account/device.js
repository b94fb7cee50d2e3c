// Approves the sign-in of a program that has no browser, or denies it.
import { call, once, part, problemOf, view } from './parts.js';
import { signIn } from './sign_in.js';

const askCode = (problem) =>
  new Promise((done) => {
    view('code-form', 'Approve a sign-in', 'Type the code that your terminal shows.');
    part('code-problem').textContent = problem;
    part('code-form').onsubmit = (event) => {
      event.preventDefault();
      done(part('user-code').value.trim());
    };
  });

const time = (text) => new Date(text).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
const plain = (code) => code.toUpperCase().replace(/[\s-]/g, '');

function decide(code, { client_name: name, tenant, address, created_at: asked }) {
  const shown = plain(code);
  part('shown-code').textContent = `${shown.slice(0, 4)}-${shown.slice(4)}`;
  part('shown-name').textContent = name;
  part('shown-address').textContent = address;
  part('shown-time').textContent = time(asked);
  part('shown-tenant').textContent = tenant ?? 'the first you joined';
  view('approval', 'Approve this sign-in?', 'A program asks to act as you.');
  // Nothing is approved by a key that is pressed on.
  part('title').focus();
  return new Promise((ended) => {
    const answer = (approve) =>
      once('approval', async () => {
        const { ok, body } = await call('POST', 'device/approval', { user_code: code, approve });
        if (!ok) return problemOf(body);
        if (approve) view(undefined, 'Approved', `${name} is signed in as you. You may close this page.`);
        else view(undefined, 'Denied', 'Nobody was signed in. You may close this page.');
        ended();
        return undefined;
      });
    part('approve').onclick = () => answer(true);
    part('deny').onclick = () => answer(false);
  });
}

/** `given` is the code of the link, where it holds one. */
export async function device(given) {
  let code = given ?? (await askCode(''));
  for (;;) {
    const purpose = `device=${plain(code)}`;
    const { ok, status, body } = await call('POST', 'device/read', { user_code: code });
    if (ok && body.is_fresh) return decide(code, body);
    if (ok) await signIn('Sign in again', 'To approve a sign-in, show once more who you are.', purpose);
    else if (status === 401) await signIn('Sign in', 'Then you see what is to be approved.', purpose);
    else code = await askCode(problemOf(body));
  }
}
