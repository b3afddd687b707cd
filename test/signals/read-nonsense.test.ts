/** Whatever Datadog, or somebody who reaches its logs, puts into a signal: reading it never fails, and it stays small. */
import { expect, test } from 'vitest';
import { LARGEST_SIGNAL, readSignal } from '../../src/signals/read.ts';
import { detail, listItem } from './wire.ts';

const ROUNDS = 10_000;

/** The same values in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NUL = '\u0000';

const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1e308,
  Number.NaN,
  '',
  ' ',
  '\ud800',
  NUL,
  NUL.repeat(40_000),
  '"\\'.repeat(20_000),
  '🙂'.repeat(20_000),
  '%%%'.repeat(10_000),
  ' '.repeat(50_000),
  '\n'.repeat(50_000),
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00Z',
  '-',
  '..',
  '__proto__',
  'constructor',
  '/aws/eks/x/cluster',
  [],
  [[[[]]]],
  [null, 1, 'a', {}],
  Array.from({ length: 2_000 }, (_, i) => `${i}`.padEnd(400, NUL)),
  Array.from({ length: 2_000 }, (_, i) => ({ content: { custom: { aws: { awslogs: { logGroup: i } } } } })),
  {},
  JSON.parse('{"__proto__":{"title":"x"},"constructor":{"name":"y"},"hasOwnProperty":1,"toString":null,"length":-1}'),
  { content: { message: `{"verb":"${'\\u0000'.repeat(1_000)}"` } },
  { content: { message: '{"verb":"get","user":null,"sourceIPs":{"0":"x"}}', timestamp: -8.64e15 } },
];

/** Changes up to four members, anywhere in it. */
function mutated(value: unknown, random: () => number): unknown {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const places: { holder: Record<string, unknown>; name: string }[] = [];
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const [name, inner] of Object.entries(at)) {
      places.push({ holder: at as Record<string, unknown>, name });
      walk(inner);
    }
  };
  walk(value);
  const names = places.map(({ name }) => name);
  for (let i = Math.ceil(random() * 4); i > 0; i--) {
    const { holder, name } = pick(places);
    const change = random();
    if (change < 0.15) delete holder[name];
    else if (change < 0.3) holder[name] = structuredClone(pick(places).holder);
    else if (change < 0.4) holder[pick(names)] = holder[name];
    else holder[name] = pick(NONSENSE);
  }
  return value;
}

test(`${ROUNDS} signals with something wrong in them are read or refused, and stay small`, () => {
  const random = randomFrom(23);
  let read = 0;
  let largest = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const signal = readSignal(mutated(i % 2 === 0 ? listItem() : detail(), random));
    if (!signal) continue;
    read++;
    largest = Math.max(largest, Buffer.byteLength(JSON.stringify(signal)));
  }
  expect(largest).toBeLessThanOrEqual(LARGEST_SIGNAL);
  expect(read).toBeGreaterThan(ROUNDS / 2);
  expect(({} as { title?: unknown }).title).toBeUndefined();
});

test('any nonsense in place of a signal is no signal', () => {
  for (const value of NONSENSE) {
    expect(readSignal(value)).toBeUndefined();
    expect(readSignal({ id: 'x', attributes: value })).toBeUndefined();
    expect(readSignal({ data: value })).toBeUndefined();
  }
});

test('every text at its longest, each character six bytes: it is cut until it fits, and is still a signal', () => {
  // Samples, clusters, entities and tags, more than anybody has.
  const long = (i: number) => `${i}`.padEnd(10_000, NUL).concat('x');
  const attributes = (i: number) => ({
    aws: {
      awslogs: { logGroup: `/aws/eks/${'c'.repeat(90)}${i}/cluster`, owner: `${111122223333 + i}` },
      invoked_function_arn: 'arn:aws:lambda:ap-northeast-1:111122223333:function:f',
    },
    usr: { name: long(i) },
    user: { extra: { canonicalArn: [long(i)], sessionName: [long(i)] } },
    http: { method: long(i), useragent: long(i) },
    network: { client: { ip: long(i) } },
    objectRef: { resource: long(i), subresource: long(i), namespace: long(i), name: long(i) },
  });
  const groupByPaths = Array.from({ length: 50 }, (_, i) => long(i).replaceAll('.', ''));
  const signal = readSignal({
    id: 'i'.repeat(200),
    attributes: {
      timestamp: '2026-11-23T08:00:00Z',
      message: long(0),
      tags: Array.from({ length: 1_000 }, (_, i) => `${i}${long(i)}`),
      custom: {
        title: long(1),
        groupByPaths,
        entities: groupByPaths.flatMap((_, i) => [300, 150, 50].map((n) => `${long(i).slice(0, n)}:${long(i)}`)),
        workflow: {
          rule: { id: 'r'.repeat(200), name: long(2) },
          triage: { assignee: { name: long(3) }, archiveReason: long(4), updater: { name: long(5) } },
        },
        samples: Array.from({ length: 60 }, (_, i) => ({
          eventId: 'e'.repeat(200),
          content: { timestamp: '2026-11-23T08:00:00Z', custom: attributes(i) },
        })),
      },
    },
  });
  expect(signal?.samples.length).toBeGreaterThan(0);
  expect(signal?.clusters).toHaveLength(20);
  expect(signal?.groupedBy).toHaveLength(10);
  expect(Buffer.byteLength(JSON.stringify(signal))).toBeLessThanOrEqual(LARGEST_SIGNAL);
});

test('a signal made to be slow is read as fast as any', () => {
  const item = listItem();
  const attributes = item.attributes as Record<string, unknown>;
  attributes.message = `%%%${' \n'.repeat(49_000)}x${' '.repeat(400_000)}`;
  attributes.attributes = { entities: Array(100_000).fill('@a:b'), samples: Array(100_000).fill({ content: {} }) };
  const start = performance.now();
  expect(readSignal(item)?.samples).toHaveLength(5);
  // The event loop must never stall for long; a quadratic pattern takes seconds here.
  expect(performance.now() - start).toBeLessThan(2_000);
});
