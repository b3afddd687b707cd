/**
 * Brings Slack in line with the message rows: posts what is missing, edits what changed. Never lost, never doubled:
 * the row says "attempted" before the call, the post carries the row's key in its metadata, and after a crash or a
 * time-out the channel's history is read before anything is posted again.
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { type Content, messageBody } from '../slack/blocks.ts';
import { findPosted } from './adopt.ts';
import { createChannels } from './channel.ts';
import { Pace } from './pace.ts';
import { type Failure, slackFailure } from './slack-failure.ts';
import {
  dueHeads,
  lookAgain,
  type MessageRow,
  markAttempted,
  markEdited,
  markFailed,
  markPosted,
  nextDueAfter,
  postedAt,
  postpone,
  putMessage,
  redirect,
} from './store.ts';
import { text } from './text.ts';

export interface PosterDeps {
  db: Db;
  client: WebClient;
  clock: Clock;
  config: Config;
  log: Logger;
  metrics: Metrics;
  /** Looks again: a channel's turn is over. */
  nudge: () => void;
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

  async function work(): Promise<Date | undefined> {
    const now = clock.now();
    const heads = Map.groupBy(await dueHeads(db, now), channelOf);
    const blocked: Date[] = [];
    for (const [channel, rows] of heads) {
      if (turns.has(channel)) continue;
      // Posts come first: an edit only says better what stands there already.
      const free = rows.find((row) => freeAt(row) <= now);
      if (!free) {
        blocked.push(...rows.map(freeAt));
        continue;
      }
      const turn = send(free)
        .catch((error) => deps.log.error({ message: free.key, error }, 'a message could not be worked on'))
        .finally(() => {
          turns.delete(channel);
          deps.nudge();
        });
      turns.set(channel, turn);
    }
    const next = await nextDueAfter(db, now);
    if (next) blocked.push(next);
    return blocked.length > 0 ? new Date(Math.min(...blocked.map(Number))) : undefined;
  }

  function freeAt(row: MessageRow): Date {
    return row.ts ? pace.editFreeAt(row.key) : pace.postFreeAt(channelOf(row));
  }

  async function send(row: MessageRow): Promise<void> {
    try {
      if (row.ts) await edit(row, channelOf(row), row.ts);
      else if (row.attempted_at) await adoptOrRepeat(row);
      else await post(row);
    } catch (error) {
      await settleFailure(row, slackFailure(error));
    }
  }

  async function post(row: MessageRow, repeated = false): Promise<void> {
    // An answer follows its thread, which may have had to go to another channel.
    const thread = row.thread_key ? await postedAt(db, row.thread_key) : undefined;
    const channel = thread?.channel ?? row.channel;
    if (channel !== config.admin_channel && (await channels.sharedOutside(channel)))
      return settleFailure(row, { kind: 'channel-closed', code: 'is_ext_shared' });
    const now = clock.now();
    // If we die here, the next look reads the history.
    if (!(await markAttempted(db, row, now, cannotArriveAfter(now)))) return;
    pace.posted(row.channel);
    const { blocks } = row.content;
    const shown = repeated ? { ...row.content, blocks: [...blocks, text.repeated(config.language)] } : row.content;
    const answer = await deps.client.chat.postMessage({
      channel,
      ...messageBody(shown),
      metadata: { event_type: 'eks_audit_message', event_payload: { key: row.key } },
      unfurl_links: false,
      unfurl_media: false,
      ...(thread ? { thread_ts: thread.ts } : {}),
    });
    await markPosted(db, row.key, {
      channel: answer.channel ?? row.channel,
      ts: answer.ts ?? '',
      version: row.version,
      repeated,
    });
    deps.metrics.posts.inc({ outcome: repeated ? 'repeated' : 'posted' });
  }

  async function edit(row: MessageRow, channel: string, ts: string): Promise<void> {
    pace.edited(row.key);
    await deps.client.chat.update({ channel, ts, ...messageBody(row.content) });
    await markEdited(db, row.key, row.version);
    deps.metrics.posts.inc({ outcome: 'edited' });
  }

  async function adoptOrRepeat(row: MessageRow): Promise<void> {
    const attemptedAt = row.attempted_at ?? clock.now();
    const over = cannotArriveAfter(attemptedAt);
    // New content makes a row due at once; what was begun before may still be on its way.
    if (clock.now() < over) return lookAgain(db, row.key, over);
    const thread = row.thread_key ? await postedAt(db, row.thread_key) : undefined;
    const sought = { key: row.key, channel: thread?.channel ?? row.channel };
    const found = await findPosted(deps.client, sought, attemptedAt, thread?.ts).catch((error) => {
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
      return post(row, true);
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
    return post(row);
  }

  function cannotArriveAfter(attemptedAt: Date): Date {
    return new Date(attemptedAt.getTime() + config.timing.http_timeout + config.timing.message_pace);
  }

  async function settleFailure(row: MessageRow, failure: Failure): Promise<void> {
    const channel = channelOf(row);
    const now = clock.now();
    const later = (ms: number) => new Date(now.getTime() + ms);
    switch (failure.kind) {
      case 'rate-limited':
        deps.metrics.posts.inc({ outcome: 'rate-limited' });
        if (row.ts) pace.holdEdits(failure.retryAfterMs);
        else pace.holdPosts(channel, failure.retryAfterMs);
        return row.ts
          ? lookAgain(db, row.key, later(failure.retryAfterMs))
          : postpone(db, row.key, later(failure.retryAfterMs));
      case 'refused-for-now':
        return row.ts ? lookAgain(db, row.key, later(backoff(row))) : postpone(db, row.key, later(backoff(row)));
      case 'in-doubt':
        // An edit may be sent again; a post may stand there already, so its row keeps the attempt.
        return row.ts ? lookAgain(db, row.key, later(backoff(row))) : undefined;
      case 'gone':
        return markFailed(db, row.key, failure.code);
      case 'channel-closed':
        return closed(row, channel, failure.code);
      case 'rejected':
        deps.log.error({ message: row.key, code: failure.code, detail: failure.detail }, 'Slack rejected a message');
        await markFailed(db, row.key, failure.code);
        return tellAdmins(`rejected:${row.key}`, text.rejected(row.key, channel, failure.code, config.language));
    }
  }

  /** The channel cannot be posted to: the message goes where it falls back to, in the end to the admins. */
  async function closed(row: MessageRow, channel: string, code: string): Promise<void> {
    deps.log.error({ message: row.key, channel, code }, 'a channel cannot be posted to; its messages go elsewhere');
    const instead = [row.fallback ?? undefined, config.admin_channel].find((other) => other && other !== channel);
    const lastResort = channel === config.admin_channel;
    if (row.ts !== null || lastResort || !instead) await markFailed(db, row.key, code);
    else await redirect(db, row.key, instead, clock.now());
    if (lastResort) return;
    const day = clock.now().toISOString().slice(0, 10);
    await tellAdmins(`closed:${channel}:${code}:${day}`, text.closed(channel, code, instead, config.language));
  }

  async function tellAdmins(key: string, content: Content): Promise<void> {
    await putMessage(db, { key: `trouble:${key}`, channel: config.admin_channel, content }, clock.now());
  }

  async function idle(): Promise<void> {
    await Promise.all(turns.values());
  }

  return { work, idle };
}

function channelOf(row: Pick<MessageRow, 'posted_channel' | 'channel'>): string {
  return row.posted_channel ?? row.channel;
}

function backoff(row: MessageRow): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(row.attempts, 6));
}
