/** Messages as rows: what should stand in Slack, and what is known to stand there. */
import { sql } from 'kysely';
import { type Db, type Executor, toJson } from '../db/database.ts';
import type { Content } from '../slack/blocks.ts';

export interface MessageIntent {
  /** Names the message for good. Putting the same key again edits it. */
  key: string;
  /** A channel id, or a user id for a direct message. */
  channel: string;
  /** Post it as an answer in the thread of this message. */
  threadKey?: string | undefined;
  content: Content;
  /** Hold it back until then; ignored once it is posted. */
  notBefore?: Date | undefined;
  /** Where it goes when the channel cannot be posted to; without one, to the admins. */
  fallback?: string | undefined;
}

export interface MessageRow {
  key: string;
  channel: string;
  thread_key: string | null;
  content: Content;
  version: number;
  sent_version: number;
  posted_channel: string | null;
  ts: string | null;
  attempted_at: Date | null;
  attempts: number;
  repeated: boolean;
  next_at: Date;
  fallback: string | null;
}

/** What is known of a due message before it is claimed; what it says may change until then. */
export type MessageHead = Omit<MessageRow, 'content' | 'version'>;

/** What is to be sent. */
export type Claimed = Pick<MessageRow, 'content' | 'version'>;

/**
 * Says what a message should be; part of the caller's transaction. Nothing is sent when the content is what it was.
 * Nudge `messages` after the commit.
 */
export async function putMessage(db: Executor, intent: MessageIntent, now: Date): Promise<void> {
  await putMessages(db, [intent], now);
}

/** The same for many in one statement; no key may occur twice. */
export async function putMessages(db: Executor, intents: readonly MessageIntent[], now: Date): Promise<void> {
  if (intents.length === 0) return;
  const rows = intents.map(({ key, channel, threadKey = null, content, notBefore, fallback = null }) => {
    const nextAt = notBefore && notBefore > now ? notBefore : now;
    return { key, channel, thread_key: threadKey, content, next_at: nextAt, fallback };
  });
  // What is on its way comes first: its claim ends with its answer, or at `next_at`.
  await sql`
    insert into messages (key, channel, thread_key, content, next_at, created_at, fallback)
    select key, channel, thread_key, content, next_at, ${now}, fallback
    from jsonb_to_recordset(${toJson(rows)}::jsonb)
      as put (key text, channel text, thread_key text, content jsonb, next_at timestamptz, fallback text)
    on conflict (key) do update set
      content = excluded.content, version = messages.version + 1, failure = null,
      next_at = case when messages.attempted_at is not null then greatest(messages.next_at, ${now})
        when messages.ts is null then excluded.next_at else ${now} end
    where messages.content is distinct from excluded.content`.execute(db);
}

/** Where a message stands, once Slack has told us; a click on it is only believed from there. */
export async function postedAt(db: Executor, key: string): Promise<{ channel: string; ts: string } | undefined> {
  const row = await db
    .selectFrom('messages')
    .select(['posted_channel', 'ts'])
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.posted_channel && row.ts ? { channel: row.posted_channel, ts: row.ts } : undefined;
}

export interface Place {
  channel: string;
  /** The message whose thread it belongs to. */
  threadTs?: string;
}

/**
 * Where a message stands or is to be posted: an answer follows its thread, which may have had to go to another
 * channel. Undefined while that thread is still to come.
 */
export async function placeOf(db: Db, row: MessageHead): Promise<Place | undefined> {
  if (row.posted_channel) return { channel: row.posted_channel };
  if (!row.thread_key) return { channel: row.channel };
  const thread = await db
    .selectFrom('messages')
    .select(['posted_channel', 'ts', 'failure'])
    .where('key', '=', row.thread_key)
    .executeTakeFirst();
  if (thread?.posted_channel && thread.ts) return { channel: thread.posted_channel, threadTs: thread.ts };
  return thread && !thread.failure ? undefined : { channel: row.channel };
}

/**
 * The next due post and the next due edit of every channel, posts first: never more than two rows a channel. `next` is
 * when another message falls due. An answer in a thread waits until the thread exists; when it never will, the answer
 * stands in the channel by itself.
 */
export async function dueHeads(db: Db, now: Date): Promise<{ heads: MessageHead[]; next: Date | undefined }> {
  const pending = sql`m.sent_version < m.version and m.failure is null and not exists (
    select from messages t where t.key = m.thread_key and t.ts is null and t.failure is null)`;
  const { rows } = await sql<(MessageHead | { key: null }) & { next: Date | null }>`
    select head.*, later.next
    from (select min(m.next_at) as next from messages m where m.next_at > ${now} and ${pending}) as later
      left join (
        select distinct on (coalesce(m.posted_channel, m.channel), m.ts is not null)
          m.key, m.channel, m.thread_key, m.sent_version, m.posted_channel, m.ts, m.attempted_at, m.attempts, m.repeated,
          m.next_at, m.fallback
        from messages m where m.next_at <= ${now} and ${pending}
        order by coalesce(m.posted_channel, m.channel), m.ts is not null,
          case when m.ts is null then m.created_at else m.next_at end
      ) as head on true
    order by coalesce(head.posted_channel, head.channel), head.ts is not null`.execute(db);
  const heads = rows.flatMap(({ next: _, ...row }) => (row.key === null ? [] : [row]));
  return { heads, next: rows[0]?.next ?? undefined };
}

/**
 * Claims a message before the call to Slack; undefined when another replica was faster. It is given back by the answer,
 * or at `nextAt` when whoever claimed it died. From here on a missing `ts` means that nobody knows whether the post
 * arrived.
 */
export async function markAttempted(db: Db, row: MessageHead, now: Date, nextAt: Date): Promise<Claimed | undefined> {
  const claimed = await db
    .updateTable('messages')
    .set({ attempted_at: now, attempts: row.attempts + 1, next_at: nextAt, repeated: row.repeated })
    .where('key', '=', row.key)
    .where('attempts', '=', row.attempts)
    .where('sent_version', '=', row.sent_version)
    .where('ts', row.ts === null ? 'is' : '=', row.ts)
    .returning(['content', 'version'])
    .executeTakeFirst();
  return claimed as Claimed | undefined;
}

/** What was changed while it was on its way is due at once, not when the call would have been given up. */
const ANSWERED = { attempts: 0, attempted_at: null, next_at: sql<Date>`coalesce(attempted_at, next_at)` };

export async function markPosted(
  db: Db,
  key: string,
  posted: { channel: string; ts: string; version: number },
): Promise<void> {
  await db
    .updateTable('messages')
    .set({
      posted_channel: posted.channel,
      ts: posted.ts,
      sent_version: posted.version,
      ...ANSWERED,
    })
    .where('key', '=', key)
    .where('ts', 'is', null)
    .execute();
}

/**
 * Whoever is answered last says what stands there: one that was frozen past its claim may have written over a newer
 * version, which is then sent again.
 */
export async function markEdited(db: Db, row: Pick<MessageRow, 'key' | 'ts'>, version: number): Promise<void> {
  await db
    .updateTable('messages')
    .set({ sent_version: version, ...ANSWERED })
    .where('key', '=', row.key)
    .where('ts', '=', row.ts)
    .execute();
}

/** Somebody deleted it in Slack: it is posted anew, and answers wait for its new thread. */
export async function forgetPlace(db: Db, row: Pick<MessageRow, 'key' | 'ts'>): Promise<void> {
  await db
    .updateTable('messages')
    .set({ ts: null, posted_channel: null, sent_version: 0, ...ANSWERED })
    .where('key', '=', row.key)
    .where('ts', '=', row.ts)
    .execute();
}

/** The call surely did not take effect: forget the attempt and look again at `at`. */
export async function postpone(db: Db, key: string, at: Date): Promise<void> {
  await db.updateTable('messages').set({ attempted_at: null, next_at: at }).where('key', '=', key).execute();
}

export async function lookAgain(db: Db, key: string, at: Date): Promise<void> {
  await db.updateTable('messages').set({ next_at: at }).where('key', '=', key).execute();
}

/** Slack will never take it as it is; other content is tried again. */
export async function markFailed(db: Db, key: string, failure: string): Promise<void> {
  await db.updateTable('messages').set({ failure, attempts: 0, attempted_at: null }).where('key', '=', key).execute();
}

/**
 * The channel cannot be posted to: send it somewhere else instead, which may be closed as well. What stood in the channel
 * is posted anew there, and answers follow it.
 */
export async function redirect(db: Db, row: Pick<MessageRow, 'key' | 'ts'>, channel: string, now: Date): Promise<void> {
  await db
    .updateTable('messages')
    .set({ channel, fallback: null, thread_key: null, ts: null, posted_channel: null, sent_version: 0 })
    .set({ attempted_at: null, attempts: 0, next_at: now })
    .where('key', '=', row.key)
    .where('ts', row.ts === null ? 'is' : '=', row.ts)
    .execute();
}

/** The message whose thread this one belongs to, if it stands in Slack. */
export async function threadOf(
  db: Db,
  { thread_key }: MessageHead,
): Promise<Pick<MessageRow, 'key' | 'ts' | 'fallback'> | undefined> {
  if (!thread_key) return undefined;
  return await db
    .selectFrom('messages')
    .select(['key', 'ts', 'fallback'])
    .where('key', '=', thread_key)
    .where('ts', 'is not', null)
    .executeTakeFirst();
}

/** Whether this message was ever meant to be, posted or not. */
export async function wasPut(db: Executor, key: string): Promise<boolean> {
  const row = await db.selectFrom('messages').select('key').where('key', '=', key).executeTakeFirst();
  return row !== undefined;
}
