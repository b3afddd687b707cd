/** Every rule of the pack over an hour of ordinary life of two clusters: nobody is woken for it. */
import { describe, expect, it } from 'vitest';
import { completeEvent } from '../../playground/aws/audit-event.ts';
import { type OrdinaryEvent, ordinaryHour } from '../../playground/aws/ordinary-hour.ts';
import { auditLogEvent } from '../../src/rules/audit-event.ts';
import { backtest, type PastEvent } from '../../src/rules/backtest.ts';
import { compileRule } from '../../src/rules/compile.ts';
import { loadPack, type PackRule } from '../../src/rules/pack.ts';
import { matches, parseQuery } from '../../src/rules/query.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 20, 9);
const CLUSTERS = [
  { cluster: 'prod-a', account: '111122223333', endpoint: 'private' },
  { cluster: 'prod-b', account: '444455556666', endpoint: 'public' },
] as const;

const { rules } = await loadPack();
const hour = ordinaryHour(START);
const hourOfBoth = hourFrom(START);
const learnt = new Map<number, PastEvent[]>();

function hourFrom(fromMs: number): PastEvent[] {
  return CLUSTERS.flatMap(({ endpoint, ...origin }) =>
    ordinaryHour(fromMs, { endpoint }).map(({ atMs, draft }) => ({
      at: atMs,
      event: auditLogEvent({ ...completeEvent(draft, atMs) }, origin),
    })),
  ).sort((a, b) => a.at - b.at);
}

/** What a rule learnt from before: an hour days ago, with the nodes and pods of that time. */
function hourBefore(days: number): PastEvent[] {
  const known = learnt.get(days) ?? hourFrom(START - days * DAY_MS + HOUR_MS);
  learnt.set(days, known);
  return known;
}

/** The first event that raised something, as a person would want to read it. */
function firstRaisedBy(rule: PackRule): string | undefined {
  const { detection } = rule;
  const isNewValue = detection.method === 'new_value';
  const learning = isNewValue ? detection.learn_for_days : 0;
  const before = isNewValue ? hourBefore(Math.min(learning || 1, detection.forget_after_days)) : [];
  const raised = backtest(compileRule(rule), [...before, ...hourOfBoth], START - learning * DAY_MS);
  const signal = raised.find(({ at }) => at >= START);
  if (!signal) return undefined;
  const queries = Object.values(rule.queries).map(parseQuery);
  const cause = hourOfBoth.find(({ at, event }) => at === signal.at && queries.some((query) => matches(query, event)));
  const { user, verb, requestURI, responseStatus, requestObject } = JSON.parse(cause?.event.message ?? '{}');
  return `${rule.id} (${signal.severity}, ${raised.length} signals): ${user?.username} ${verb} ${requestURI} → ${responseStatus?.code} ${JSON.stringify(requestObject ?? null)}`;
}

describe('an ordinary hour of two clusters', () => {
  it.each(rules)('raises nothing by $id', (rule) => {
    expect(firstRaisedBy(rule)).toBeUndefined();
  });
});

describe('the ordinary hour', () => {
  const drafts = hour.map(({ draft }) => draft);
  /** Nothing for a request whose credentials were refused. */
  const nameOf = ({ user }: OrdinaryEvent['draft']): string => user.username ?? '';
  const distinct = (of: (draft: OrdinaryEvent['draft']) => unknown) => new Set(drafts.map(of));

  it('is as full as it claims', () => {
    const kinds = distinct(({ user, verb, objectRef, responseStatus }) =>
      [user.username, verb, objectRef?.resource, objectRef?.subresource, responseStatus?.code].join(' '),
    );
    expect(drafts.length).toBeGreaterThan(3000);
    expect(kinds.size).toBeGreaterThan(400);
    expect(distinct(nameOf).size).toBeGreaterThan(60);
    expect(distinct(({ objectRef }) => objectRef?.resource).size).toBeGreaterThan(50);
    expect([...distinct(({ verb }) => verb)].sort()).toEqual([
      'create',
      'delete',
      'deletecollection',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ]);
    expect([...distinct(({ responseStatus }) => responseStatus?.code)].sort()).toEqual([
      200, 201, 401, 403, 404, 409, 429,
    ]);
  });

  it('is mostly nodes and the control plane', () => {
    const routine = drafts.filter(({ user }) =>
      /^(system:(node|kube|apiserver|anonymous)|eks:|system:serviceaccount:kube-system:)/.test(user.username),
    );
    const people = drafts.filter((draft) => nameOf(draft).startsWith('arn:'));
    expect(routine.length / drafts.length).toBeGreaterThan(0.6);
    expect(people.length / drafts.length).toBeLessThan(0.02);
  });

  it('is the same every time, in the order of its time, and within the hour', () => {
    expect(ordinaryHour(START)).toEqual(hour);
    const times = hour.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((at) => at >= START && at < START + HOUR_MS)).toBe(true);
  });

  it('has other nodes and pods in another hour, and the same people and services', () => {
    const other = ordinaryHour(START - DAY_MS).map(({ draft }) => nameOf(draft));
    const only = (from: Iterable<string>, than: Iterable<string>) =>
      [...new Set(from)].filter((name) => !new Set(than).has(name));
    const here = drafts.map(nameOf);
    expect(only(here, other)).toHaveLength(2);
    expect(only(here, other).every((name) => name.startsWith('system:node:ip-10-0-'))).toBe(true);
  });
});
