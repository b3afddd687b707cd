/** Turns valid requests into slightly or badly wrong ones, the same ones for the same seed. */

export type Random = () => number;

/** mulberry32, https://github.com/cprosche/mulberry32 (public domain). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

const ODD: unknown[] = [
  null,
  true,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e',
  '`',
  '<!channel>',
  '<@U0OLIVIA01>',
  '__proto__',
  'constructor',
  '{}',
  "'; drop table inbox; --",
  'x'.repeat(5_000),
  [],
  [null],
  {},
  { __proto__: null, toString: 1 },
  { id: {} },
  { type: 'button' },
];
const KEYS = ['__proto__', 'constructor', 'event', 'command', 'name', 'actions', 'view', 'user', 'type', 'a\0b', ''];

/** One to three changes anywhere in a JSON value. */
export function mutate(random: Random, value: unknown): unknown {
  let mutated = structuredClone(value);
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) mutated = change(random, mutated, 0);
  return mutated;
}

function change(random: Random, value: unknown, depth: number): unknown {
  const inside = typeof value === 'object' && value !== null && random() > 0.15;
  if (!inside) return depth === 0 && random() > 0.1 ? value : odd(random);
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.1) return random() < 0.5 ? [] : [...value, odd(random)];
    const at = Math.floor(random() * value.length);
    return value.map((item, i) => (i === at ? change(random, item, depth + 1) : item));
  }
  const entries = Object.entries(value as object);
  const at = Math.floor(random() * entries.length);
  const roll = random();
  if (roll < 0.15) return Object.fromEntries(entries.filter((_, i) => i !== at));
  if (roll < 0.25) return Object.fromEntries([...entries, [pick(random, KEYS), odd(random)]]);
  return Object.fromEntries(entries.map(([key, item], i) => [key, i === at ? change(random, item, depth + 1) : item]));
}

function odd(random: Random): unknown {
  if (random() > 0.05) return pick(random, ODD);
  let deep: unknown = 'deep';
  for (let i = 0; i < 100; i++) deep = random() < 0.5 ? [deep] : { deep };
  return deep;
}

/** Bytes flipped, cut, doubled or put in. */
export function scramble(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text);
  const at = Math.floor(random() * bytes.length);
  const roll = random();
  if (roll < 0.4) {
    const flipped = Buffer.from(bytes);
    for (let i = 0; i < 1 + random() * 8; i++)
      flipped[Math.floor(random() * flipped.length)] = Math.floor(random() * 256);
    return flipped;
  }
  if (roll < 0.6) return bytes.subarray(0, at);
  if (roll < 0.8) return Buffer.concat([bytes, bytes.subarray(at)]);
  const junk = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
  return Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]);
}
