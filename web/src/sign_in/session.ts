/** What a page waits for: a session that ended is to be opened anew, or who it is to be proved once more. */
export type Wanted = 'sign-in' | 'proof';

type Listener = () => void;

let waiting:
  | { readonly wanted: Wanted; readonly done: Promise<boolean>; readonly end: (isDone: boolean) => void }
  | undefined;
const listeners = new Set<Listener>();

const tell = (): void => {
  for (const listener of listeners) listener();
};

/**
 * Fulfilled once somebody has signed in, or proved who they are, in front of the page: with false where they did not want
 * to. All that wait are answered by one sign-in.
 */
export function signedInAgain(wanted: Wanted): Promise<boolean> {
  if (waiting === undefined) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    waiting = { wanted, done: promise, end: resolve };
    tell();
  }
  return waiting.done;
}

/** Says that somebody has signed in, or does not want to. */
export function endWait(isDone: boolean): void {
  waiting?.end(isDone);
  waiting = undefined;
  tell();
}

export const wantedNow = (): Wanted | undefined => waiting?.wanted;

/** For useSyncExternalStore. */
export function subscribeToSignIn(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What tabs of this browser tell one another of its session. */
export type News = 'signed-in' | 'signed-out';

let tabs: BroadcastChannel | undefined;

/** One for this page: what it tells, it does not hear itself. */
function otherTabs(): BroadcastChannel {
  tabs ??= new BroadcastChannel('maestro-session');
  return tabs;
}

export const tellOtherTabs = (news: News): void => otherTabs().postMessage(news);

/** Calls `listener` with what another tab tells; gives what ends it. */
export function onNews(listener: (news: News) => void): () => void {
  const hear = ({ data }: MessageEvent<News>) => listener(data);
  otherTabs().addEventListener('message', hear);
  return () => otherTabs().removeEventListener('message', hear);
}
