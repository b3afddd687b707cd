/**
 * What signals of one message have in common. Names are chosen by attackers, so each is kept apart from every other
 * text, and naming several or none is a value of its own that no name can take.
 */
import type { GroupBy } from './routing.ts';
import type { Actor, Signal } from './signal.ts';

export interface GroupPart {
  by: GroupBy;
  is: 'one' | 'several' | 'none';
  /** What it is told apart by; empty unless it is one. */
  key: readonly string[];
  /** What a person calls it. */
  label: string;
}

type Value = Pick<GroupPart, 'key' | 'label'>;

/** In one order, whatever order the configuration has, so that rewriting it opens no new messages. */
const ORDER: readonly GroupBy[] = ['rule', 'cluster', 'account', 'severity', 'actor', 'namespace', 'signal'];

const VALUES: Record<GroupBy, (signal: Signal) => Value[]> = {
  // Clones of a rule share its name; a doorbell may know nothing but the name.
  rule: ({ rule: { id, name } }) => [
    id === undefined ? { key: ['name', name], label: name } : { key: ['id', id], label: name },
  ],
  cluster: ({ clusters }) =>
    clusters.map(({ name, accountId = '', region = '' }) => ({ key: [accountId, region, name], label: name })),
  account: ({ clusters }) => clusters.flatMap(({ accountId }) => (accountId === undefined ? [] : [plainly(accountId)])),
  severity: ({ severity }) => [plainly(severity)],
  actor: (signal) => {
    const seen = signal.samples.flatMap(({ actor }) => actorValue(actor));
    return seen.length > 0
      ? seen
      : groupedBy(signal, 'usr.name', 'usr.id').map((name) => ({ key: ['name', name], label: name }));
  },
  namespace: (signal) => {
    const seen = signal.samples.flatMap(({ object }) => object.namespace ?? []);
    return (seen.length > 0 ? seen : groupedBy(signal, 'objectRef.namespace')).map(plainly);
  },
  signal: ({ id }) => [plainly(id)],
};

export function groupParts(groupBy: readonly GroupBy[], signal: Signal): GroupPart[] {
  return ORDER.filter((by) => groupBy.includes(by)).map((by) => {
    const distinct = new Map(VALUES[by](signal).map((value) => [JSON.stringify(value.key), value]));
    const [first] = distinct.values();
    if (first === undefined) return { by, is: 'none', key: [], label: '' };
    return distinct.size > 1 ? { by, is: 'several', key: [], label: '' } : { by, is: 'one', ...first };
  });
}

function plainly(text: string): Value {
  return { key: [text], label: text };
}

/** Names in Kubernetes are shared or made up per session on EKS; behind them stands an AWS identity, often with a person. */
function actorValue({ name, arn, session }: Actor): Value[] {
  if (arn !== undefined || session !== undefined) {
    const label = [name ?? arn, session].filter((part) => part !== undefined && part !== '').join(' / ');
    return [{ key: ['aws', arn ?? '', session ?? ''], label }];
  }
  return name === undefined ? [] : [{ key: ['name', name], label: name }];
}

function groupedBy(signal: Signal, ...paths: string[]): string[] {
  return signal.groupedBy.filter(({ path }) => paths.includes(path.replace(/^@/, ''))).map(({ value }) => value);
}
