/** What a fragment of `/account` says: what for, and what comes with it, in the characters of encodeURIComponent. */
export function readFragment(hash: string): readonly [purpose: string, given: string | undefined] {
  const [, purpose = '', given] = /^#([a-z-]+)(?:=([\w.~%*'()!-]{1,6000}))?$/.exec(hash) ?? [];
  return [purpose, given];
}

/** A path of ours in the form that addresses have: as the server takes it. */
export function returnPathOf(to: string, origin: string): string {
  const { pathname, search, hash } = new URL(to, origin);
  return `${pathname}${search}${hash}`.replaceAll('\\', '%5C');
}

/** A path of ours; the page itself for whatever else a fragment says: whoever made it sends nobody elsewhere. */
export function addressIn(given: string, origin: string): string {
  try {
    const path = decodeURIComponent(given);
    const target = new URL(path, origin);
    return target.origin === origin && path.startsWith('/') ? target.href : '/account';
  } catch {
    return '/account';
  }
}
