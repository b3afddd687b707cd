/**
 * Slack as tests and the demo hold it: the workspace, its knobs, the connection to the bot, the people, and the
 * timeline to read from.
 */
import type { Ack } from './dispatch.ts';
import { emitEvent, verifyEndpoint } from './events.ts';
import type { Entered } from './inputs.ts';
import type { JsonObject } from './json.ts';
import { closeView, type SubmitResult, submit } from './modals.ts';
import type { Message, TimelineEntry, View } from './model.ts';
import {
  type ActResult,
  actor,
  type ClickOptions,
  type ClickResult,
  click,
  select,
  shortcut,
  slash,
  type Target,
} from './people.ts';
import { RateLimits } from './rate-limits.ts';
import { renderEntry, renderMessage, renderView, wouldNotify } from './render.ts';
import { SocketModeServer } from './socket-mode.ts';
import type { EntryFilter } from './timeline.ts';
import { Workspace, type WorkspaceOptions } from './workspace.ts';

const DEFAULT_WAIT_MS = 5_000;

/**
 * `#ops` or a channel id: what stands in that channel. `@jane` or a user id: what only Jane sees (direct and
 * ephemeral messages, errors). Or a filter.
 */
export type Where = string | EntryFilter;

export class Slack extends Workspace {
  /** Where clients reach this Slack, without a trailing slash: the answer of `Door.open`. */
  publicUrl = '';
  /** The bot's request URL; empty in Socket Mode. */
  eventsUrl = '';
  /** How long (ms, real-world duration) chat.postMessage takes; with a shorter client timeout the post lands after it. */
  slowPostMs = 0;
  /** How long (wall ms) Slack waits for an ack. */
  ackDeadlineMs = 3_000;
  /** The manifest's should_escape of the slash command. */
  shouldEscape = true;
  /** The manifest's messages_tab_enabled: without it nobody can be written to directly. */
  messagesTabEnabled = true;
  /** User groups are a feature of paid plans. */
  planUpgradeRequired = false;
  /** Answered to every call: `account_inactive`, `token_revoked`, `token_expired`. */
  tokenError: string | undefined;
  readonly limits: RateLimits;
  readonly socketMode: SocketModeServer;

  constructor(options: WorkspaceOptions) {
    super(options);
    this.limits = new RateLimits(options.time);
    this.socketMode = new SocketModeServer(this.app.id);
  }

  /** Deliver over HTTP to this URL, or to whoever is connected by Socket Mode. */
  connect(to: { eventsUrl: string } | { socketMode: true }): void {
    this.eventsUrl = 'eventsUrl' in to ? to.eventsUrl : '';
  }

  get timeline(): TimelineEntry[] {
    return this.log.entries;
  }

  /** What people saw go wrong: operation_timeout, dispatch_failed, invalid_command_response, … */
  get failures(): TimelineEntry[] {
    return this.log.entries.filter((entry) => entry.kind === 'failure');
  }

  slash(user: string, channel: string, line: string, options: { inThread?: string } = {}): Promise<ActResult> {
    return slash(this, user, channel, line, options);
  }

  click(user: string, target: Target, button: string, options: ClickOptions = {}): Promise<ClickResult> {
    return click(this, user, target, button, options);
  }

  select(
    user: string,
    target: Target,
    menu: string,
    entered: Entered,
    options: ClickOptions = {},
  ): Promise<ClickResult> {
    return select(this, user, target, menu, entered, options);
  }

  submit(user: string, viewId: string, values: Record<string, Entered> = {}): Promise<SubmitResult> {
    return submit(this, user, viewId, values);
  }

  closeView(user: string, viewId: string, options: { all?: boolean } = {}): Promise<void> {
    return closeView(this, user, viewId, options);
  }

  shortcut(user: string, callbackId: string): Promise<ActResult> {
    return shortcut(this, user, callbackId);
  }

  /** A person writes a message. */
  say(user: string, channel: string, text: string, threadTs?: string): Message {
    return this.post(this.channel(channel), { text }, { user: actor(this, user).id, threadTs });
  }

  emitEvent(event: JsonObject, options: { duplicate?: boolean } = {}): Promise<Ack> {
    return emitEvent(this, event, options);
  }

  verifyEndpoint(): Promise<boolean> {
    return verifyEndpoint(this);
  }

  /** The modal in front of this person. */
  modalOf(user: string): View | undefined {
    return this.modalStacks.get(this.user(user).id)?.at(-1);
  }

  unread(where?: Where): TimelineEntry[] {
    return this.log.unread(where === undefined ? {} : this.#filter(where));
  }

  /** The first unread entry there that fits, marked as read; waits for it. */
  nextMessage(
    where: Where,
    predicate: (entry: TimelineEntry) => boolean = () => true,
    timeoutMs = DEFAULT_WAIT_MS,
  ): Promise<TimelineEntry> {
    return this.log.next(this.#filter(where), predicate, timeoutMs, () => this.unreadAsText());
  }

  /** The next modal this person is shown: opened, updated, pushed, or with errors. */
  async nextView(user: string, timeoutMs = DEFAULT_WAIT_MS): Promise<View> {
    const filter: EntryFilter = { kind: 'view', user: this.user(user).id };
    const entry = await this.log.next(
      filter,
      () => true,
      timeoutMs,
      () => this.unreadAsText(),
    );
    return entry.view as View;
  }

  until<T>(probe: () => T | undefined | null | false, timeoutMs = DEFAULT_WAIT_MS): Promise<T> {
    return this.log.until(probe, timeoutMs, () => this.unreadAsText());
  }

  /** Everything nobody has read, as text: empty when a test has looked at all there was. */
  unreadAsText(): string {
    return this.unread()
      .map((entry) => renderEntry(this, entry))
      .join('\n\n');
  }

  /** As a person reads it in the client. */
  render(shown: Message | View | TimelineEntry): string {
    if ('hash' in shown) return renderView(this, shown);
    return 'kind' in shown ? renderEntry(this, shown) : renderMessage(this, shown);
  }

  /** Whom this message would notify: `@jane`, `@sre`, `@channel`. */
  wouldNotify(message: Message): string[] {
    return wouldNotify(this, message);
  }

  /** Waits a real-world duration of the world's time. */
  pass(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => {
      this.time.later(ms, what, () => resolve());
    });
  }

  async close(): Promise<void> {
    await this.socketMode.close();
  }

  #filter(where: Where): EntryFilter {
    if (typeof where !== 'string') {
      const channel = where.channel && this.channel(where.channel).id;
      const user = where.user && this.user(where.user).id;
      return { ...where, ...(channel ? { channel } : {}), ...(user ? { user } : {}) };
    }
    if (where.startsWith('@') || this.users.has(where)) {
      return { user: this.user(where).id, kind: ['dm', 'ephemeral', 'edit', 'delete', 'failure'] };
    }
    const channel = this.channel(where);
    return { channel: channel.id, public: channel.kind !== 'im', kind: ['post', 'dm', 'edit', 'delete', 'reaction'] };
  }
}
