/**
 * What a person is called in texts that clients log (`mlflow.user`), the e-mail address first: as it is spelled, and in
 * lower case. A name counts where it has a space in it: `admin` is what many machines call whoever works on them.
 */
export function namesOf({ email, name }: { email: string; name: string }): string[] {
  const called = /\S\s+\S/.test(name) ? [email, name] : [email];
  return [...new Set([...called.map((text) => text.toLowerCase()), ...called])];
}
