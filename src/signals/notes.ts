/** The timeline in the thread of a signal's message: one note for each thing that happened. Pure. */
import type { Language } from '../config.ts';
import { type Content, content } from '../slack/blocks.ts';
import { emoji, inMrkdwn, lines, type Rich, rich, richBlock, who } from '../slack/rich-text.ts';
import type { SuppressionScope } from './card.ts';
import type { Change, Triaged } from './notes-text.ts';
import { ARCHIVE_REASONS, type ArchiveReason, type Severity, type TriageState } from './signal.ts';
import { text } from './text.ts';
import { type By, sign } from './words.ts';

export type Note =
  /** The mention notifies: a card's edit does not. */
  | { what: 'raised'; from: Severity; to: Severity; mention: string | undefined }
  | {
      what: 'triaged';
      state: TriageState;
      /** Tells handing back from reopening; open after nobody knows what is said to be handed back. */
      from?: TriageState | undefined;
      by: By;
      in: 'slack' | 'datadog';
      /** Datadog's word, one of `ARCHIVE_REASONS` where we know it. */
      reason?: string | undefined;
      comment?: string | undefined;
      /** One unless said. */
      signals?: number | undefined;
      withoutAssignee?: boolean | undefined;
    }
  | { what: 'muted'; by: string; until: Date }
  /** By nobody when its time was over. */
  | { what: 'unmuted'; by: string | undefined }
  | { what: 'escalated'; mention: string; afterMs: number }
  /** In a storm's thread: its card mentions nobody. */
  | { what: 'folded'; mention: string; severity: Severity }
  /** Both sides changed it; the later one holds. */
  | { what: 'conflict'; later: Change; earlier: Change }
  | { what: 'moved'; to: string }
  | { what: 'suppression-asked'; by: string; scope: SuppressionScope; until: Date; channel: string }
  | { what: 'suppression-approved'; approvers: readonly string[]; until: Date }
  | { what: 'suppression-rejected'; by: string; reason: string }
  /** It was approved, and Datadog would not have it. The cause is Datadog's. */
  | { what: 'suppression-refused'; cause: string }
  /** `unanswered`: nobody decided in time; else its own time is over. */
  | { what: 'suppression-expired'; unanswered: boolean }
  /** Datadog could be read, after the card had gone out with what the doorbell said. */
  | { what: 'completed' };

export function threadNote(note: Note, language: Language): Content {
  const said = sentence(note, language);
  return content(inMrkdwn(said), [richBlock(lines([said]))]);
}

/** Datadog's reason in words; one we do not know stays as it came. */
export function reasonWords(reason: string, language: Language): string {
  return isReason(reason) ? text[language].reasons[reason] : reason;
}

function isReason(reason: string): reason is ArchiveReason {
  return (ARCHIVE_REASONS as readonly string[]).includes(reason);
}

function sentence(note: Note, language: Language): Rich {
  const { notes: t, severity } = text[language];
  switch (note.what) {
    case 'raised': {
      const mention = note.mention ? rich`${who(note.mention)} ` : '';
      return rich`${mention}${sign(note.to)} ${t.raised(severity[note.from], severity[note.to])}`;
    }
    case 'triaged':
      return triaged(note, language);
    case 'muted':
      return rich`${emoji('mute')} ${t.muted(note.by, note.until)}`;
    case 'unmuted':
      return rich`${emoji('loud_sound')} ${t.unmuted(note.by)}`;
    case 'escalated':
      return t.escalated(note.mention, Math.max(1, Math.round(note.afterMs / 60_000)));
    case 'folded':
      return rich`${who(note.mention)} ${sign(note.severity)} ${t.folded(severity[note.severity])}`;
    case 'conflict':
      return rich`${emoji('warning')} ${t.conflict(note.later, note.earlier)}`;
    case 'moved':
      return t.moved(note.to);
    case 'suppression-asked':
      return t.suppressionAsked(note);
    case 'suppression-approved':
      return t.suppressionApproved(note.approvers, note.until);
    case 'suppression-rejected':
      return t.suppressionRejected(note.by, note.reason);
    case 'suppression-refused':
      return rich`${emoji('warning')} ${t.suppressionRefused(note.cause)}`;
    case 'suppression-expired':
      return t.suppressionExpired(note.unanswered);
    case 'completed':
      return rich`${t.completed}`;
  }
}

function triaged(note: Extract<Note, { what: 'triaged' }>, language: Language): Rich {
  const { notes: t } = text[language];
  const facts: Triaged = {
    by: note.by,
    in: note.in,
    signals: note.signals ?? 1,
    reason: note.reason ? reasonWords(note.reason, language) : undefined,
    comment: note.comment?.trim() || undefined,
    withoutAssignee: note.withoutAssignee ?? false,
  };
  if (note.state === 'archived') return t.archived(facts);
  if (note.state === 'under_review') return t.taken(facts);
  return note.from === 'archived' ? t.reopened(facts) : t.handedBack(facts);
}
