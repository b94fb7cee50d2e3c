import { isIP } from 'node:net';

/**
 * An address without the port that some proxies write behind it, and the brackets that IPv6 then has. What is no address
 * is as it was.
 */
export function addressIn(text: string): string {
  const [, inBrackets, beforePort] = /^(?:\[([^[\]]*)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  const found = inBrackets ?? beforePort ?? '';
  return isIP(found) === 0 ? text : found;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [a = 0, b = 0, c = 0, d = 0] = dotted ? dotted.slice(1).map(Number) : [];
  const text = dotted
    ? `${address.slice(0, dotted.index)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
    : address;
  const [head = '', tail] = text.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [before, after] = [read(head), read(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/**
 * The network that one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address, of which whoever has
 * one has 2^64. IPv4 addresses written as IPv6 (RFC 4291, 2.5.5.2) are IPv4. All that is no address, as a proxy may pass
 * it on, is one network: else whoever makes it up would have as many as there are texts.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1);
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : '';
  const groups = groupsOf(bare.toLowerCase());
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}
