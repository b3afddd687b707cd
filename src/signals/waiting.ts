/** When a message may be shown, and when somebody is called because nobody took it. Pure. */
import type { Config } from '../config.ts';
import type { Group, Mute } from './group-store.ts';
import { mutedUntil, nextDigest } from './mute-times.ts';
import type { Route } from './routing.ts';
import type { Severity } from './signal.ts';
import { earliest } from './store.ts';

/** Until when a message is held back; undefined when it may be shown now. What is critical never waits. */
export function heldUntil(severity: Severity, way: Route, mute: Mute | null, now: Date): Date | undefined {
  if (severity === 'critical') return undefined;
  const muted = mute ? new Date(mute.until) : undefined;
  return muted && muted > now ? muted : mutedUntil(way.muteTimes, now);
}

/** Groups of the version before did not write it down. */
export function waitingSince(group: Pick<Group, 'waiting_since' | 'opened_at'>): Date {
  return group.waiting_since ?? group.opened_at;
}

/** When a group is looked at by itself: to escalate, because its mute ends, or to be told in the digest. */
export function dueFor(config: Config, way: Route, since: Date, mute: Mute | null): Date | null {
  if (way.deliver === 'digest') return nextDigest(config.signals.digest, since);
  const escalation = way.escalate && new Date(since.getTime() + way.escalate.afterMs);
  return earliest(escalation, mute ? new Date(mute.until) : undefined) ?? null;
}

/**
 * Nobody has it any more, from now on, or from when it is shown: whoever is to be called when that lasts is called again.
 */
export function waitsAgain(config: Config, group: Group, now: Date) {
  const since = new Date(Math.max(now.getTime(), waitingSince(group).getTime()));
  return {
    taken: null,
    escalated_at: null,
    waiting_since: since,
    due_at: dueFor(config, group.route, since, group.mute),
  };
}
