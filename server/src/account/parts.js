// What the views of the page share.

export const part = (id) => document.getElementById(id);
export const show = (id, visible = true) => {
  part(id).hidden = !visible;
};
export const say = (title, lead) => {
  part('title').textContent = title;
  part('lead').textContent = lead;
};

const views = ['form', 'sign-in', 'factor', 'code-form', 'approval', 'signed-in', 'to-sign-in'];

/** Shows one view, or none, under a title; whoever reads by ear or by keyboard goes on where it begins. */
export function view(id, title, lead) {
  for (const each of views) show(each, each === id);
  say(title, lead);
  const fields = id === undefined ? [] : part(id).querySelectorAll('input, button');
  // The first that is shown.
  const first = [...fields].find((field) => field.offsetParent !== null);
  (first ?? part('title')).focus();
}

/** An answer of the API: its status, 0 where nothing answers, and its body. */
export async function call(method, path, body, credentials = 'same-origin') {
  try {
    const answer = await fetch(`api/v1/auth/${path}`, {
      method,
      credentials,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { ok: answer.ok, status: answer.status, body: answer.status === 204 ? {} : await answer.json() };
  } catch {
    return { ok: false, status: 0, body: { detail: 'Maestro does not answer; try again.' } };
  }
}

export const problemOf = ({ detail = 'Something went wrong.' }) =>
  detail
    .replace(/^(?:token|name|user_code|email|code): (.)/, (_, first) => first.toUpperCase())
    .replace(/^password: /, 'The password ');

/** Does what a button or a form asks for, once at a time, and says what went wrong below it. */
export async function once(owner, work) {
  const buttons = [...part(owner).querySelectorAll('button')].filter((button) => !button.disabled);
  const problem = part(owner).querySelector('.problem');
  problem.textContent = '';
  for (const button of buttons) button.disabled = true;
  try {
    problem.textContent = (await work()) ?? '';
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
