/**
 * What a person is called in texts that clients log (`mlflow.user`): the e-mail address, as it is spelled, and in lower
 * case. A name proves nothing: people give themselves the names they like, and may share them.
 */
export function namesOf({ email }: { email: string }): string[] {
  return [...new Set([email.toLowerCase(), email])];
}
