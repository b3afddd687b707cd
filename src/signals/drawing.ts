/**
 * From rows to messages: what a group, a storm or a note says, put into `messages` inside the transaction that changed
 * it, or that finds it due to be drawn. What people read is therefore what is stored, whatever crashes in between.
 */
import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { signalUrl } from '../datadog/sites.ts';
import type { Executor } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { type MessageIntent, putMessages } from '../messages/store.ts';
import type { RulePack } from '../rules/pack.ts';
import type { GroupCard, StormCard } from './card.ts';
import { provisionalSignal, silentDoorbell } from './doorbell.ts';
import type { Group, Storm } from './group-store.ts';
import { signalLogsUrl, signalsUrl } from './links.ts';
import { type Note, threadNote } from './notes.ts';
import { defaultChannel } from './routing.ts';
import { SEVERITIES, type Severity } from './signal.ts';
import { stormCard } from './storm-views.ts';
import { type Summary, summarise } from './summaries.ts';
import { triageSteps } from './triage-steps.ts';
import { signalCard } from './views.ts';
import { heldUntil } from './waiting.ts';

type Trx = Transaction<Tables>;

/** Something to say in a group's thread. The key makes it one message, however often it is said. */
export interface Told {
  group: Group;
  note: Note;
  key?: string;
}

export interface Drawing {
  /**
   * Draws the cards of these groups and tells the notes; returns the groups in which nothing is left to do. `left` is
   * what those looked like that signals have just moved away from.
   */
  draw(
    trx: Trx,
    groups: readonly Group[],
    told: readonly Told[],
    left?: ReadonlyMap<string, Summary>,
  ): Promise<string[]>;
  drawStorm(trx: Trx, storm: Storm): Promise<void>;
  /** Values for the views that show one group in another shape. */
  card(db: Executor, group: Group): Promise<GroupCard | undefined>;
  languageOf(channel: string): Language;
}

export function createDrawing(deps: { clock: Clock; config: Config; pack: RulePack }): Drawing {
  const { clock, config, pack } = deps;

  function languageOf(channel: string): Language {
    return config.channels[channel]?.language ?? config.language;
  }

  async function draw(
    trx: Trx,
    groups: readonly Group[],
    told: readonly Told[],
    left: ReadonlyMap<string, Summary> = new Map(),
  ): Promise<string[]> {
    const now = clock.now();
    // A digest is drawn when it is due, a storm has a card of its own.
    const shown = groups.filter((group) => group.deliver === 'post' && !group.storm_id);
    const summaries = await summarise(
      trx,
      groups.map((group) => group.id),
    );
    const intents: MessageIntent[] = shown.flatMap((group) => {
      const before = left.get(group.id);
      const summary = summaries.get(group.id) ?? (before && { ...before, counts: NO_SIGNALS });
      return summary ? [cardIntent(group, summary, now)] : [];
    });
    for (const { group, note, key } of told) {
      if (group.deliver !== 'post') continue;
      if (group.storm_id) {
        const called = callOf(note, stormKey(group.storm_id));
        if (called && !intents.some((intent) => intent.key === called))
          intents.push({
            key: called,
            channel: group.channel,
            threadKey: stormKey(group.storm_id),
            content: threadNote(note, languageOf(group.channel)),
          });
        continue;
      }
      if (note.what === 'folded') continue;
      intents.push({
        key: noteKey(group.id, key ?? randomUUID()),
        channel: group.channel,
        threadKey: cardKey(group.id),
        content: threadNote(note, languageOf(group.channel)),
      });
    }
    await putMessages(trx, intents, now);
    return groups.flatMap(({ id, closed_at }) => {
      const counts = summaries.get(id)?.counts ?? (left.has(id) ? NO_SIGNALS : undefined);
      return counts && closed_at === null && counts.open + counts.under_review === 0 ? [id] : [];
    });
  }

  function cardIntent(group: Group, summary: Summary, now: Date): MessageIntent {
    return {
      key: cardKey(group.id),
      channel: group.channel,
      content: signalCard(cardOf(group, summary), languageOf(group.channel)),
      notBefore: heldUntil(summary.severity, group.route, group.mute, now),
      fallback: defaultChannel(config),
    };
  }

  function cardOf(group: Group, summary: Summary): GroupCard {
    const { firstSeen, lastSeen, latestId } = summary;
    const latest = summary.latest ?? {
      ...provisionalSignal(summary.doorbell ?? silentDoorbell(latestId), firstSeen),
      severity: group.severity,
    };
    const { assignee } = summary;
    const taken = group.taken ?? (assignee ? { by: { name: assignee }, at: undefined, withoutAssignee: false } : null);
    return {
      groupId: group.id,
      severity: summary.severity,
      counts: summary.counts,
      events: summary.events,
      firstSeen,
      lastSeen,
      latest,
      actors: summary.actors,
      moreActors: summary.moreActors,
      clusters: summary.clusters,
      provisional: summary.unread,
      test: summary.test,
      triageSteps: triageSteps(pack, latest, languageOf(group.channel)),
      mention: group.route.mention,
      taken: taken ? { ...taken, at: taken.at ? new Date(taken.at) : undefined } : undefined,
      mute:
        group.mute && summary.severity !== 'critical'
          ? { until: new Date(group.mute.until), by: group.mute.by }
          : undefined,
      escalated:
        group.escalated_at && group.route.escalate
          ? { at: group.escalated_at, mention: group.route.escalate.mention }
          : undefined,
      movedTo: group.moved_to ?? undefined,
      suppression: group.suppression
        ? { state: group.suppression.state, until: new Date(group.suppression.until) }
        : undefined,
      links: {
        logs: signalLogsUrl(config, latest, { first: firstSeen, last: lastSeen }),
        signal: signalUrl(config, latestId),
      },
    };
  }

  async function card(db: Executor, group: Group): Promise<GroupCard | undefined> {
    const summary = (await summarise(db, [group.id])).get(group.id);
    return summary && cardOf(group, summary);
  }

  async function drawStorm(trx: Trx, storm: Storm): Promise<void> {
    const content = stormCard(await stormFacts(trx, storm), languageOf(storm.channel));
    const intent = { key: stormKey(storm.id), channel: storm.channel, content, fallback: defaultChannel(config) };
    await putMessages(trx, [intent], clock.now());
  }

  async function stormFacts(trx: Trx, storm: Storm): Promise<StormCard> {
    const inStorm = sql`from signals join signal_groups on signal_groups.id = signals.group_id
      where signal_groups.storm_id = ${storm.id} or signal_groups.unfolded_from = ${storm.id}`;
    const counted = await sql<{ kind: string; name: string; signals: number }>`
      select kind, name, count(*)::int as signals from (select signals.* ${inStorm}) folded,
        lateral (values ('severity', severity), ('rule', rule), ('actor', actor), ('cluster', cluster)) as it (kind, name)
      where name is not null group by kind, name order by signals desc, name`.execute(trx);
    const totals = await sql<{ signals: number; groups: number }>`
      select count(*)::int as signals, count(distinct group_id)::int as groups ${inStorm}`.execute(trx);
    const top = (kind: string) => counted.rows.filter((row) => row.kind === kind).slice(0, STORM_TOP);
    const bySeverity = new Map(counted.rows.filter((row) => row.kind === 'severity').map((r) => [r.name, r.signals]));
    const { signals = 0, groups = 0 } = totals.rows[0] ?? {};
    return {
      stormId: storm.id,
      state: storm.ended_at ? 'over' : 'raging',
      since: storm.started_at,
      until: storm.ended_at ? storm.last_at : undefined,
      signals,
      groups,
      bySeverity: Object.fromEntries(SEVERITIES.map((s) => [s, bySeverity.get(s) ?? 0])) as Record<Severity, number>,
      topRules: top('rule').map(({ name, signals }) => ({ name, signals })),
      topActors: top('actor').map(({ name, signals }) => ({ name, signals })),
      topClusters: top('cluster').map(({ name, signals }) => ({ name, signals })),
      link: signalsUrl(
        config,
        new Date(storm.started_at.getTime() - STORM_MARGIN_MS),
        new Date(storm.last_at.getTime() + STORM_MARGIN_MS),
      ),
    };
  }

  return { draw, drawStorm, card, languageOf };
}

const NO_SIGNALS = { open: 0, under_review: 0, archived: 0 };
const STORM_TOP = 3;
/** Datadog raised the first of them before we heard of it. */
const STORM_MARGIN_MS = 5 * 60_000;

/** Hundreds fold together, so whoever is to come is called once for all of them: by severity, and when nobody came. */
function callOf(note: Note, storm: string): string | undefined {
  if (note.what === 'escalated') return `${storm}:escalated:${note.mention}`;
  if (note.what === 'folded') return `${storm}:folded:${note.mention}:${note.severity}`;
  if (note.what === 'raised' && note.mention) return `${storm}:raised:${note.mention}:${note.to}`;
  return undefined;
}

export function cardKey(groupId: string): string {
  return `signals:${groupId}`;
}

/** An answer in the thread of a group's card. */
export function noteKey(groupId: string, key: string): string {
  return `${cardKey(groupId)}:${key}`;
}

export function stormKey(stormId: string): string {
  return `storm:${stormId}`;
}
