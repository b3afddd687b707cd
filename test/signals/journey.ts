/** What the journeys of signals do over and over: a bot that hears of them, ringing its bell, filling in its dialogs, counting what was asked and said. */
import { setTimeout as pause } from 'node:timers/promises';
import { addSignalWebhook, CHANNELS, PEOPLE } from '../../playground/acme.ts';
import type { Entered } from '../../playground/slack/inputs.ts';
import type { Message, TimelineEntry, View } from '../../playground/slack/model.ts';
import { SECRETS } from '../../playground/world.ts';
import { type StartOptions, startBot, type TestBot, type Who } from '../bot.ts';

export const HOUR_MS = 3_600_000;

const TIMING = {
  poll: '60ms',
  sweep: '250ms',
  lookup_for: '400ms',
  adopt_for: '500ms',
  lease: '15s',
  http_timeout: '5s',
  message_pace: '10ms',
  edit_pace: '1ms',
  signals_poll: '150ms',
  signal_read_for: '500ms',
  storm_window: '2s',
};

export type SignalsOptions = Omit<StartOptions, 'file'> & {
  /** The section `signals` of the configuration, without its channel. */
  signals?: Record<string, unknown>;
  timing?: Record<string, string>;
  file?: Record<string, unknown>;
};

/** A bot that finds signals by asking, at once and without Slack’s limits; what is said beside the point is not read. */
export async function startPolling(options: SignalsOptions = {}): Promise<TestBot> {
  const { signals, timing, file, seed, ...rest } = options;
  const bot = await startBot({
    speed: 1000,
    ...rest,
    file: {
      timing: { ...TIMING, ...timing },
      ...(signals && { signals: { channel: CHANNELS.security, ...signals } }),
      ...file,
    },
    seed(world) {
      // An audit event every now and then leaves the machine to the bot.
      world.aws.backgroundEveryMs = 3_600_000;
      seed?.(world);
    },
  });
  bot.ignoreRest();
  return bot;
}

/** A bot that hears only of signals it is rung for: its first look is over, the next far away. */
export async function startListening(options: SignalsOptions = {}): Promise<TestBot> {
  const bot = await startPolling({ ...options, timing: { signals_poll: '1h', ...options.timing } });
  const looked = () => bot.world.door.recorded.some(({ call, answer }) => call.operation === SEARCH && answer);
  await bot.world.slack.until(looked, 15_000);
  return bot;
}

/** The same, and Datadog rings it for every signal. */
export async function startRinging(options: SignalsOptions = {}): Promise<TestBot> {
  const bot = await startListening(options);
  connectWebhook(bot);
  return bot;
}

/** Datadog's side of step 9. */
export function connectWebhook({ world, url, config }: TestBot, payload?: string): void {
  addSignalWebhook(world, { url: config.PUBLIC_URL ?? url, ...(payload && { payload }) });
  if (config.PUBLIC_URL) world.datadog.sender.names.set(config.PUBLIC_URL, url);
}

/** Rings the bell as Datadog, or somebody else, would. */
export async function ring(
  bot: TestBot,
  body: unknown,
  { token = SECRETS.webhookToken }: { token?: string } = {},
): Promise<{ status: number; error: string | undefined }> {
  const response = await fetch(`${bot.url}/webhooks/datadog`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { error } = (await response.json()) as { error?: string };
  return { status: response.status, error };
}

/** How often Datadog was asked for this. */
export function asked({ world }: TestBot, operation: string): number {
  return world.door.recorded.filter(({ call }) => call.operation === operation).length;
}

export const READ = 'GetSecurityMonitoringSignal';
export const SEARCH = 'SearchSecurityMonitoringSignals';

/** What stands in a channel now, oldest first, without what stands in threads. */
export function standing({ world }: TestBot, channel: keyof typeof CHANNELS): Message[] {
  const { messages } = world.slack.channel(CHANNELS[channel]);
  return messages.filter((message) => !message.deleted && !message.threadTs);
}

/** Whom posting this notified: an edit notifies nobody. */
export function notified({ world }: TestBot, { kind, message }: TimelineEntry): string[] {
  return message && kind !== 'edit' ? world.slack.wouldNotify(message) : [];
}

/** The next news in the thread of a card. */
export async function inThread(bot: TestBot, including: string): Promise<string> {
  const { slack } = bot.world;
  const entry = await slack.nextMessage(
    { kind: 'post' },
    (seen) => seen.message?.threadTs !== undefined && slack.render(seen).includes(including),
    10_000,
  );
  return bot.text(entry);
}

/** The text of a card as it stands once it says this. */
export async function untilSays(bot: TestBot, card: TimelineEntry, said: string): Promise<string> {
  return await bot.world.slack.until(() => {
    const text = says(bot, card);
    return text.includes(said) && text;
  }, 10_000);
}

export function says({ world }: TestBot, { message }: TimelineEntry): string {
  const now = message && world.slack.findMessage(message.channel, message.ts);
  return now ? world.slack.render(now) : '';
}

/** Clicks what opens a dialog; resolves when it shows more than that something is being read. */
export async function openDialog(bot: TestBot, label: string, on: TimelineEntry, as: Who): Promise<View> {
  await bot.click(label, on, { as });
  return await nextDialog(bot, as);
}

export async function nextDialog({ world: { slack } }: TestBot, who: Who): Promise<View> {
  for (;;) {
    const view = await slack.nextView(PEOPLE[who], 10_000);
    if (view.content.callback_id !== 'loading') return view;
  }
}

export async function fillIn(bot: TestBot, who: Who, view: View, values: Record<string, Entered>): Promise<void> {
  await bot.world.slack.submit(PEOPLE[who], view.id, values);
}

/** Waits until the bot knows so many signals and has decided what becomes of each. */
export async function grouped({ bot: { db } }: TestBot, signals: number): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const rows = await db.selectFrom('signals').select(['id', 'work']).execute();
    if (rows.filter(({ work }) => work === null).length >= signals) return;
    if (Date.now() > deadline) throw new Error(`${signals} signals expected, there are ${JSON.stringify(rows)}`);
    await pause(20);
  }
}

/** Lets the bot finish what it is at; for tests that show that nothing happens. */
export async function settled(bot: TestBot, forMs = 400): Promise<void> {
  let before = -1;
  for (;;) {
    const { length } = bot.world.door.recorded.filter(({ call }) => call.service === 'slack');
    if (length === before) return;
    before = length;
    await pause(forMs);
  }
}
