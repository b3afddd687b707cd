/** What must hold in the end, from the rows, from Slack and from Datadog; each breach is a sentence. */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../playground/slack/model.ts';
import { normaliseAttachments, normaliseBlocks } from '../../playground/slack/normalise-blocks.ts';
import type { World } from '../../playground/world.ts';
import { wallClock } from '../../src/clock.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import type { MessageRow } from '../../src/messages/store.ts';
import { bodyOf, text as messagesText } from '../../src/messages/text.ts';
import { loadPack } from '../../src/rules/pack.ts';
import { cardKey, createDrawing, stormKey } from '../../src/signals/drawing.ts';
import type { Group } from '../../src/signals/group-store.ts';
import { signalCard } from '../../src/signals/views.ts';
import type { MessageBody } from '../../src/slack/blocks.ts';
import { type Act, COMMENT, REASON } from './signals-people.ts';
import { KNOWN_TO_DATADOG } from './signals-world.ts';

export interface Evidence {
  world: World;
  /** What a bot was started with. */
  env: Record<string, string>;
  acts: readonly Act[];
  /** How many messages may stand there twice, marked, where history cannot be read. */
  allowedRepeats: number;
}

export interface Verdict {
  problems: string[];
  repeats: number;
  folded: number;
}

/** Everything that is stored and said, read once. */
interface Facts {
  world: World;
  db: Db;
  config: Config;
  signals: Awaited<ReturnType<typeof readSignals>>;
  groups: Group[];
  messages: Awaited<ReturnType<typeof readMessages>>;
  events: Awaited<ReturnType<typeof readEvents>>;
  /** What stands in Slack, by the key in its metadata. */
  standing: Map<string, Message[]>;
}

export async function judge({ world, env, acts, allowedRepeats }: Evidence): Promise<Verdict> {
  const config = loadConfig(env);
  const database = await openDatabase(config);
  try {
    const { db } = database;
    const facts: Facts = {
      world,
      db,
      config,
      signals: await readSignals(db),
      groups: (await db.selectFrom('signal_groups').selectAll().execute()) as unknown as Group[],
      messages: await readMessages(db),
      events: await readEvents(db),
      standing: Map.groupBy(allSaid(world), keyOf),
    };
    const { repeats, problems } = doubled(facts, allowedRepeats);
    return {
      repeats,
      folded: facts.groups.filter(({ storm_id }) => storm_id).length,
      problems: [
        ...problems,
        ...everySignal(facts),
        ...everyMessage(facts),
        ...(await everyCard(facts)),
        ...everyStorm(facts),
        ...acts.flatMap((act) => done(facts, act)),
        ...untouched(facts, acts),
      ],
    };
  } finally {
    await database.close();
  }
}

const readSignals = (db: Db) => db.selectFrom('signals').select(['id', 'state', 'group_id']).execute();
const readMessages = (db: Db) => db.selectFrom('messages').selectAll().execute();
const readEvents = (db: Db) => db.selectFrom('signal_events').select(['signal_id', 'event']).execute();

function allSaid({ slack }: World): Message[] {
  return [...slack.channels.values()].flatMap((c) => c.messages).filter((m) => m.fromBot && !m.deleted);
}

function keyOf(message: Message): string {
  const payload = message.metadata?.event_payload as { key?: string } | undefined;
  return payload?.key ?? `no key: ${message.text}`;
}

/** Every signal has one group, and the group a card or a storm. */
function everySignal({ world, signals, groups, standing, events }: Facts): string[] {
  const rows = new Map(signals.map((row) => [row.id, row]));
  const byId = new Map(groups.map((group) => [group.id, group]));
  const grouped = Map.groupBy(
    events.filter(({ event }) => (event as { what: string }).what === 'grouped'),
    ({ signal_id }) => signal_id,
  );
  const problems = world.datadog.signals.flatMap(({ id, triage }): string[] => {
    const row = rows.get(id);
    if (!row) return [`${id} is not stored`];
    const group = byId.get(row.group_id ?? '');
    if (!group) return [`${id} has no group`];
    const key = group.storm_id ? stormKey(group.storm_id) : cardKey(group.id);
    const times = standing.get(key)?.length ?? 0;
    const moves = groups.filter((other) => other.moved_to && other.key === `unread ${id}`).length;
    return [
      ...(times === 0 ? [`${id} is not in Slack: no ${key}`] : []),
      ...(row.state === triage.state ? [] : [`${id} is ${triage.state} in Datadog and ${row.state} here`]),
      ...(grouped.get(id)?.length === 1 + moves ? [] : [`${id} was grouped ${grouped.get(id)?.length ?? 0} times`]),
    ];
  });
  const known = new Set(world.datadog.signals.map(({ id }) => id));
  for (const { id } of signals) if (!known.has(id)) problems.push(`${id} is stored and was never raised`);
  return problems;
}

/** More than one only where history could not be read, and then marked. */
function doubled({ standing, messages, config }: Facts, allowed: number): { problems: string[]; repeats: number } {
  const rows = new Map(messages.map((row) => [row.key, row]));
  const marker = JSON.stringify(messagesText.repeated(config.language).elements).slice(1, 60);
  const problems: string[] = [];
  let repeats = 0;
  for (const [key, said] of standing) {
    if (!rows.has(key)) problems.push(`nobody meant to say ${key}`);
    if (said.length === 1) continue;
    const row = rows.get(key);
    if (!row?.repeated) problems.push(`${key} stands there ${said.length} times and is not marked as repeated`);
    const marked = said.filter((message) => everSaid(message).includes(marker)).length;
    if (marked < said.length - 1) problems.push(`of ${said.length} ${key} only ${marked} say that they are repeats`);
    repeats += said.length - 1;
  }
  if (repeats > allowed) problems.push(`${repeats} repeats for ${allowed} kills and lost answers`);
  return { problems, repeats };
}

/** With what stood there before an edit: the post that went first does not know yet that it is repeated. */
function everSaid({ blocks, attachments, earlier }: Message): string {
  return JSON.stringify([blocks, attachments, ...earlier.map((before) => [before.blocks, before.attachments])]);
}

/** What stands there is what the row says, in its thread if it has one. */
function everyMessage({ messages, standing, world, config }: Facts): string[] {
  const rows = new Map(messages.map((row) => [row.key, row]));
  return messages.flatMap((row): string[] => {
    if (row.failure) return [`${row.key} failed: ${row.failure}`];
    const message = standing.get(row.key)?.find((m) => m.ts === row.ts && m.channel === row.posted_channel);
    if (!message) return [`${row.key} does not stand where its row says`];
    const thread = row.thread_key ? rows.get(row.thread_key) : undefined;
    if (thread && message.threadTs !== thread.ts) return [`${row.key} is not in the thread of ${thread.key}`];
    const shown = withoutIds({ blocks: message.blocks, attachments: message.attachments });
    if (isDeepStrictEqual(shown, stored(bodyOf(row as unknown as MessageRow, config.language)))) return [];
    return [`${row.key} does not say what its row says: ${world.slack.render(message)}`];
  });
}

function stored({ blocks, attachments }: MessageBody): unknown {
  const plain = JSON.parse(JSON.stringify({ blocks, attachments }));
  return withoutIds({
    blocks: normaliseBlocks(plain.blocks),
    attachments: normaliseAttachments(plain.attachments),
  });
}

/** Slack gives a name to what has none. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner) => (key === 'block_id' ? undefined : inner));
}

/** A card drawn now from the rows is the one that was drawn last. */
async function everyCard({ db, config, groups, messages, signals }: Facts): Promise<string[]> {
  const drawing = createDrawing({ clock: wallClock, config, pack: await loadPack() });
  const rows = new Map(messages.map((row) => [row.key, row]));
  const filled = new Set(signals.map(({ group_id }) => group_id));
  const problems: string[] = [];
  for (const group of groups) {
    if (group.storm_id) continue;
    const row = rows.get(cardKey(group.id));
    const card = await drawing.card(db, group);
    if (!row) problems.push(`the group ${group.id} has no card`);
    else if (!card) {
      // Its signal was read later and belonged elsewhere, which its thread says.
      const said = messages.filter(({ thread_key }) => thread_key === row.key).length;
      if (!group.moved_to || said !== 1) problems.push(`the card ${row.key} has no signals and does not say why`);
    } else if (!isDeepStrictEqual(row.content, JSON.parse(JSON.stringify(signalCard(card, config.language)))))
      problems.push(`the card ${row.key} is not what would be drawn now: ${JSON.stringify(row.content).slice(0, 800)}`);
    if (card && !filled.has(group.id)) problems.push(`the group ${group.id} has a card and no signals`);
  }
  return problems;
}

/** A storm's card counts what was folded into it. */
function everyStorm({ groups, messages, signals }: Facts): string[] {
  const storms = Map.groupBy(
    groups.filter(({ storm_id, unfolded_from }) => storm_id ?? unfolded_from),
    ({ storm_id, unfolded_from }) => storm_id ?? unfolded_from ?? '',
  );
  return [...storms].flatMap(([id, folded]): string[] => {
    const row = messages.find(({ key }) => key === stormKey(id));
    const ids = new Set(folded.map((group) => group.id));
    const count = signals.filter(({ group_id }) => group_id && ids.has(group_id)).length;
    const said = JSON.stringify(row?.content ?? '');
    const expected = count > 0 ? new RegExp(`\\b${count} signals?\\b`) : /all of its signals have moved on/;
    return expected.test(said) ? [] : [`the storm ${id} has ${count} signals and says ${said}`];
  });
}

/** Datadog, our record and the thread know of it, once. */
function done({ world, signals, groups, messages, events }: Facts, { deed, who, signalId, clicks }: Act): string[] {
  const about = `${deed} of ${signalId}`;
  const signal = world.datadog.signals.find(({ id }) => id === signalId);
  if (!signal) return [`${about}: no such signal`];
  const { state, archiveReason, archiveComment, assignee } = signal.triage;
  const groupId = signals.find(({ id }) => id === signalId)?.group_id ?? '';
  // Datadog may have no time for the assignment, or for the question before a second one; then the card says that nobody
  // is assigned there, as far as is known.
  const unassigned = groups.find(({ id }) => id === groupId)?.taken?.withoutAssignee === true;
  const isAssigned = who === KNOWN_TO_DATADOG && (!unassigned || assignee !== undefined);
  const email = isAssigned ? world.slack.user(who).email : undefined;
  const { name } = world.slack.user(who);
  const wanted = {
    take: ['under_review', 'none', undefined, email],
    archive: ['archived', REASON, `${COMMENT} (by ${name} via eks-audit)`, undefined],
    'in Datadog': ['archived', 'remediated', undefined, undefined],
  }[deed];
  const found = [state, archiveReason, archiveComment, assignee?.email];
  const problems = isDeepStrictEqual(found, wanted) ? [] : [`${about} left ${JSON.stringify(found)} in Datadog`];

  const mine = events.filter(({ signal_id }) => signal_id === signalId).map(({ event }) => event as RecordedEvent);
  const records = mine.filter(({ what, in: where, by }) =>
    deed === 'in Datadog'
      ? what === 'triaged' && where === 'datadog' && by && 'name' in by
      : what === (deed === 'take' ? 'taken' : 'triaged') &&
        where === 'slack' &&
        by &&
        'userId' in by &&
        by.userId === who,
  ).length;
  const prefix = `${cardKey(groupId)}:`;
  const notes = messages.filter(({ key }) => key.startsWith(prefix) && !key.includes(':completed:'));
  // The note of a click has the delivery's id, any other one of its own making.
  const own = notes.filter(({ key }) => UUID.test(key.slice(prefix.length))).length;
  const most = deed === 'in Datadog' ? 1 : Math.max(1, clicks);
  const said = deed === 'in Datadog' ? own : notes.length - own;
  if (records < 1 || records > most) problems.push(`${about} is ${records} times on record after ${clicks} clicks`);
  if (said < 1 || said > most) problems.push(`${about} is ${said} times in the thread after ${clicks} clicks`);
  if (deed !== 'in Datadog' && own > 0)
    problems.push(`${about}: the thread says ${own} times that it was done in Datadog: ${JSON.stringify(mine)}`);
  return problems;
}

interface RecordedEvent {
  what: string;
  in?: string;
  by?: { userId: string } | { name: string };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What nobody has touched is as it was raised. */
function untouched({ world }: Facts, acts: readonly Act[]): string[] {
  const touched = new Set(acts.map(({ signalId }) => signalId));
  return world.datadog.signals
    .filter(({ id, triage }) => !touched.has(id) && (triage.state !== 'open' || triage.assignee))
    .map(({ id, triage }) => `nobody touched ${id}, and it is ${triage.state} in Datadog`);
}
