// Accepts an invitation, sets a new password or verifies an address, by the token of a mail's link. Whoever is signed in
// here is another matter: nothing of it is sent along.
import { call, part, problemOf, say, show, view } from './parts.js';

const post = (path, body) => call('POST', path, body, 'omit');
const done = (title, lead) => view(undefined, title, lead);

const words = ['guessed at once', 'weak', 'fair', 'good', 'strong'];

/** Asks for the strength of what was typed, a moment after the last key, and shows the answer to the newest question. */
function meterFor(context) {
  let asked = 0;
  let timer;
  return () => {
    clearTimeout(timer);
    const password = part('password').value;
    const question = ++asked;
    part('advice').textContent = '';
    part('strength').value = 0;
    if (password === '') return;
    timer = setTimeout(async () => {
      const { ok, body } = await post('password-strength', { password, ...context });
      if (question !== asked) return;
      if (!ok) {
        part('advice').textContent = problemOf(body);
        return;
      }
      part('strength').value = body.score ?? 0;
      const [first] = body.problems;
      const strength = body.score === null ? '' : `Strength: ${words[body.score]}.`;
      part('advice').textContent = first ? `This password ${first.message}.` : strength;
    }, 250);
  };
}

function askForPassword({ isNew, context }) {
  const field = part('password');
  show('password-part');
  field.autocomplete = isNew ? 'new-password' : 'current-password';
  part('password-label').textContent = isNew ? 'New password' : 'Your password';
  show('strength', isNew);
  if (isNew) field.addEventListener('input', meterFor(context));
  part('show').addEventListener('change', ({ target }) => {
    field.type = target.checked ? 'text' : 'password';
  });
}

/** Shows the form; `send` gives the answer, and `then` what to say after a success. */
function ask(button, send, then) {
  part('submit').textContent = button;
  show('form');
  part('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    part('problem').textContent = '';
    part('submit').disabled = true;
    const { ok, body } = await send();
    part('submit').disabled = false;
    if (ok) {
      part('password').value = '';
      done(...then(body));
    } else part('problem').textContent = problemOf(body);
  });
  (part('form').querySelector('div:not([hidden]) input') ?? part('submit')).focus();
}

export const links = {
  async invitation(token) {
    const { ok, body } = await post('read-invitation', { token });
    if (!ok) return done('This invitation does not hold', problemOf(body));
    const { email, tenant, has_account: hasAccount } = body;
    const where = tenant === null ? 'Maestro' : `${tenant} on Maestro`;
    say(
      `Join ${where}`,
      hasAccount
        ? `There is an account of ${email}. Give its password to join.`
        : `You are invited as ${email}. Choose a password.`,
    );
    show('name-part', !hasAccount);
    askForPassword({ isNew: !hasAccount, context: { email, ...(tenant === null ? {} : { tenant }) } });
    ask(
      hasAccount ? 'Join' : 'Make the account',
      () => {
        const name = part('name').value.trim();
        const password = part('password').value;
        return post('accept-invitation', { token, password, ...(hasAccount || name === '' ? {} : { name }) });
      },
      () => ['Welcome', `You have joined ${where} as ${email}. Sign in with this address and your password.`],
    );
  },
  reset(token) {
    say('Set a new password', 'All your sessions will be signed out.');
    askForPassword({ isNew: true, context: {} });
    ask(
      'Set the password',
      () => post('reset-password', { token, password: part('password').value }),
      () => ['Your password is set', 'Sign in with it.'],
    );
  },
  verification(token) {
    say('Confirm your address', 'Confirm that this is the address of your Maestro account.');
    ask(
      'Confirm',
      () => post('verify-email', { token }),
      ({ email }) => ['Your address is confirmed', `Maestro writes to ${email}.`],
    );
  },
};
