/**
 * The logs of the organisation: what Cloud SIEM analyses the moment it arrives, and what a search finds once it is
 * indexed. "No log found" is therefore not "not analysed".
 */
import type { LogEvent, Query } from '../../src/rules/query.ts';
import { matches, parseQuery } from '../../src/rules/query.ts';
import type { WorldTime } from '../time.ts';
import type { Ids } from './ids.ts';
import type { ForwarderBatch, IntakeEntry, RejectedIntake } from './intake.ts';
import { OLDEST_ACCEPTED_MS, receiveEntry } from './intake.ts';
import type { TimeRange } from './time-range.ts';

export interface StoredLog {
  /** `AQAAA…`, the `event=` of a Log Explorer link. */
  id: string;
  timestampMs: number;
  event: LogEvent;
}

export interface LogsOptions {
  time: WorldTime;
  ids: Ids;
  site: string;
  isApiKey: (key: string) => boolean;
  /** The `datadog.cloud_siem` tag, when security filters are in use. */
  cloudSiemTag: (event: LogEvent) => string | undefined;
  /** Cloud SIEM looks at logs as they arrive, before and whether or not they are indexed. */
  analyse: (logs: readonly StoredLog[]) => void;
}

export class Logs {
  /** Real-world milliseconds between intake and search. */
  indexDelayMs = 20_000;
  readonly rejected: RejectedIntake[] = [];
  /** Searchable logs, in the order in which they were indexed. */
  readonly indexed: StoredLog[] = [];
  readonly #options: LogsOptions;
  readonly #excluded: Query[] = [];

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  forward(batch: ForwarderBatch): void {
    const { isApiKey, site } = this.#options;
    if (!isApiKey(batch.apiKey)) this.#reject('wrong api key', batch.site, batch.entries.length);
    else if (batch.site !== site) this.#reject('wrong site', batch.site, batch.entries.length);
    else this.receive(batch.entries);
  }

  receive(entries: readonly (IntakeEntry | Record<string, unknown>)[]): void {
    const { time, site } = this.#options;
    const received = entries.map((entry) => this.#store(receiveEntry(entry, time.now())));
    const accepted = received.filter((log) => log.timestampMs >= time.now() - OLDEST_ACCEPTED_MS);
    if (accepted.length < received.length) {
      this.#reject('older than 18 hours', site, received.length - accepted.length);
    }
    this.#options.analyse(accepted);
    const wanted = accepted.filter((log) => !this.#excluded.some((query) => matches(query, log.event)));
    if (wanted.length > 0) {
      time.later(this.indexDelayMs, `index ${wanted.length} logs`, () => void this.indexed.push(...wanted));
    }
  }

  /** A log that is in the index already, as if it had come earlier; its age does not matter. */
  seed(entry: IntakeEntry): StoredLog {
    const log = this.#store(receiveEntry(entry, this.#options.time.now()));
    this.indexed.push(log);
    return log;
  }

  /** An exclusion filter of the index: such logs are analysed but never found. */
  excludeFromIndex(query: string): void {
    this.#excluded.push(parseQuery(query));
  }

  find(query: Query, range: TimeRange, restriction?: Query): StoredLog[] {
    return this.indexed.filter(
      (log) =>
        log.timestampMs >= range.fromMs &&
        log.timestampMs <= range.toMs &&
        (!restriction || matches(restriction, log.event)) &&
        matches(query, log.event),
    );
  }

  #store(event: LogEvent): StoredLog {
    const { ids, time, cloudSiemTag } = this.#options;
    const timestampMs = event.timestamp ?? time.now();
    const tag = cloudSiemTag(event);
    return {
      id: ids.event(timestampMs),
      timestampMs,
      event: tag ? { ...event, tags: [...event.tags, tag] } : event,
    };
  }

  #reject(reason: RejectedIntake['reason'], site: string, entries: number): void {
    this.rejected.push({ atMs: this.#options.time.now(), reason, site, entries });
  }
}
