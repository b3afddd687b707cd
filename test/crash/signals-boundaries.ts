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

/** Whoever dies here leaves the next one a post in doubt, and so history to read and other clicks to resume. */
export const PROVOKING: ReadonlySet<string> = new Set([
  'arrived: slack chat.postMessage',
  'applied: slack chat.postMessage',
  'applied: slack chat.postMessage in a thread',
  'committed: request claimed',
]);

export function nameOf({ service, operation, body }: Call): string {
  const inThread = operation === 'chat.postMessage' && body.includes('thread_ts');
  return `${service} ${operation}${inThread ? ' in a thread' : ''}`;
}

export function boundary(kind: Phase | 'committed', what: string): string {
  return `${kind}: ${what}`;
}
