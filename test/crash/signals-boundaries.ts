/**
 * Where the bot dies while signals come: at a request before it takes effect, when it has and is unanswered, when it is
 * answered; after a commit. Those met least are waited for, so that the rare ones get their turn.
 */
import type { Call, Phase } from '../../playground/http.ts';
import { COMMITS, type Committed } from './signals-commits.ts';

/** What the bot is asked, and what it asks of others. */
const REQUESTS = [
  'datadog webhook',
  'slack interaction',
  'datadog SearchSecurityMonitoringSignals',
  'datadog GetSecurityMonitoringSignal',
  'datadog EditSecurityMonitoringSignalState',
  'datadog EditSecurityMonitoringSignalAssignee',
  'datadog ListUsers',
  'slack chat.postMessage',
  'slack chat.postMessage in a thread',
  'slack chat.update',
  'slack conversations.history',
  'slack conversations.replies',
  'slack conversations.info',
  'slack users.info',
  'slack usergroups.users.list',
  'slack views.open',
  'slack views.update',
  'slack response_url',
] as const;

/** One who reads has changed nothing, so that dying before and after the answer is made is the same. */
const READS: ReadonlySet<string> = new Set([
  'datadog SearchSecurityMonitoringSignals',
  'datadog GetSecurityMonitoringSignal',
  'datadog ListUsers',
  'slack conversations.history',
  'slack conversations.replies',
  'slack conversations.info',
  'slack users.info',
  'slack usergroups.users.list',
]);

/** Slack's no comes when it comes; a row without such trouble never commits it. */
const ONLY_IN_TROUBLE: ReadonlySet<Committed> = new Set(['postponed']);

export const BOUNDARIES: readonly string[] = [
  ...REQUESTS.flatMap((what) =>
    (READS.has(what) ? (['arrived', 'answered'] as const) : (['arrived', 'applied', 'answered'] as const)).map(
      (phase) => boundary(phase, what),
    ),
  ),
  ...COMMITS.filter((commit) => !ONLY_IN_TROUBLE.has(commit)).map((commit) => boundary('committed', commit)),
];

/** Whoever dies here leaves the next one something to clear up, and where that one is then met. */
export const PROVOKING: ReadonlyMap<string, readonly string[]> = new Map([
  ['arrived: slack chat.postMessage', whileLooking('conversations.history')],
  ['applied: slack chat.postMessage', whileLooking('conversations.history')],
  ['applied: slack chat.postMessage in a thread', whileLooking('conversations.replies')],
  // A click that is resumed may find itself done already.
  ['committed: request claimed', []],
]);

/** Met by hardly anybody but the successors of those. */
export const FOLLOWING: ReadonlySet<string> = new Set([...PROVOKING.values()].flat());

/** Asked soon after a start by whoever acts first, and not again in that life: the answers are kept. */
export const FIRST_THINGS: readonly string[] = [
  'slack users.info',
  'slack usergroups.users.list',
  'datadog ListUsers',
].flatMap((what) => [boundary('arrived', what), boundary('answered', what)]);

/** A post in doubt is looked for, and, as Slack's history lags behind, looked for again. */
function whileLooking(method: string): string[] {
  return [`arrived: slack ${method}`, `answered: slack ${method}`, 'committed: looked again'];
}

export function nameOf({ service, operation, body }: Call): string {
  const inThread = operation === 'chat.postMessage' && body.includes('thread_ts');
  return `${service} ${operation}${inThread ? ' in a thread' : ''}`;
}

export function boundary(kind: Phase | 'committed', what: string): string {
  return `${kind}: ${what}`;
}
