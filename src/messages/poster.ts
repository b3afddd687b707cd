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
import { findPosted } from './adopt.ts';
import { Pace } from './pace.ts';
import { type Failure, slackFailure } from './slack-failure.ts';
import {
  dueMessages,
  lookAgain,
  type MessageRow,
  markAttempted,
  markEdited,
  markFailed,
  markPosted,
  nextDue,
  postedAt,
  postpone,
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
}

/** Rows looked at in one go. */
const BATCH = 100;

/** Returns the work of the `messages` queue. */
export function createPoster(deps: PosterDeps): { work(): Promise<Date | undefined> } {
  const { db, clock, config } = deps;
  const pace = new Pace(clock, config.timing.message_pace);

  async function work(): Promise<Date | undefined> {
    const rows = await dueMessages(db, clock.now(), BATCH);
    const channels = Map.groupBy(rows, (row) => row.posted_channel ?? row.channel);
    // One channel after its own pace; channels beside each other, so that a slow one delays nobody else.
    await Promise.all([...channels].map(([channel, inChannel]) => workChannel(channel, inChannel)));
    return nextDue(db);
  }

  async function workChannel(channel: string, rows: MessageRow[]): Promise<void> {
    for (const row of rows) {
      const free = row.ts ? pace.editFreeAt(row.key) : pace.postFreeAt(channel);
      if (free > clock.now()) {
        await lookAgain(db, row.key, free);
        continue;
      }
      try {
        if (row.ts) await edit(row, row.posted_channel ?? channel, row.ts);
        else if (row.attempted_at) await adoptOrRepeat(row);
        else await post(row);
      } catch (error) {
        await settleFailure(row, channel, slackFailure(error));
      }
    }
  }

  async function post(row: MessageRow, repeated = false): Promise<void> {
    const now = clock.now();
    // If we die here, the next look reads the history.
    if (!(await markAttempted(db, row, now, cannotArriveAfter(now)))) return;
    pace.posted(row.channel);
    const thread = row.thread_key ? await postedAt(db, row.thread_key) : undefined;
    const answer = await deps.client.chat.postMessage({
      channel: row.channel,
      text: row.content.text,
      blocks: repeated ? [...row.content.blocks, text.repeated(config.language)] : row.content.blocks,
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
    await deps.client.chat.update({ channel, ts, text: row.content.text, blocks: row.content.blocks });
    await markEdited(db, row.key, row.version);
    deps.metrics.posts.inc({ outcome: 'edited' });
  }

  async function adoptOrRepeat(row: MessageRow): Promise<void> {
    const attemptedAt = row.attempted_at ?? clock.now();
    const over = cannotArriveAfter(attemptedAt);
    // New content makes a row due at once; what was begun before may still be on its way.
    if (clock.now() < over) return lookAgain(db, row.key, over);
    const thread = row.thread_key ? await postedAt(db, row.thread_key) : undefined;
    const found = await findPosted(deps.client, row, attemptedAt, thread?.ts).catch((error) => {
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

  async function settleFailure(row: MessageRow, channel: string, failure: Failure): Promise<void> {
    const now = clock.now();
    const later = (ms: number) => new Date(now.getTime() + ms);
    switch (failure.kind) {
      case 'rate-limited':
        pace.hold(channel, failure.retryAfterMs);
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
        deps.log.error(
          { message: row.key, channel, code: failure.code },
          'a channel cannot be posted to; its message goes to the admin channel',
        );
        return row.ts !== null || row.channel === config.admin_channel
          ? markFailed(db, row.key, failure.code)
          : redirect(db, row.key, config.admin_channel, now);
      case 'rejected':
        deps.log.error({ message: row.key, code: failure.code, detail: failure.detail }, 'Slack rejected a message');
        return markFailed(db, row.key, failure.code);
    }
  }

  return { work };
}

function backoff(row: MessageRow): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(row.attempts, 6));
}
