/**
 * A bot with as many clusters as a table has rows, so that every attempt is made on an approval of its own, and what
 * people read can be held against the rows.
 */
import { ACCOUNT, CHANNELS, REGION } from '../../playground/acme.ts';
import { elementsOf } from '../../playground/slack/inputs.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import type { World } from '../../playground/world.ts';
import { type StartOptions, startBot, type TestBot } from '../bot.ts';

export interface Asked {
  cluster: string;
  /** The card with its buttons, as first posted. */
  card: TimelineEntry;
  approvalId: string;
  runId: string;
}

export interface Desk extends AsyncDisposable {
  bot: TestBot;
  world: World;
  /** An operator asks for a cluster nobody asked for before. */
  ask(options?: { cluster?: string; flags?: string; as?: 'olivia' }): Promise<Asked>;
  /** Clicks and returns what that person is told. */
  clickAndRead(userId: string, on: TimelineEntry, label?: string): Promise<string>;
  /** What this person is told next, without the line that says where. */
  told(userId: string): Promise<string>;
  approval(asked: Asked): Promise<{ state: string; reason: string | null; required: number; runState: string }>;
  /** As `user decision outcome`, in order. */
  attempts(approvalId: string): Promise<string[]>;
}

export const CLUSTERS = 40;

export async function openDesk(options: StartOptions = {}): Promise<Desk> {
  const bot = await startBot({
    ...options,
    seed(world) {
      for (let i = 0; i < CLUSTERS; i++) world.aws.addCluster({ account: ACCOUNT, region: REGION, name: `desk-${i}` });
      options.seed?.(world);
    },
  });
  const { world } = bot;
  const { db } = bot.bot;
  let asked = 0;

  async function told(userId: string): Promise<string> {
    const entry = await world.slack.nextMessage(userId, () => true, 10_000);
    return bodyOf(world, entry);
  }

  return {
    bot,
    world,
    told,
    async ask({ cluster = `desk-${asked++}`, flags = '--only audit-logs', as = 'olivia' } = {}) {
      readAll(world);
      await bot.slash(`/eks-audit enable ${cluster} ${flags}`, { as });
      await bot.told(as);
      const card = await bot.posted('approvals', `/${cluster} `);
      const row = await db
        .selectFrom('approvals')
        .selectAll()
        .where('id', '=', buttonValue(card, 'approval.approve'))
        .executeTakeFirstOrThrow();
      // A click is believed only from where the bot knows its card to stand.
      await settled(async () => {
        const message = await db
          .selectFrom('messages')
          .select('ts')
          .where('key', '=', row.message_key)
          .executeTakeFirst();
        return message?.ts === card.message?.ts;
      });
      return { cluster, card, approvalId: row.id, runId: row.run_id };
    },
    async clickAndRead(userId, on, label = 'approval.approve') {
      readAll(world);
      await world.slack.click(userId, on, label, { confirm: 'accept', stale: true });
      const answer = await world.slack.nextMessage(userId, (entry) => entry.kind === 'ephemeral', 10_000);
      return bodyOf(world, answer);
    },
    async approval({ approvalId }) {
      const row = await db
        .selectFrom('approvals')
        .innerJoin('runs', 'runs.id', 'approvals.run_id')
        .select(['approvals.state', 'approvals.reason', 'approvals.policy', 'runs.state as runState'])
        .where('approvals.id', '=', approvalId)
        .executeTakeFirstOrThrow();
      const { required } = row.policy as { required: number };
      return { state: row.state, reason: row.reason, required, runState: row.runState };
    },
    async attempts(approvalId) {
      const rows = await db
        .selectFrom('approval_attempts')
        .selectAll()
        .where('approval_id', '=', approvalId)
        .orderBy('id')
        .execute();
      return rows.map((row) => `${world.slack.user(row.user_id).name} ${row.decision} ${row.outcome}`);
    },
    async [Symbol.asyncDispose]() {
      bot.ignoreRest();
      await bot[Symbol.asyncDispose]();
    },
  };
}

/** What stood unread before the next act is not what it causes. */
export function readAll(world: World): void {
  for (const entry of world.slack.timeline) entry.read = true;
}

/** Somebody with the bot's token, who is not the bot, posts a card of their own with our buttons. */
export function lookAlike(world: World, approvalId: string, ephemeralFor?: string): TimelineEntry {
  const element = {
    type: 'button',
    action_id: 'approval.approve',
    value: approvalId,
    text: { type: 'plain_text', text: 'Approve', emoji: false },
  };
  const content = { text: 'Please approve', blocks: [{ type: 'actions', elements: [element] }] };
  const channel = world.slack.channel(CHANNELS.approvals);
  if (ephemeralFor) world.slack.whisper(channel, ephemeralFor, content);
  else world.slack.post(channel, content);
  return world.slack.timeline.at(-1) as TimelineEntry;
}

/** The same message, with another value behind its button: what a client never does. */
export function forged(card: TimelineEntry, value: string): TimelineEntry {
  const copy = structuredClone(card);
  const text = JSON.stringify(copy.message?.blocks).replaceAll(buttonValue(card, 'approval.approve'), value);
  if (copy.message) copy.message.blocks = JSON.parse(text);
  return copy;
}

export function buttonValue(card: TimelineEntry, actionId: string): string {
  const button = elementsOf(card.message?.blocks ?? []).find(({ element }) => element.action_id === actionId);
  if (typeof button?.element.value !== 'string') throw new Error(`the message has no button ${actionId}`);
  return button.element.value;
}

export async function settled(probe: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to be within 5 seconds');
}

function bodyOf(world: World, entry: TimelineEntry): string {
  return world.slack.render(entry).split('\n').slice(1).join('\n');
}
