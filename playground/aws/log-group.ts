/** One CloudWatch log group: its streams and events, its retention and class, its subscription filters. */
import { logGroupArn } from './arn.ts';
import type { Matcher } from './filter-pattern.ts';
import { compileFilterPattern } from './filter-pattern.ts';

export type LogGroupClass = 'STANDARD' | 'INFREQUENT_ACCESS' | 'DELIVERY';

export interface LogEvent {
  /** 56 digits, growing. */
  id: string;
  stream: string;
  timestamp: number;
  ingestionTime: number;
  message: string;
}

export interface LogStream {
  name: string;
  createdAtMs: number;
  firstEventMs?: number;
  lastEventMs?: number;
  /** What DescribeLogStreams shows of the last event: it lags by up to an hour. */
  shown?: { lastEventMs: number; lastIngestionMs: number };
}

export interface SubscriptionFilter {
  filterName: string;
  filterPattern: string;
  destinationArn: string;
  createdAtMs: number;
  matches: Matcher;
  /** After a refused delivery CloudWatch Logs skips the filter until then. */
  pausedUntilMs?: number;
  /** The account-level policy is a filter of every group. */
  accountPolicy?: boolean;
}

/** The account-level subscription policy: one per account and region. */
export interface AccountPolicy extends SubscriptionFilter {
  policyName: string;
  /** `LogGroupName NOT IN ["…"]`; without it every group is covered. */
  selectionCriteria?: string;
}

export interface LogGroupSeed {
  account: string;
  region: string;
  name: string;
  class?: LogGroupClass;
  retentionInDays?: number;
  tags?: Record<string, string>;
}

/** The oldest events are forgotten beyond this, so that a world left running does not grow without bound. */
const KEPT_EVENTS = 10_000;

export class LogGroup {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly class: LogGroupClass;
  readonly tags: Record<string, string>;
  readonly createdAtMs: number;
  retentionInDays: number | undefined;
  storedBytes = 0;
  readonly streams = new Map<string, LogStream>();
  events: LogEvent[] = [];
  readonly filters: SubscriptionFilter[] = [];
  /** So many of the next changes to filters, retention or class collide with somebody else's. */
  abortNextChanges = 0;
  /** So many of the next FilterLogEvents pages are empty but carry a nextToken. */
  emptyPages = 0;
  #sequence = 0;

  constructor(seed: LogGroupSeed, nowMs: number) {
    this.account = seed.account;
    this.region = seed.region;
    this.name = seed.name;
    this.arn = logGroupArn(seed.region, seed.account, seed.name);
    this.class = seed.class ?? 'STANDARD';
    this.tags = { ...seed.tags };
    this.createdAtMs = nowMs;
    this.retentionInDays = seed.retentionInDays;
  }

  filter(name: string): SubscriptionFilter | undefined {
    return this.filters.find((filter) => filter.filterName === name);
  }

  /** Adds or, by name, replaces; an update keeps its place and its creation time. */
  putFilter(name: string, pattern: string, destinationArn: string, nowMs: number): void {
    const existing = this.filter(name);
    const changed = { filterPattern: pattern, destinationArn, matches: compileFilterPattern(pattern) };
    if (!existing) this.filters.push({ filterName: name, createdAtMs: nowMs, ...changed });
    else {
      Object.assign(existing, changed);
      delete existing.pausedUntilMs;
    }
  }

  removeFilter(name: string): boolean {
    const index = this.filters.findIndex((filter) => filter.filterName === name);
    if (index >= 0) this.filters.splice(index, 1);
    return index >= 0;
  }

  append(
    stream: string,
    lines: { timestamp: number; message: string }[],
    nowMs: number,
    shownLagMs: number,
  ): LogEvent[] {
    const kept = this.#stream(stream, nowMs);
    const events = lines.map(({ timestamp, message }) => {
      this.#sequence += 1;
      this.storedBytes += Buffer.byteLength(message) + 26; // CloudWatch counts 26 bytes of overhead per event.
      return { id: eventId(timestamp, this.#sequence), stream, timestamp, ingestionTime: nowMs, message };
    });
    for (const event of events) {
      kept.firstEventMs ??= event.timestamp;
      kept.lastEventMs = Math.max(kept.lastEventMs ?? 0, event.timestamp);
    }
    if (kept.lastEventMs !== undefined && (!kept.shown || nowMs - kept.shown.lastIngestionMs >= shownLagMs))
      kept.shown = { lastEventMs: kept.lastEventMs, lastIngestionMs: nowMs };
    this.events.push(...events);
    if (this.events.length > KEPT_EVENTS * 1.2) this.events = this.events.slice(-KEPT_EVENTS);
    return events;
  }

  #stream(name: string, nowMs: number): LogStream {
    const existing = this.streams.get(name);
    if (existing) return existing;
    const created: LogStream = { name, createdAtMs: nowMs };
    this.streams.set(name, created);
    return created;
  }
}

export function accountPolicyCovers(policy: AccountPolicy, logGroupName: string): boolean {
  const excluded = /NOT IN\s*(\[.*\])/s.exec(policy.selectionCriteria ?? '')?.[1];
  if (!excluded) return true;
  return !(JSON.parse(excluded) as string[]).includes(logGroupName);
}

function eventId(timestamp: number, sequence: number): string {
  return `38${timestamp}${String(sequence).padStart(56 - 2 - String(timestamp).length, '0')}`;
}
