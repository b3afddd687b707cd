/**
 * One Slack workspace: what is said and open in it, and the changes anybody can make. It knows no HTTP; the Web API
 * (routes.ts) and the people (people.ts) both act on it.
 */

import type { WorldTime } from '../time.ts';
import { Directory } from './directory.ts';
import { newObjectId, newSecret, newViewHash, Timestamps } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Message, MessageContent, TimelineEntry, TimelineKind, View } from './model.ts';
import { normaliseAttachments, normaliseBlocks, normaliseText } from './normalise-blocks.ts';
import { Permits } from './permits.ts';
import { Timeline } from './timeline.ts';

/** Longer texts are cut, docs.slack.dev/reference/methods/chat.postMessage. */
const TEXT_TRUNCATED_AT = 40_000;

export interface Upload {
  id: string;
  path: string;
  filename: string;
  length: number;
  bytes: Buffer | undefined;
  completed: boolean;
  title: string;
}

export type WorkspaceOptions = { time: WorldTime; signingSecret: string; botToken: string; appToken?: string };

export class Workspace extends Directory {
  readonly time: WorldTime;
  readonly signingSecret: string;
  readonly botToken: string;
  readonly appToken: string | undefined;
  readonly app = { id: 'A0EKSAUDIT', verificationToken: newSecret() };
  /** Bot scopes granted at installation; take some away to see missing_scope. */
  readonly scopes = new Set([
    'commands',
    'chat:write',
    'chat:write.public',
    'im:write',
    'im:read',
    'users:read',
    'users:read.email',
    'usergroups:read',
    'channels:read',
    'channels:join',
    'channels:history',
    'groups:read',
    'groups:history',
    'im:history',
    'files:read',
    'files:write',
    'reactions:write',
  ]);
  /** How long (ms, real-world duration) a fresh message stays missing from conversations.history. */
  historyLagMs = 0;
  readonly ephemerals: Message[] = [];
  readonly views = new Map<string, View>();
  /** Per person, the open modals, the visible one last. */
  readonly modalStacks = new Map<string, View[]>();
  readonly uploads = new Map<string, Upload>();
  readonly log = new Timeline();
  readonly permits: Permits;
  readonly #timestamps = new Timestamps();

  constructor(options: WorkspaceOptions) {
    super();
    this.time = options.time;
    this.signingSecret = options.signingSecret;
    this.botToken = options.botToken;
    this.appToken = options.appToken;
    this.permits = new Permits(options.time, this.team.id);
  }

  /** A message or ephemeral message that still exists. */
  findMessage(channelId: string, ts: string): Message | undefined {
    const isIt = (message: Message) => message.channel === channelId && message.ts === ts && !message.deleted;
    return this.channels.get(channelId)?.messages.find(isIt) ?? this.ephemerals.find(isIt);
  }

  post(
    channel: Channel,
    content: Partial<MessageContent>,
    options: { user?: string; threadTs?: string | undefined; broadcast?: boolean; files?: JsonObject[] } = {},
  ): Message {
    const message = this.#newMessage(channel, content, options);
    channel.messages.push(message);
    const byPerson = !message.fromBot;
    if (channel.kind === 'im') this.#tell('dm', message, { user: channel.user, read: byPerson });
    else this.#tell('post', message, { read: byPerson });
    return message;
  }

  /** A message only one person sees. It lives until that person reloads, and no API method can change it. */
  whisper(channel: Channel, userId: string, content: Partial<MessageContent>, threadTs?: string): Message {
    const message = this.#newMessage(channel, content, { threadTs });
    message.ephemeralFor = userId;
    this.ephemerals.push(message);
    this.#tell('ephemeral', message, { user: userId });
    return message;
  }

  /** Replaces what is given; the timeline shows the edit even if it changes nothing visible. */
  edit(message: Message, content: Partial<MessageContent>, marksEdited: boolean): void {
    message.earlier.push(contentOf(message));
    Object.assign(message, normaliseContent(content));
    if (marksEdited) message.edited = { user: message.user, ts: this.#timestamps.next() };
    const user = message.ephemeralFor ?? this.channels.get(message.channel)?.user;
    this.#tell('edit', message, { user });
  }

  remove(message: Message): void {
    message.deleted = true;
    this.#tell('delete', message, { user: message.ephemeralFor ?? this.channels.get(message.channel)?.user });
  }

  /** A reload of the client: ephemeral messages are gone for good. */
  reload(userId: string): void {
    for (const message of this.ephemerals) if (message.ephemeralFor === userId) message.deleted = true;
  }

  /** Everything said, opened and handed out is gone; people, groups and channels stay. */
  reset(): void {
    for (const channel of this.channels.values()) channel.messages = [];
    this.ephemerals.length = 0;
    this.log.entries.length = 0;
    for (const gone of [this.views, this.modalStacks, this.uploads, this.permits.triggers, this.permits.responseUrls]) {
      gone.clear();
    }
  }

  showView(view: View): void {
    this.log.add({ kind: 'view', user: view.user, view: structuredClone(view) });
  }

  fail(error: string, user: string, channel: string | undefined): TimelineEntry {
    return this.log.add({ kind: 'failure', text: error, user, channel });
  }

  newTs(): string {
    return this.#timestamps.next();
  }

  newView(user: string, kind: View['kind'], content: JsonObject, previous?: View): View {
    const id = newObjectId('V');
    const view: View = {
      id,
      user,
      kind,
      content,
      hash: newViewHash(),
      rootId: previous?.rootId ?? id,
      previousId: previous?.id,
      chosen: {},
      errors: {},
      open: true,
    };
    this.views.set(id, view);
    return view;
  }

  #newMessage(
    channel: Channel,
    content: Partial<MessageContent>,
    options: { user?: string; threadTs?: string | undefined; broadcast?: boolean; files?: JsonObject[] },
  ): Message {
    return {
      text: '',
      blocks: [],
      attachments: [],
      metadata: undefined,
      ...normaliseContent(content),
      channel: channel.id,
      ts: this.#timestamps.next(),
      user: options.user ?? this.bot.userId,
      fromBot: options.user === undefined,
      threadTs: options.threadTs,
      broadcast: options.broadcast ?? false,
      edited: undefined,
      earlier: [],
      visibleAt: this.time.now() + this.historyLagMs / this.time.speed,
      deleted: false,
      ephemeralFor: undefined,
      files: options.files ?? [],
      reactions: new Set(),
      chosen: {},
    };
  }

  #tell(kind: TimelineKind, message: Message, more: Partial<TimelineEntry>): void {
    this.log.add({ kind, channel: message.channel, message: structuredClone(message), ...more });
  }
}

function normaliseContent(content: Partial<MessageContent>): Partial<MessageContent> {
  const stored: Partial<MessageContent> = { ...content };
  if (content.text !== undefined) stored.text = normaliseText(content.text).slice(0, TEXT_TRUNCATED_AT);
  if (content.blocks) stored.blocks = normaliseBlocks(content.blocks);
  if (content.attachments) stored.attachments = normaliseAttachments(content.attachments);
  return stored;
}

function contentOf(message: Message): MessageContent {
  const { text, blocks, attachments, metadata } = message;
  return structuredClone({ text, blocks, attachments, metadata });
}
