/** What the harness and the module in the bot's process share: where orders and counts lie, and which tables are shown. */
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CommitOrder {
  /** The part of the story that commits are counted in. */
  segment: string;
  /** The commit of this segment after which the process dies; 0 for none. */
  killAfter: number;
}

/** What the harness asks the bot's process. */
export type Question = 'rows' | 'unfinished';

export const TABLES = ['runs', 'journal', 'approvals', 'approval_attempts', 'messages', 'inbox'] as const;
export type Rows = Record<(typeof TABLES)[number], Record<string, unknown>[]>;

/** Replaced in one step: the other process may be reading. */
export function writeOrder(dir: string, order: CommitOrder): void {
  const path = join(dir, 'order.json');
  writeFileSync(`${path}.new`, JSON.stringify(order));
  renameSync(`${path}.new`, path);
}

export function readOrder(dir: string): CommitOrder {
  return JSON.parse(readFileSync(join(dir, 'order.json'), 'utf8')) as CommitOrder;
}

/** Counts one commit and returns its number. One byte per commit: a kill in between leaves no half-written number. */
export function countCommit(dir: string, segment: string): number {
  appendFileSync(join(dir, `commits-${segment}`), '.');
  return commitsIn(dir, segment);
}

export function commitsIn(dir: string, segment: string): number {
  const path = join(dir, `commits-${segment}`);
  return existsSync(path) ? statSync(path).size : 0;
}
