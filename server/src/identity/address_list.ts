import { BlockList, isIP } from 'node:net';

/** An address or a CIDR range, read. */
export interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** How many leading bits are the network's. */
  readonly bits: number;
}

/** IPv4 addresses written as IPv6 (RFC 4291, 2.5.5.2). */
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/**
 * Undefined where the text is neither an address nor a range such as 10.0.0.0/8 or 2001:db8::/32. IPv4 is not to be
 * written as IPv6.
 */
export function networkIn(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return undefined;
  if (family === 6 && mapped.check(address, 'ipv6')) return undefined;
  const bitsMax = family === 4 ? 32 : 128;
  if (prefix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  return bits > bitsMax ? undefined : { address, family: family === 4 ? 'ipv4' : 'ipv6', bits };
}

function blockListOf({ address, family, bits }: Network): BlockList {
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list;
}

/** The addresses from which something works. */
export class AddressList {
  /** As they were given. */
  readonly ranges: readonly string[];
  readonly #networks: readonly { readonly network: Network; readonly list: BlockList }[];

  /** `ranges` are ones that `networkIn` reads; another lets nobody in. */
  constructor(ranges: readonly string[]) {
    this.ranges = ranges;
    this.#networks = ranges.flatMap((range) => {
      const network = networkIn(range);
      return network ? [{ network, list: blockListOf(network) }] : [];
    });
  }

  /** Of an address as a socket gives it: an IPv4 address that came over IPv6 is the IPv4 address. */
  has(address: string): boolean {
    const [bare = ''] = address.split('%', 1);
    const version = isIP(bare);
    if (version === 0) return false;
    const written = version === 4 ? 'ipv4' : 'ipv6';
    const family = written === 'ipv6' && mapped.check(bare, 'ipv6') ? 'ipv4' : written;
    return this.#networks.some(({ network, list }) => network.family === family && list.check(bare, written));
  }

  /** Whether every address of the range is in one of this list's. */
  covers(range: string): boolean {
    const inner = networkIn(range);
    if (!inner) return false;
    return this.#networks.some(
      ({ network, list }) =>
        network.family === inner.family && network.bits <= inner.bits && list.check(inner.address, inner.family),
    );
  }
}
