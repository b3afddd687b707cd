/** What exists in one Slack workspace. Plain data; the workspace changes it, routes and renderer read it. */
import type { JsonObject } from './json.ts';

export interface SlackUser {
  id: string;
  /** The handle people type after `@`. */
  name: string;
  realName: string;
  email: string;
  /** BCP 47, as users.info reports it with include_locale. */
  locale: string;
  tz: string;
  tzOffsetSeconds: number;
  teamId: string;
  deleted: boolean;
  isBot: boolean;
  isAdmin: boolean;
  /** A guest of several channels. */
  isRestricted: boolean;
  /** A guest of a single channel. */
  isUltraRestricted: boolean;
  /** From another company, met through a shared channel. */
  isStranger: boolean;
}

export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  members: string[];
  disabled: boolean;
}

export interface Channel {
  id: string;
  name: string;
  kind: 'channel' | 'im';
  isPrivate: boolean;
  isArchived: boolean;
  /** Shared with another company by Slack Connect. */
  isExtShared: boolean;
  members: Set<string>;
  /** The person on the other side, in a direct message. */
  user: string | undefined;
  /** Oldest first. */
  messages: Message[];
}

/** What a message says; everything chat.update can replace. */
export interface MessageContent {
  text: string;
  blocks: JsonObject[];
  attachments: JsonObject[];
  metadata: JsonObject | undefined;
}

/** block_id → action_id → what the person has put there. */
export type StateValues = Record<string, Record<string, JsonObject>>;

export interface Message extends MessageContent {
  channel: string;
  ts: string;
  user: string;
  fromBot: boolean;
  threadTs: string | undefined;
  broadcast: boolean;
  edited: { user: string; ts: string } | undefined;
  /** What it said before each edit, oldest first. */
  earlier: MessageContent[];
  /** World time (ms) from which conversations.history shows it. */
  visibleAt: number;
  deleted: boolean;
  /** Set on an ephemeral message: the only person who sees it. */
  ephemeralFor: string | undefined;
  files: JsonObject[];
  /** Names of the bot's reactions. */
  reactions: Set<string>;
  /** What people have chosen in the menus of this message. */
  chosen: StateValues;
}

export interface View {
  id: string;
  user: string;
  kind: 'modal' | 'home';
  /** title, blocks, submit, close, callback_id, private_metadata, … as stored. */
  content: JsonObject;
  hash: string;
  rootId: string;
  previousId: string | undefined;
  chosen: StateValues;
  /** Shown beside the inputs after the last refused submission: block_id → message. */
  errors: Record<string, string>;
  open: boolean;
}

export type TimelineKind = 'post' | 'edit' | 'ephemeral' | 'dm' | 'view' | 'reaction' | 'delete' | 'failure';

/** One thing that somebody in the workspace could see happen. */
export interface TimelineEntry {
  kind: TimelineKind;
  at: Date;
  channel: string | undefined;
  /** The only person who sees it (ephemeral, dm, view, failure). */
  user: string | undefined;
  /** As it was at that moment. */
  message: Message | undefined;
  view: View | undefined;
  /** The error of a failure, the name of a reaction. */
  text: string;
  read: boolean;
}
