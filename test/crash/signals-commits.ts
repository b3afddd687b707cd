/** What the harness and the module in the bot's process share: what a commit did, after which the process dies, what is left to do. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Statement } from './watch-commits.ts';

/** Selects what it claimed, and when the next falls due, also when it claimed nothing. */
const CLAIMED = /^\s*with claimed as \(\s*update signals/;

/** In the order in which they are looked for. */
const BY_STATEMENT = {
  'doorbell stored': /^\s*insert into signals .*'webhook'/s,
  'signal saved': /^\s*insert into signals /s,
  'signal claimed': CLAIMED,
  'triage intended': /^update "signals" set "intent"/,
  triaged: /^update "signals" set "state"/,
  grouped: /^\s*update signals set\s+severity/s,
  attempted: /^update "messages" set "attempted_at" = \$\d+, "attempts"/,
  postponed: /^update "messages" set "attempted_at" = \$\d+, "next_at"/,
  posted: /^update "messages" set "posted_channel"/,
  edited: /^update "messages" set "sent_version"/,
  'looked again': /^update "messages" set "next_at"/,
  'request stored': /^insert into "inbox"/,
  'request claimed': /^update "inbox" set "lease_token" = \$\d+, "lease_until" = \$\d+, "attempts"/,
  'request done': /^update "inbox" set "done_at"/,
  'poll claimed': /^update "watermarks" set "next_at"/,
  'poll done': /^update "watermarks" set "at"/,
} as const;

export type Committed = keyof typeof BY_STATEMENT;
export const COMMITS = Object.keys(BY_STATEMENT) as Committed[];

/** What a statement committed; undefined for nothing. */
export function commitOf({ sql, changed, rows }: Statement): Committed | undefined {
  const claims = CLAIMED.test(sql) && rows.some((row) => (row as { id: string | null }).id !== null);
  if (!claims && changed === 0) return undefined;
  return COMMITS.find((name) => BY_STATEMENT[name].test(sql));
}

/** Signals, requests, messages and storms that still need a look. */
export const UNFINISHED = `
  select 'request ' || id || ' of ' || received_at || ', begun ' || attempts || ' times' as what from inbox where done_at is null
  union all select 'signal ' || id || ' to ' || work from signals where work is not null
  union all select 'message ' || key || ' in ' || channel from messages where sent_version < version and failure is null
  union all select 'storm ' || id from storms where ended_at is null`;

/** The commits after one of which the process dies. Replaced in one step: the other process may be reading. */
export function writeOrders(dir: string, orders: readonly Committed[]): void {
  const path = join(dir, 'orders.json');
  writeFileSync(`${path}.new`, JSON.stringify(orders));
  renameSync(`${path}.new`, path);
}

export function readOrders(dir: string): Committed[] {
  return JSON.parse(readFileSync(join(dir, 'orders.json'), 'utf8')) as Committed[];
}

/** Says after which commit this process is about to die. */
export function fall(dir: string, after: Committed): void {
  writeFileSync(join(dir, 'fallen'), after);
}

/** After which commit the process died, if that is what killed it; told once. */
export function fallen(dir: string): Committed | undefined {
  const path = join(dir, 'fallen');
  if (!existsSync(path)) return undefined;
  const after = readFileSync(path, 'utf8') as Committed;
  rmSync(path);
  return after;
}
