/**
 * Datadog's automatic triggers for the service `eks`: from Datadog's side somebody subscribes every EKS log group to
 * the Forwarder with an empty pattern, a few minutes after it appears, and again when the filter is deleted.
 */
import type { LogGroup } from './log-group.ts';
import type { Aws } from './state.ts';

export interface AutoSubscription {
  account: string;
  region: string;
  forwarderArn: string;
  /** How long a group exists before it is noticed. */
  delayMs?: number;
}

export function autoFilterName(logGroupName: string): string {
  return `DD_LOG_SUBSCRIPTION_FILTER_${logGroupName.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/** Returns how to switch it off; filters already made stay. */
export function startAutoSubscription(aws: Aws, options: AutoSubscription): () => void {
  const delayMs = options.delayMs ?? 3 * 60_000;
  return aws.time.every(delayMs / 3, 'Datadog automatic triggers', () => {
    const now = aws.time.now();
    for (const group of aws.region(options.account, options.region).logGroups.values()) {
      if (now - group.createdAtMs < delayMs / aws.time.speed) continue;
      if (/^\/aws\/eks\/[^/]+\/cluster$/.test(group.name)) subscribe(aws, group, options.forwarderArn);
    }
  });
}

/** What would be refused through the API stays undone here too: no free slot, wrong class, no permission. */
function subscribe(aws: Aws, group: LogGroup, forwarderArn: string): void {
  const name = autoFilterName(group.name);
  const now = aws.time.now();
  if (group.filter(name) || group.class !== 'STANDARD' || group.filters.length >= aws.filterLimit) return;
  if (aws.functionByArn(forwarderArn)?.invocableByLogs(group, now)) group.putFilter(name, '', forwarderArn, now);
}
