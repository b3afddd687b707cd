/**
 * Everything people could see, in order, and what of it nobody has read yet: tests and the demo read entry by
 * entry, and fail when something is left over.
 */
import type { TimelineEntry, TimelineKind } from './model.ts';

const RECHECK_MS = 15;

export interface EntryFilter {
  kind?: TimelineKind | TimelineKind[];
  channel?: string;
  user?: string;
  /** Only what everybody in the channel sees. */
  public?: boolean;
}

export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #waiting = new Set<() => void>();

  add(entry: Partial<TimelineEntry> & { kind: TimelineKind }): TimelineEntry {
    const added: TimelineEntry = {
      at: new Date(),
      channel: undefined,
      user: undefined,
      message: undefined,
      view: undefined,
      text: '',
      read: false,
      ...entry,
    };
    this.entries.push(added);
    for (const wake of this.#waiting) wake();
    return added;
  }

  unread(filter: EntryFilter = {}): TimelineEntry[] {
    return this.entries.filter((entry) => !entry.read && matches(entry, filter));
  }

  /** The first unread entry that fits, marked as read. Entries passed over stay unread. */
  async next(
    filter: EntryFilter,
    predicate: (entry: TimelineEntry) => boolean,
    timeoutMs: number,
    describe: () => string,
  ): Promise<TimelineEntry> {
    const entry = await this.until(() => this.unread(filter).find(predicate), timeoutMs, describe);
    entry.read = true;
    return entry;
  }

  /** Waits until `probe` gives something; looks again after each new entry and every few milliseconds. */
  async until<T>(probe: () => T | undefined | null | false, timeoutMs: number, describe: () => string): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = probe();
      if (found !== undefined && found !== null && found !== false) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing in Slack within ${timeoutMs} ms: ${describe()}`);
      await this.#change(Math.min(left, RECHECK_MS));
    }
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }
}

function matches(entry: TimelineEntry, filter: EntryFilter): boolean {
  if (filter.kind !== undefined && ![filter.kind].flat().includes(entry.kind)) return false;
  if (filter.channel !== undefined && entry.channel !== filter.channel) return false;
  if (filter.public && entry.user !== undefined) return false;
  return filter.user === undefined || entry.user === filter.user;
}
