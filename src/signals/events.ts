/** [Show events]: the audit events behind a signal's message, as a table in its thread. */
import { type LogEntry, searchLogs } from '../datadog/logs.ts';
import { UserError } from '../errors.ts';
import { putMessage } from '../messages/store.ts';
import { type GroupRequest, ourGroup, type TriageDeps } from './acting.ts';
import { readSample } from './audit-sample.ts';
import type { EventRow } from './card.ts';
import { asking } from './changing.ts';
import { cardKey } from './drawing.ts';
import { around, signalLogsQuery } from './links.ts';
import { eventsTable } from './list-views.ts';
import { text } from './text.ts';

const SHOWN = 20;
/** Those beyond the shown are counted, up to here. */
const COUNTED = 200;
const CELL = 120;

export async function showEvents(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const { db, clock, datadog, drawing } = deps;
  deps.requireAnalyst(request.person);
  const group = await ourGroup(deps, request);
  const card = await drawing.card(db, group);
  if (!card) throw new UserError((language) => text[language].refusal.unknownGroup);
  const { from, to } = around({ first: card.firstSeen, last: card.lastSeen });
  const entries = await asking(() => searchLogs(datadog, signalLogsQuery(card.latest), from, to, COUNTED));
  const more = Math.max(0, entries.length - SHOWN);
  const rows = entries.slice(0, SHOWN).map(toRow);
  const content = eventsTable(rows, { link: card.links.logs, more }, drawing.languageOf(group.channel));
  const key = `${cardKey(group.id)}:${request.id}`;
  await putMessage(db, { key, channel: group.channel, threadKey: cardKey(group.id), content }, clock.now());
  deps.nudge('messages');
}

function toRow({ id, at, attributes, message }: LogEntry): EventRow {
  const logged = { eventId: id, content: { timestamp: at.toISOString(), custom: attributes, message } };
  const { actor, verb, object, status, ip, cluster } = readSample(logged, CELL);
  const { namespace, resource, subresource, name } = object;
  return {
    at,
    actor: actor.session ?? actor.name ?? '',
    verb: verb ?? '',
    object: [namespace, resource, subresource, name].filter((part) => part !== undefined).join('/'),
    status: status === undefined ? '' : String(status),
    ip: ip ?? '',
    cluster: cluster?.name ?? '',
  };
}
