/**
 * From a written log line to an invoked function: CloudWatch Logs stores the event, counts it, and hands it to
 * every filter that matches it at that moment. There is no backfill.
 */
import { gzipSync } from 'node:zlib';
import type { LambdaFunction, LogsPayload } from './lambda-function.ts';
import type { LogEvent, LogGroup, SubscriptionFilter } from './log-group.ts';
import { accountPolicyCovers } from './log-group.ts';
import type { Aws, Region } from './state.ts';

type EventsByStream = Map<string, LogEvent[]>;

/** "The subscription filter is disabled for up to 10 minutes" (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html). */
export const PAUSE_AFTER_REFUSAL_MS = 10 * 60_000;

export class LogDelivery {
  readonly #aws: Aws;
  readonly #pending = new Map<LogGroup, Map<SubscriptionFilter, EventsByStream>>();

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  ingest(group: LogGroup, stream: string, lines: { timestamp: number; message: string }[]): void {
    const aws = this.#aws;
    const region = aws.region(group.account, group.region);
    const now = aws.time.now();
    const events = group.append(stream, lines, now, aws.streamTimestampLagMs / aws.time.speed);
    const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event.message), 0);
    region.metrics.add('AWS/Logs', 'IncomingLogEvents', { LogGroupName: group.name }, events.length, now);
    region.metrics.add('AWS/Logs', 'IncomingBytes', { LogGroupName: group.name }, bytes, now);
    for (const filter of this.#filtersOf(region, group)) {
      const matching = events.filter((event) => filter.matches(event.message));
      if (matching.length > 0) this.#plan(group, filter, stream, matching);
    }
  }

  /** CloudWatch Logs tries the function once before it accepts a filter. */
  probe(fn: LambdaFunction): void {
    const message = `CWL CONTROL MESSAGE: Checking health of destination ${fn.arn}`;
    const event = { id: '', timestamp: this.#aws.time.now(), message };
    const payload = encode('CONTROL_MESSAGE', 'CloudwatchLogs', '', '', [], [event]);
    void this.#aws.invoke(fn, payload);
  }

  #filtersOf(region: Region, group: LogGroup): SubscriptionFilter[] {
    if (group.class !== 'STANDARD') return [];
    const policy = region.accountPolicy;
    return policy && accountPolicyCovers(policy, group.name) ? [...group.filters, policy] : group.filters;
  }

  #plan(group: LogGroup, filter: SubscriptionFilter, stream: string, events: LogEvent[]): void {
    const waiting = this.#pending.get(group) ?? new Map<SubscriptionFilter, EventsByStream>();
    this.#pending.set(group, waiting);
    const byStream = waiting.get(filter) ?? new Map<string, LogEvent[]>();
    if (!waiting.has(filter)) {
      waiting.set(filter, byStream);
      this.#aws.time.later(this.#aws.deliveryDelayMs, `delivery by ${filter.filterName}`, () => {
        waiting.delete(filter);
        for (const [name, batch] of byStream) this.#deliver(group, filter, name, batch);
      });
    }
    byStream.set(stream, [...(byStream.get(stream) ?? []), ...events]);
  }

  #deliver(group: LogGroup, filter: SubscriptionFilter, stream: string, events: LogEvent[]): void {
    const now = this.#aws.time.now();
    if ((filter.pausedUntilMs ?? 0) > now) return;
    const { metrics } = this.#aws.region(group.account, group.region);
    const destinationType = filter.destinationArn.split(':')[2] === 'lambda' ? 'Lambda' : 'Kinesis';
    const dimensions = { LogGroupName: group.name, DestinationType: destinationType, FilterName: filter.filterName };
    const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event.message), 0);
    if (destinationType === 'Lambda') {
      const fn = this.#aws.functionByArn(filter.destinationArn);
      if (!fn?.invocableByLogs(group, now)) {
        metrics.add('AWS/Logs', 'DeliveryErrors', dimensions, events.length, now);
        filter.pausedUntilMs = now + this.#aws.deliveryPauseMs / this.#aws.time.speed;
        return;
      }
      const delivered = events.map(({ id, timestamp, message }) => ({ id, timestamp, message }));
      const payload = encode('DATA_MESSAGE', group.account, group.name, stream, [filter.filterName], delivered);
      void this.#aws.invoke(fn, payload);
    }
    metrics.add('AWS/Logs', 'ForwardedLogEvents', dimensions, events.length, now);
    metrics.add('AWS/Logs', 'ForwardedBytes', dimensions, bytes, now);
  }
}

function encode(
  messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE',
  owner: string,
  logGroup: string,
  logStream: string,
  subscriptionFilters: string[],
  logEvents: { id: string; timestamp: number; message: string }[],
): LogsPayload {
  const content = { messageType, owner, logGroup, logStream, subscriptionFilters, logEvents };
  return { awslogs: { data: gzipSync(JSON.stringify(content)).toString('base64') } };
}
