interface OptionsOfKey {
  readonly [name: string]: unknown;
}

type CredentialJson = ReturnType<PublicKeyCredential['toJSON']>;

/** What an authenticator answers to options of the API, as JSON; undefined where its holder did not want to. */
export async function askKey(options: OptionsOfKey): Promise<CredentialJson | undefined> {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
      options as unknown as PublicKeyCredentialRequestOptionsJSON,
    );
    const credential = await navigator.credentials.get({ publicKey });
    return (credential as PublicKeyCredential).toJSON();
  } catch {
    return undefined;
  }
}

/** A new key of an authenticator; undefined where its holder did not want to, or has one here already. */
export async function makeKey(options: OptionsOfKey): Promise<CredentialJson | undefined> {
  try {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as unknown as PublicKeyCredentialCreationOptionsJSON,
    );
    const credential = await navigator.credentials.create({ publicKey });
    return (credential as PublicKeyCredential).toJSON();
  } catch {
    return undefined;
  }
}
