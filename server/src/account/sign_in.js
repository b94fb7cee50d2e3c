// Signs somebody in: the session is in a cookie that no script can read, this one neither.
import { call, once, part, problemOf, show, view } from './parts.js';

/** What an authenticator answers, as JSON; undefined where its holder did not want to. */
async function useKey(options) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  } catch {
    return undefined;
  }
}

const noKey = 'The key was not used; try again.';

/** Where a provider sends back to: this page, and what it was opened for. */
async function showProviders(purpose, tenant) {
  const { ok, body } = await call('GET', 'providers');
  part('providers').replaceChildren();
  // A Maestro without other identity providers has no such list.
  for (const { name, label } of ok ? body.providers : []) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'second';
    button.textContent = `Sign in with ${label}`;
    button.addEventListener('click', () =>
      once('sign-in', async () => {
        const wish = { return_to: `${location.pathname}#${purpose}`, cookie: true, tenant };
        const begun = await call('POST', `providers/${encodeURIComponent(name)}/begin`, wish);
        if (!begun.ok) return problemOf(begun.body);
        location.assign(begun.body.authorization_url);
        return undefined;
      }),
    );
    part('providers').append(button);
  }
}

const labels = { totp: 'Code of your authenticator app', backup_code: 'One of your backup codes' };

/** Asks for a second factor after `lead`; `again` goes back to the beginning. */
function askForFactor({ challenge, methods, public_key: options }, lead, done, again) {
  let method;
  const use = (next) => {
    method = next;
    show('factor-code', method !== 'webauthn');
    show('use-totp', method !== 'totp' && methods.includes('totp'));
    show('use-backup', method !== 'backup_code' && methods.includes('backup_code'));
    show('use-key', methods.includes('webauthn'));
    part('factor-label').textContent = labels[method] ?? '';
    part('factor-input').value = '';
    part('factor-input').autocomplete = method === 'totp' ? 'one-time-code' : 'off';
    part('factor-input').inputMode = method === 'totp' ? 'numeric' : 'text';
    view('factor', 'Your second factor', `${lead} Now prove that you hold your second factor.`);
  };
  const answer = async (given) => {
    const { ok, body } = await call('POST', 'second-factor', { challenge, cookie: true, ...given });
    if (!ok) return problemOf(body);
    done();
    return undefined;
  };
  part('factor').onsubmit = (event) => {
    event.preventDefault();
    once('factor', () => answer({ method, code: part('factor-input').value.trim() }));
  };
  part('use-key').onclick = () =>
    once('factor', async () => {
      const credential = await useKey(options);
      return credential ? answer({ method: 'webauthn', credential }) : noKey;
    });
  part('use-totp').onclick = () => use('totp');
  part('use-backup').onclick = () => use('backup_code');
  part('start-again').onclick = again;
  use(methods.includes('totp') ? 'totp' : methods.includes('webauthn') ? 'webauthn' : 'backup_code');
}

/**
 * Fulfilled once somebody is signed in. `purpose` is the fragment that this page was opened with, and `tenant` the slug of
 * the tenant that it is for, where it names one.
 */
export function signIn(title, lead, purpose, tenant) {
  return new Promise((done) => {
    const begin = () => {
      view('sign-in', title, lead);
      part('sign-in').onsubmit = (event) => {
        event.preventDefault();
        once('sign-in', async () => {
          const [email, password] = [part('email').value.trim(), part('sign-in-password').value];
          const { ok, body } = await call('POST', 'login', { email, password, cookie: true, tenant });
          if (!ok) return problemOf(body);
          part('sign-in-password').value = '';
          if (body.second_factor) askForFactor(body.second_factor, 'Your password is right.', done, begin);
          else done();
          return undefined;
        });
      };
      part('passkey').onclick = () =>
        once('sign-in', async () => {
          const asked = await call('POST', 'passkey/options', {});
          if (!asked.ok) return problemOf(asked.body);
          const credential = await useKey(asked.body.public_key);
          if (!credential) return noKey;
          const answer = { challenge: asked.body.challenge, credential, cookie: true, tenant };
          const { ok, body } = await call('POST', 'passkey', answer);
          if (!ok) return problemOf(body);
          done();
          return undefined;
        });
    };
    begin();
    showProviders(purpose, tenant);
  });
}

/** Asks the browser that comes back from a provider for the second factor. False where no sign-in of it waits for one. */
export async function finishAtProvider(again) {
  const { ok, body } = await call('POST', 'providers/second-factor', {});
  if (ok) await new Promise((done) => askForFactor(body.second_factor, 'You are signed in there.', done, again));
  return ok;
}
