/** What the journeys of detection rules do over and over: a bot with audit events in Datadog, and its dialog filled in. */
import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT, FORWARDER, PEOPLE } from '../../playground/acme.ts';
import { execIntoPod } from '../../playground/aws/audit-actions.ts';
import type { AuditEventDraft } from '../../playground/aws/audit-event.ts';
import { completeEvent } from '../../playground/aws/audit-event.ts';
import type { Entered } from '../../playground/slack/inputs.ts';
import type { TimelineEntry, View } from '../../playground/slack/model.ts';
import type { StartOptions, TestBot, Who } from '../bot.ts';
import { startFast } from '../onboarding/journey.ts';
import { auditEntry } from '../playground/datadog-world.ts';

export const EXEC = 'source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec';

export async function startRules(options: StartOptions = {}): Promise<TestBot> {
  const bot = await startFast(options);
  bot.ignoreRest();
  return bot;
}

/** These events as Datadog has them, the last a minute ago. */
export function indexed({ world: { datadog, time } }: TestBot, drafts: readonly AuditEventDraft[]): void {
  const now = time.now();
  for (const [i, draft] of drafts.entries()) {
    const atMs = now - (drafts.length - i) * 60_000;
    const aws = {
      awslogs: { logGroup: '/aws/eks/prod-a/cluster', logStream: 'kube-apiserver-audit-1', owner: ACCOUNT },
      invoked_function_arn: FORWARDER,
    };
    datadog.addLog(auditEntry({ ...completeEvent(draft, atMs) }, { aws, host: aws.awslogs.logGroup, timestamp: atMs }));
  }
}

export function execs(count: number): AuditEventDraft[] {
  return Array.from({ length: count }, (_, i) => execIntoPod({ by: { session: `user-${i}@acme.example` } }));
}

/** Types a command that opens the dialog; resolves when it shows its first step. */
export async function openRule(bot: TestBot, line: string, as: Who = 'olivia'): Promise<View> {
  await bot.slash(line, { as });
  return await nextStep(bot, as);
}

/** The next thing the dialog shows that is not a wait. */
export async function nextStep({ world: { slack } }: TestBot, as: Who = 'olivia'): Promise<View> {
  for (;;) {
    const view = await slack.nextView(PEOPLE[as], 15_000);
    if (view.content.callback_id !== 'loading') return view;
  }
}

export async function submitStep(
  bot: TestBot,
  view: View,
  values: Record<string, Entered>,
  as: Who = 'olivia',
): Promise<View> {
  await bot.world.slack.submit(PEOPLE[as], view.id, values);
  return await nextStep(bot, as);
}

export async function approveChange(bot: TestBot, including: string): Promise<TimelineEntry> {
  const card = await bot.posted('approvals', including);
  await bot.click('Approve', card, { as: 'arjun' });
  return card;
}

export function viewText({ world: { slack } }: TestBot, view: View): string {
  return slack.render(view);
}

export async function until<T>(look: () => T | undefined | false, forMs = 10_000): Promise<T> {
  const deadline = Date.now() + forMs;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error('it did not come true');
    await pause(30);
  }
}
