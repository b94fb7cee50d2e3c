/** Whether this page waits for somebody to sign in again, told to whoever subscribed. */
type Listener = () => void;

let waiting: { readonly done: Promise<void>; readonly end: () => void } | undefined;
const listeners = new Set<Listener>();

const tell = (): void => {
  for (const listener of listeners) listener();
};

/** Fulfilled once somebody has signed in again in front of the page; all that wait are answered by one sign-in. */
export function signedInAgain(): Promise<void> {
  if (waiting === undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting = { done: promise, end: resolve };
    tell();
  }
  return waiting.done;
}

/** Says that somebody has signed in. */
export function endWait(): void {
  waiting?.end();
  waiting = undefined;
  tell();
}

export const isSignInWaited = (): boolean => waiting !== undefined;

/** For useSyncExternalStore. */
export function subscribeToSignIn(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
