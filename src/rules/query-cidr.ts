/** IP addresses and CIDR blocks, IPv4 and IPv6, for the search function `CIDR(@field,block,…)`. */

/** 4 or 16 bytes. */
export type Address = readonly number[];

export interface CidrBlock {
  readonly address: Address;
  /** In bits. */
  readonly prefix: number;
}

const MAPPED_PREFIX_BITS = 96;

/** Undefined if the text is not an address. An IPv4 address mapped into IPv6 (::ffff:10.0.0.1) comes out as IPv4. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? unmapped(parseV6(text)) : parseV4(text);
}

export function parseCidrBlock(text: string): CidrBlock | undefined {
  const slash = text.indexOf('/');
  const written = text.slice(0, slash);
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const prefix = Number(text.slice(slash + 1));
  const raw = written.includes(':') ? parseV6(written) : parseV4(written);
  if (!raw || prefix > raw.length * 8) return undefined;
  const address = unmapped(raw) ?? raw;
  if (address.length === raw.length) return { address, prefix };
  // A mapped block wider than the mapping itself is an IPv6 block; it stays one.
  return prefix >= MAPPED_PREFIX_BITS ? { address, prefix: prefix - MAPPED_PREFIX_BITS } : { address: raw, prefix };
}

export function contains(block: CidrBlock, address: Address): boolean {
  if (block.address.length !== address.length) return false;
  const whole = block.prefix >> 3;
  for (let i = 0; i < whole; i++) if (block.address[i] !== address[i]) return false;
  const rest = 8 - (block.prefix & 7);
  return rest === 8 || (block.address[whole] ?? 0) >> rest === (address[whole] ?? 0) >> rest;
}

function parseV4(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const bytes = match?.slice(1).map(Number);
  return bytes?.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  if (!head || halves.length === 1) return head?.length === 16 ? head : undefined;
  const tail = parseGroups(halves[1] ?? '', true);
  // "::" stands for at least one group of zeros.
  if (!tail || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInV4: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (group.includes('.')) {
      const v4 = mayEndInV4 && index === groups.length - 1 ? parseV4(group) : undefined;
      if (!v4) return undefined;
      bytes.push(...v4);
    } else {
      if (!/^[\da-fA-F]{1,4}$/.test(group)) return undefined;
      const number = Number.parseInt(group, 16);
      bytes.push(number >> 8, number & 255);
    }
    if (bytes.length > 16) return undefined;
  }
  return bytes;
}

function unmapped(address: Address | undefined): Address | undefined {
  if (address?.length !== 16) return address;
  const mapped = address.slice(0, 10).every((byte) => byte === 0) && address[10] === 255 && address[11] === 255;
  return mapped ? address.slice(12) : address;
}
