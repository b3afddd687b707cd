/** A signal, everything said about it in every view, and what Slack would make of each: problems, text, who is notified. */
import type { ModalView } from '@slack/types';
import { isObject, type Json, type JsonObject } from '../../playground/slack/json.ts';
import { liveMentions, renderMessage, renderView, wouldNotify } from '../../playground/slack/render.ts';
import { Slack } from '../../playground/slack/state.ts';
import { validateAttachments, validateMessageBlocks, validateView } from '../../playground/slack/validate-blocks.ts';
import { worded } from '../../playground/slack/validate-schema.ts';
import { WorldTime } from '../../playground/time.ts';
import type { Language } from '../../src/config.ts';
import type { EventRow, GroupCard, GroupLine, Receipt, StormCard } from '../../src/signals/card.ts';
import { digestView, eventsTable, receiptView, signalsList, testButtonPressed } from '../../src/signals/list-views.ts';
import { archiveModal, muteModal, stormModal, suppressModal } from '../../src/signals/modals.ts';
import { type Note, threadNote } from '../../src/signals/notes.ts';
import { ARCHIVE_REASONS } from '../../src/signals/signal.ts';
import { stormCard } from '../../src/signals/storm-views.ts';
import { type SuppressionCard, suppressionCard } from '../../src/signals/suppression-views.ts';
import { signalCard } from '../../src/signals/views.ts';
import { type Content, messageBody } from '../../src/slack/blocks.ts';
import { loadingView } from '../../src/slack/dialog.ts';
import { ANA, ARJUN, AT, CARDS, SOC } from './samples.ts';

export const LANGUAGES: readonly Language[] = ['en', 'ja'];

/** A workspace nobody talks to: only its renderer and its directory are used. */
export function openDirectory(): Slack {
  const slack = new Slack({ time: new WorldTime(), signingSecret: 's', botToken: 'xoxb' });
  slack.addUser({ id: ANA, name: 'ana' });
  slack.addUser({ id: ARJUN, name: 'arjun' });
  slack.addUserGroup({ id: SOC, handle: 'soc', members: [ANA] });
  slack.addChannel({ id: 'C0URGENT01', name: 'urgent', members: [ANA, ARJUN] });
  slack.addChannel({ id: 'C0APPROVE1', name: 'approvals', members: [ARJUN] });
  return slack;
}

export interface Drawn {
  problems: string[];
  text: string;
  notifies: string[];
  /** Mentions that are live anywhere, shown or not. */
  mentions: string[];
}

export function drawMessage(slack: Slack, content: Content): Drawn {
  const { text, blocks, attachments } = JSON.parse(JSON.stringify(messageBody(content))) as {
    text: string;
    blocks: JsonObject[];
    attachments: JsonObject[];
  };
  const message = slack.post(slack.channel('#urgent'), { text, blocks, attachments });
  const problems = [
    ...problemsOf(validateMessageBlocks([...blocks, ...attachments.flatMap((a) => a.blocks as JsonObject[])])),
    ...problemsOf(validateAttachments(attachments)),
    ...(text.length > 4000 || text === '' ? ['text is empty or too long'] : []),
  ];
  return {
    problems,
    text: renderMessage(slack, message),
    notifies: wouldNotify(slack, message),
    mentions: liveMentions(slack, message),
  };
}

export function drawView(slack: Slack, view: ModalView): Drawn {
  const content = JSON.parse(JSON.stringify(view)) as JsonObject;
  const blocks = content.blocks as JsonObject[];
  const { mentions } = drawMessage(slack, { text: 'x', blocks: blocks as unknown as Content['blocks'] });
  const stored = {
    id: 'V1',
    user: ANA,
    kind: 'modal',
    content,
    hash: '',
    rootId: 'V1',
    previousId: undefined,
  } as const;
  return {
    problems: problemsOf(validateView(content)),
    text: renderView(slack, { ...stored, chosen: {}, errors: {}, open: true }),
    notifies: [],
    mentions,
  };
}

function problemsOf(found: ReturnType<typeof validateView>): string[] {
  return found ? [found.error, ...found.problems.map(worded)] : [];
}

/** Every address somebody could press, and every mrkdwn text, in what Slack is given. */
export function addressesIn(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  if (!isObject(value)) return [];
  const own = typeof value.url === 'string' ? [value.url] : [];
  const marked =
    value.type === 'mrkdwn' && typeof value.text === 'string'
      ? [...value.text.matchAll(/<((?:https?|mailto|tel):[^|>]*)/g)].map(([, url = '']) => url)
      : [];
  return [...own, ...marked, ...Object.values(value).flatMap(addressesIn)];
}

/** Every message with these values in it. */
export function everyMessage(language: Language, v: Values): Content[] {
  const table = { link: v.card.links.logs, more: 3 };
  return [
    ...Object.values(CARDS).map((more) => signalCard({ ...v.card, ...more, ...v.hostile }, language)),
    signalCard(v.card, language),
    stormCard(v.storm, language),
    stormCard({ ...v.storm, state: 'over', until: AT('15:00:00') }, language),
    ...v.notes.map((note) => threadNote(note, language)),
    signalsList(v.lines, { sinceHours: 24, total: v.lines.length + 1 }, language),
    digestView(
      { from: AT('00:00:00'), to: AT('23:00:00'), signals: 9, lines: [...v.lines], more: 4, link: table.link },
      language,
    ),
    receiptView(v.receipt, language),
    eventsTable(v.rows, table, language),
    ...(['open', 'approved', 'rejected', 'expired'] as const).map((state) =>
      suppressionCard({ ...v.suppression, state }, language),
    ),
    testButtonPressed(language),
  ];
}

export function everyView(language: Language, v: Values): ModalView[] {
  const page = { stormId: v.storm.stormId, page: 2, pages: 3, severity: 'high' as const };
  return [
    archiveModal(v.card, ARCHIVE_REASONS, language, 'm'),
    muteModal(v.card, language, 'm'),
    suppressModal([v.suppression.preview], v.card, language, 'm'),
    suppressModal([], v.card, language, 'm'),
    stormModal({ ...page, lines: v.lines }, language, 'm'),
    stormModal({ ...page, lines: [] }, language, 'm'),
    loadingView(language),
  ];
}

export interface Values {
  card: GroupCard;
  /** Laid over every kind of card, so that none of them hides the values. */
  hostile: Partial<GroupCard>;
  storm: StormCard;
  notes: readonly Note[];
  lines: readonly GroupLine[];
  receipt: Receipt;
  rows: readonly EventRow[];
  suppression: SuppressionCard;
}
