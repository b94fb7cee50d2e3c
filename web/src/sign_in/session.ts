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

/** Whose page this is, by id: outside of the cache, which forgets it when the session ends. */
let person: string | undefined;

/** Gives the page to a person, unless it is somebody's: whose it is. */
export function pageOf(id: string): string {
  person ??= id;
  return person;
}

/**
 * What a call that changes something says of whose page it comes from: in the moment before this tab hears that somebody
 * else has signed in in another one, the cookie is theirs already, and the server refuses it.
 */
export const ownHeaders = (): Readonly<Record<string, string>> =>
  person === undefined ? {} : { 'x-maestro-user': person };
