/** What the tests of single traps do over and over: ask for a cluster, approve, read how it ended, and see what was changed. */
import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT, CHANNELS, FORWARDER, PEOPLE, REGION } from '../../playground/acme.ts';
import type { Forwarder } from '../../playground/aws/forwarder.ts';
import type { Call } from '../../playground/http.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import { SECRETS, type World } from '../../playground/world.ts';
import { type StartOptions, startBot, type TestBot } from '../bot.ts';

/** Minutes of the world pass in a few hundredths of a second. */
const SPEED = 1000;

export const GROUP = '/aws/eks/prod-a/cluster';
export const PROD_A = arnOf('prod-a');
export const FORWARDER_SEED = {
  account: ACCOUNT,
  region: REGION,
  name: 'DatadogForwarder',
  policy: 'template',
  apiKey: SECRETS.datadogApiKey,
  site: 'datadoghq.com',
} as const;

/** A bot in a fast world; what is said beside the trap is not read. */
export async function startFast(options: StartOptions = {}): Promise<TestBot> {
  const bot = await startBot({
    speed: SPEED,
    ...options,
    seed(world) {
      // An audit event every tenth of a second is proof enough, and leaves the machine to the bot.
      world.aws.backgroundEveryMs = 100_000;
      options.seed?.(world);
    },
  });
  bot.ignoreRest();
  return bot;
}

export function arnOf(cluster: string, region: string = REGION, account: string = ACCOUNT): string {
  return `arn:aws:eks:${region}:${account}:cluster/${cluster}`;
}

/** Asks, and reads the card with the plan. */
export async function ask(bot: TestBot, command = '/eks-audit enable prod-a'): Promise<TimelineEntry> {
  await bot.slash(command);
  await bot.told('olivia', 'waiting for approval');
  return await bot.posted('approvals', '[Approve]');
}

export async function approve(bot: TestBot, card: TimelineEntry): Promise<void> {
  await bot.click('Approve', card);
  await bot.told('arjun', 'Approved');
}

/** The message in the card's thread that tells how a run ended. */
export async function ended(bot: TestBot): Promise<string> {
  const text = ({ message }: TimelineEntry) => (message?.threadTs ? message.text : '');
  const end = await bot.world.slack.nextMessage(
    CHANNELS.approvals,
    (entry) => entry.kind === 'post' && text(entry) !== '' && !text(entry).includes('needs another approval'),
    20_000,
  );
  return bot.text(end);
}

/** Asks, approves and reads the end. */
export async function enable(bot: TestBot, command = '/eks-audit enable prod-a'): Promise<string> {
  await approve(bot, await ask(bot, command));
  return await ended(bot);
}

/** What `/eks-audit status` says, as text. */
export async function statusOf(bot: TestBot, cluster = 'prod-a'): Promise<string> {
  await bot.slash(`/eks-audit status ${cluster}`);
  return bot.text(await bot.told('olivia', 'steps in sync'));
}

/** The line about one step, with the advice under it. */
export function lineOf(step: string, said: string): string {
  const lines = said.split('\n');
  const at = lines.findIndex((line) => line.includes(`*${step}*`));
  if (at < 0) throw new Error(`nothing about ${step} in:\n${said}`);
  const advice = lines[at + 1]?.startsWith('  ') ? [lines[at + 1]] : [];
  return [lines[at], ...advice].join('\n');
}

/** What was changed in AWS and Datadog, in order, as `service operation`. */
export function changed({ world }: TestBot): string[] {
  return world.door.writes.filter((write) => !write.startsWith('slack'));
}

export function callsOf({ world }: TestBot, operation: string): Call[] {
  return world.door.recorded.filter((r) => r.call.operation === operation).map((r) => r.call);
}

export function filtersOf({ aws }: World, group = GROUP): { name: string; pattern: string; destinationArn: string }[] {
  const filters = aws.logGroup(ACCOUNT, REGION, group)?.filters ?? [];
  return filters.map((f) => ({ name: f.filterName, pattern: f.filterPattern, destinationArn: f.destinationArn }));
}

export function forwarderOf({ aws }: World): Forwarder {
  return aws.functionByArn(FORWARDER) as Forwarder;
}

/** Rules with our mark. */
export function ourRules({ datadog }: World) {
  return datadog.rules.all.filter((rule) => rule.tags.includes('managed-by:eks-audit'));
}

/** Waits until the world is so. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`it did not happen: ${what}`);
    await pause(10);
  }
}

/** Everything the bot wrote where people or machines could read it. */
export function everythingSaid(bot: TestBot): string {
  const said = bot.world.slack.timeline.map((entry) => JSON.stringify([entry.text, entry.message, entry.view]));
  return [...said, ...bot.logged.map((line) => JSON.stringify(line))].join('\n');
}

/** Who sees the answer to a command. */
export const OLIVIA = PEOPLE.olivia;
