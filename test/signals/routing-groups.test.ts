/** Which signals share one message. An attacker chooses names and must not choose the company they are in. */
import { expect, test } from 'vitest';
import { type GroupBy, groupKey, route } from '../../src/signals/routing.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { PROD_A, routing, STAGING, sample, signal } from './routing-fixture.ts';

function keyOf(by: readonly GroupBy[], change: Partial<Signal> = {}, channel = 'C0SEC'): string {
  const it = signal(change);
  return groupKey({ ...route(routing(''), it), channel, groupBy: by }, it);
}

const ARN = 'arn:aws:iam::111122223333:role/Admin';
const named = (name: string) => ({ id: undefined, name, shipped: false });

test('signals share a message when everything they are grouped by is the same', () => {
  const same: [by: GroupBy[], a: Partial<Signal>, b: Partial<Signal>][] = [
    [['rule', 'cluster'], {}, { id: 'AQAA2', severity: 'low', title: 'other' }],
    [['rule'], {}, { rule: { id: 'abc-def-ghi', name: 'renamed', shipped: true }, clusters: [] }],
    [['account'], { clusters: [PROD_A] }, { clusters: [{ ...PROD_A, name: 'prod-b' }] }],
    [['account'], { clusters: [PROD_A, { ...PROD_A, name: 'prod-b' }] }, {}],
    [['actor'], { samples: [sample({ name: 'u' }), sample({ name: 'u' })] }, { samples: [sample({ name: 'u' })] }],
    [['actor'], { groupedBy: [{ path: '@usr.name', value: 'u' }] }, { samples: [sample({ name: 'u' })] }],
    // The name may be made up per session; the identity behind it is not.
    [
      ['actor'],
      { samples: [sample({ name: 'a-1', arn: ARN, session: 'jane' })] },
      { samples: [sample({ name: 'a-2', arn: ARN, session: 'jane' })] },
    ],
    [
      ['namespace'],
      { samples: [sample({}, 'web'), sample({})] },
      { groupedBy: [{ path: '@objectRef.namespace', value: 'web' }] },
    ],
    [['cluster'], { clusters: [PROD_A, STAGING] }, { clusters: [STAGING, PROD_A, { ...PROD_A, name: 'prod-b' }] }],
    [['cluster'], { clusters: [] }, { clusters: [], id: 'AQAA2' }],
  ];
  for (const [by, a, b] of same) expect(keyOf(by, a), `${by}: ${JSON.stringify([a, b])}`).toBe(keyOf(by, b));
});

test('signals are kept apart when any of it differs', () => {
  const apart: [by: GroupBy[], a: Partial<Signal>, b: Partial<Signal>][] = [
    [['signal'], {}, { id: 'AQAA2' }],
    [['rule', 'cluster'], {}, { rule: { id: 'xyz', name: 'Kubernetes exec into pod', shipped: false } }],
    [['rule', 'cluster'], {}, { clusters: [STAGING] }],
    [['cluster'], {}, { clusters: [{ ...PROD_A, region: 'eu-west-1' }] }],
    [['cluster'], {}, { clusters: [{ ...PROD_A, accountId: '444455556666' }] }],
    [['cluster'], {}, { clusters: [] }],
    [['cluster'], {}, { clusters: [PROD_A, STAGING] }],
    [['cluster'], { clusters: [] }, { clusters: [PROD_A, STAGING] }],
    [['account'], {}, { clusters: [STAGING] }],
    [['severity'], {}, { severity: 'critical' }],
    [
      ['actor'],
      { samples: [sample({ arn: ARN, session: 'jane' })] },
      { samples: [sample({ arn: ARN, session: 'joe' })] },
    ],
    [['actor'], { samples: [sample({ name: 'jane' })] }, {}],
    [['actor'], { samples: [sample({ name: 'a' }), sample({ name: 'b' })] }, { samples: [sample({ name: 'a' })] }],
    [['namespace'], { samples: [sample({}, 'a')] }, { samples: [sample({}, 'b')] }],
  ];
  for (const [by, a, b] of apart) expect(keyOf(by, a), `${by}: ${JSON.stringify([a, b])}`).not.toBe(keyOf(by, b));
});

test('names with separators, quotes and the words of the key itself collide with nothing', () => {
  const names = [
    '',
    'several',
    'none',
    '{"is":"several"}',
    '","',
    'a","b',
    'a',
    'b',
    '["a"]',
    '\u0000',
    'a/b',
    '\\',
    '\ud800',
  ];
  const changes: [GroupBy[], Partial<Signal>][] = names.flatMap((a) => [
    ...names.map((b): [GroupBy[], Partial<Signal>] => [
      ['rule', 'actor'],
      { rule: named(a), samples: [sample({ name: b })] },
    ]),
    ...names.map((b): [GroupBy[], Partial<Signal>] => [
      ['rule', 'actor'],
      { rule: named(a), samples: [sample({ arn: b, session: a })] },
    ]),
    [['rule', 'actor'], { rule: named(a) }],
    [['rule', 'actor'], { rule: { id: a, name: 'x', shipped: false } }],
    [['rule'], { rule: named(a) }],
    [['namespace'], { samples: [sample({}, a)] }],
    [['cluster'], { clusters: [{ name: a, accountId: undefined, region: undefined }] }],
    [['signal'], { id: a }],
  ]);
  expect(new Set(changes.map(([by, change]) => keyOf(by, change))).size).toBe(changes.length);
});

test('a channel is part of it, the order in the configuration and the route are not', () => {
  expect(keyOf(['rule'], {}, 'C0SEC')).not.toBe(keyOf(['rule'], {}, 'C0OTHER'));
  expect(keyOf(['rule'], {}, 'C0SEC')).toContain('C0SEC');
  expect(keyOf(['rule', 'cluster'])).toBe(keyOf(['cluster', 'rule', 'rule']));
});

test('stays the same from version to version, since rows hold it', () => {
  expect(keyOf(['cluster', 'rule', 'actor', 'namespace'])).toBe(
    '["C0SEC",["rule","id","abc-def-ghi"],["cluster","111122223333","us-east-1","prod-a"],["actor",{"is":"none"}],["namespace",{"is":"none"}]]',
  );
});

test('stays short enough for an index, however long the names', () => {
  const long = (end: string) =>
    keyOf(['rule', 'actor'], {
      rule: named('あ'.repeat(500)),
      samples: [sample({ arn: 'あ'.repeat(300), session: 'あ'.repeat(300) + end })],
    });
  expect(Buffer.byteLength(long('1'))).toBeLessThan(2704);
  expect(long('1')).toContain('C0SEC');
  expect(long('1')).not.toBe(long('2'));
  expect(long('1')).toBe(long('1'));
});
