/**
 * Brings Slack in line with the message rows: posts what is missing, edits what changed. Never lost, never doubled:
 * the row says "attempted" before the call, the post carries the row's key in its metadata, and after a crash or a
 * time-out the channel's history is read before anything is posted again. A post is given up only when Slack refuses
 * what it says; whatever else is in its way is waited for.
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Content } from '../slack/blocks.ts';
import { findPosted } from './adopt.ts';
import { createChannels } from './channel.ts';
import { Pace } from './pace.ts';
import { type Failure, slackFailure } from './slack-failure.ts';
import {
  type Claimed,
  dueHeads,
  forgetPlace,
  lookAgain,
  type MessageHead,
  markAttempted,
  markEdited,
  markFailed,
  markPosted,
  type Place,
  placeOf,
  postpone,
  putMessage,
  redirect,
  threadOf,
} from './store.ts';
import { bodyOf, text } from './text.ts';

/** A refusal of the token after so long without one is another outage: what is kept is tried again every minute. */
const TOKEN_OUTAGE_MS = 5 * 60_000;
const CLOSED_FOR_MS = 60_000;

export interface PosterDeps {
  db: Db;
  client: WebClient;
  clock: Clock;
  config: Config;
  log: Logger;
  metrics: Metrics;
  /** Looks again, at once or then: a channel's turn is over. */
  nudge: (at?: Date) => void;
}

export interface Poster {
  /** The work of the `messages` queue. */
  work(): Promise<Date | undefined>;
  /** Resolves when no call to Slack is under way. */
  idle(): Promise<void>;
}

export function createPoster(deps: PosterDeps): Poster {
  const { db, clock, config } = deps;
  const pace = new Pace(clock, { postMs: config.timing.message_pace, editMs: config.timing.edit_pace });
  const channels = createChannels(deps);
  /** One call at a time per channel, channels beside each other: a slow one delays nobody else. */
  const turns = new Map<string, Promise<void>>();
  /** Channels in which something else was due before their turn was over. */
  const waiting = new Set<string>();
  /** After a post nothing new may go to its channel for a while, so what has become due by it is looked for a little later. */
  const afterPostMs = config.timing.message_pace / 4;
  /** What the log was told of already: closed channels, and refusals of the token with when they came last. */
  const closedChannels = new Set<string>();
  const refusedAt = new Map<string, number>();

  async function work(): Promise<Date | undefined> {
    const now = clock.now();
    const { heads, next } = await dueHeads(db, now);
    const blocked: Date[] = next ? [next] : [];
    for (const [channel, rows] of Map.groupBy(heads, channelOf)) {
      if (turns.has(channel)) {
        waiting.add(channel);
        continue;
      }
      // Posts come first: an edit only says better what stands there already.
      const free = rows.find((row) => freeAt(row) <= now);
      if (!free) {
        blocked.push(...rows.map(freeAt));
        continue;
      }
      if (rows.length > 1) waiting.add(channel);
      const turn = send(free)
        .catch((error) => {
          deps.log.error({ message: free.key, error }, 'a message could not be worked on');
          return false;
        })
        .then((posted) => {
          turns.delete(channel);
          const later = !waiting.delete(channel) && posted;
          deps.nudge(later ? new Date(clock.now().getTime() + afterPostMs) : undefined);
        });
      turns.set(channel, turn);
    }
    return blocked.length > 0 ? new Date(Math.min(...blocked.map(Number))) : undefined;
  }

  function freeAt(row: MessageHead): Date {
    return row.ts ? pace.editFreeAt(row.key) : pace.postFreeAt(channelOf(row));
  }

  /** True when it was posted. */
  async function send(row: MessageHead): Promise<boolean> {
    const place = await placeOf(db, row);
    // Its thread was deleted a moment ago, and is posted anew first.
    if (!place) return false;
    try {
      if (row.ts) await edit(row, place.channel, row.ts);
      else if (row.attempted_at) await adoptOrRepeat(row, place, row.attempted_at);
      else return await post(row, place);
    } catch (error) {
      await settleFailure(row, place.channel, slackFailure(error));
    }
    return false;
  }

  async function post(row: MessageHead, place: Place): Promise<boolean> {
    if (await sharedOutside(place.channel)) {
      await closed(row, place.channel, 'is_ext_shared');
      return false;
    }
    // If we die after this, the next look reads the history.
    const claimed = await claim(row);
    if (!claimed) return false;
    pace.posted(row.channel);
    const answer = await deps.client.chat.postMessage({
      channel: place.channel,
      ...bodyOf({ ...claimed, repeated: row.repeated }, config.language),
      metadata: { event_type: 'eks_audit_message', event_payload: { key: row.key } },
      unfurl_links: false,
      unfurl_media: false,
      ...(place.threadTs ? { thread_ts: place.threadTs } : {}),
    });
    await markPosted(db, row.key, {
      channel: answer.channel ?? place.channel,
      ts: answer.ts ?? '',
      version: claimed.version,
    });
    closedChannels.delete(place.channel);
    deps.metrics.posts.inc({ outcome: row.repeated ? 'repeated' : 'posted' });
    return true;
  }

  async function edit(row: MessageHead, channel: string, ts: string): Promise<void> {
    if (await sharedOutside(channel)) return closed(row, channel, 'is_ext_shared');
    const claimed = await claim(row);
    if (!claimed) return;
    pace.edited(row.key);
    const body = bodyOf({ ...claimed, repeated: row.repeated }, config.language);
    await deps.client.chat.update({ channel, ts, ...body });
    await markEdited(db, row, claimed.version);
    closedChannels.delete(channel);
    deps.metrics.posts.inc({ outcome: 'edited' });
  }

  async function sharedOutside(channel: string): Promise<boolean> {
    return channel !== config.admin_channel && (await channels.sharedOutside(channel));
  }

  async function claim(row: MessageHead): Promise<Claimed | undefined> {
    const now = clock.now();
    return await markAttempted(db, row, now, cannotArriveAfter(now));
  }

  async function adoptOrRepeat(row: MessageHead, place: Place, attemptedAt: Date): Promise<void> {
    const over = cannotArriveAfter(attemptedAt);
    // However the row came to be due: what was begun before may still be on its way.
    if (clock.now() < over) return lookAgain(db, row.key, over);
    const found = await findPosted(deps.client, row.key, place, attemptedAt).catch((error) => {
      // Not being able to look right now says nothing about the post; the row keeps its attempt.
      deps.log.info({ message: row.key, error: messageOf(error) }, 'history could not be read; looking again');
      return 'look-again' as const;
    });
    if (found === 'look-again') return lookAgain(db, row.key, new Date(clock.now().getTime() + 5_000));
    if (found === 'unreadable') {
      deps.log.info(
        { message: row.key },
        'a message is repeated once because history cannot be read (optional scopes channels:history, groups:history, im:history)',
      );
      await post({ ...row, repeated: true }, place);
      return;
    }
    if (found) {
      // What arrived may be an older version; sending the current one again as an edit costs nothing.
      await markPosted(db, row.key, { ...found, version: 0 });
      deps.metrics.posts.inc({ outcome: 'adopted' });
      return;
    }
    // History lags behind posts, so one look without it proves nothing yet.
    if (clock.now().getTime() < over.getTime() + config.timing.adopt_for)
      return lookAgain(db, row.key, new Date(clock.now().getTime() + config.timing.adopt_for / 5));
    await post(row, place);
  }

  function cannotArriveAfter(attemptedAt: Date): Date {
    return new Date(attemptedAt.getTime() + config.timing.http_timeout + config.timing.message_pace);
  }

  async function settleFailure(row: MessageHead, channel: string, failure: Failure): Promise<void> {
    const later = (ms: number) => postpone(db, row.key, new Date(clock.now().getTime() + ms));
    switch (failure.kind) {
      case 'rate-limited':
        deps.metrics.posts.inc({ outcome: 'rate-limited' });
        if (row.ts) pace.holdEdits(failure.retryAfterMs);
        else pace.refusedPost(channelOf(row), failure.retryAfterMs);
        return later(failure.retryAfterMs);
      case 'refused-for-now':
        return later(backoff(row));
      case 'token-refused':
        logRefusal(failure.code, failure.neededScope);
        return later(backoff(row));
      case 'in-doubt':
        // An edit may be sent again, after the one on its way; a post may stand there already. The row keeps the attempt.
        return row.ts && failure.answered ? later(backoff(row)) : undefined;
      case 'deleted':
        deps.log.info({ message: row.key, channel }, 'a message was deleted in Slack; it is posted anew');
        return forgetPlace(db, row);
      case 'not-editable':
        deps.log.error(
          { message: row.key, channel, code: failure.code },
          'Slack lets nobody edit this message any more',
        );
        return markFailed(db, row.key, failure.code);
      case 'channel-closed':
        return closed(row, channel, failure.code);
      case 'rejected':
        deps.log.error({ message: row.key, code: failure.code, detail: failure.detail }, 'Slack rejected a message');
        await markFailed(db, row.key, failure.code);
        return tellAdmins(row, `rejected:${row.key}`, text.rejected(row.key, channel, failure.code, config.language));
    }
  }

  /**
   * The channel cannot be posted to: the message goes where it falls back to, in the end to the admins, and there it
   * waits until somebody lets us in. What stands there already is posted anew, or what changed would be seen by nobody;
   * with an answer goes what it answers.
   */
  async function closed(row: MessageHead, channel: string, code: string): Promise<void> {
    const now = clock.now();
    const moved = (await threadOf(db, row)) ?? row;
    const instead = [moved.fallback ?? undefined, config.admin_channel].find((other) => other && other !== channel);
    if (!closedChannels.has(channel))
      deps.log.error(
        { channel, code },
        instead
          ? 'a channel cannot be posted to; its messages go elsewhere'
          : 'a channel cannot be posted to; its messages wait and are tried again each minute',
      );
    closedChannels.add(channel);
    // What was said in a thread and is only put better now stays as it is.
    if (row.ts && row.thread_key) await markFailed(db, row.key, code);
    else if (instead) {
      await redirect(db, moved, instead, now);
      if (moved !== row) await postpone(db, row.key, now);
    } else {
      pace.holdPosts(channel, CLOSED_FOR_MS);
      await postpone(db, row.key, new Date(now.getTime() + CLOSED_FOR_MS));
    }
    const day = now.toISOString().slice(0, 10);
    if (channel !== config.admin_channel)
      await tellAdmins(row, `closed:${channel}:${code}:${day}`, text.closed(channel, code, instead, config.language));
  }

  function logRefusal(code: string, neededScope: string | undefined): void {
    const now = clock.now().getTime();
    if (now - (refusedAt.get(code) ?? 0) > TOKEN_OUTAGE_MS)
      deps.log.error({ code, neededScope }, 'Slack refuses our token; messages are kept and tried again');
    refusedAt.set(code, now);
  }

  /** That the admins could not be told of a trouble is not another one to tell them of: it would never end. */
  async function tellAdmins(about: MessageHead, key: string, content: Content): Promise<void> {
    if (about.key.startsWith('trouble:')) return;
    await putMessage(db, { key: `trouble:${key}`, channel: config.admin_channel, content }, clock.now());
  }

  async function idle(): Promise<void> {
    await Promise.all(turns.values());
  }

  return { work, idle };
}

function channelOf(row: Pick<MessageHead, 'posted_channel' | 'channel'>): string {
  return row.posted_channel ?? row.channel;
}

function backoff(row: MessageHead): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(row.attempts, 6));
}
