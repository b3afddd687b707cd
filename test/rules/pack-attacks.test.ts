/**
 * Every rule of the pack fires on its attack, through everything that lies between: the audit event is written by EKS,
 * taken from the log group by the filter, shipped by the Forwarder, analysed by Cloud SIEM, announced by the webhook,
 * and in the end a person reads it in Slack. The attack is a rule's own first sample, each in a cluster of its own,
 * because other rules see the same events, and what they raise must not be taken for this one's.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, CHANNELS, FORWARDER, REGION } from '../../playground/acme.ts';
import type { AuditEventDraft } from '../../playground/aws/audit-event.ts';
import type { Cluster } from '../../playground/aws/cluster.ts';
import { eksLogGroupName } from '../../playground/aws/control-plane.ts';
import type { Signal } from '../../playground/datadog/signal.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import type { RuleSeverity } from '../../src/datadog/rules.ts';
import { backtest } from '../../src/rules/backtest.ts';
import { compileRule } from '../../src/rules/compile.ts';
import type { PackRule } from '../../src/rules/pack.ts';
import { isStateful, loadTestedRules, logOf, type Sample, type TestedRule } from '../../src/rules/samples.ts';
import type { TestBot } from '../bot.ts';
import { startRinging } from '../signals/journey.ts';

const DAY_MS = 86_400_000;
const AUDIT_ONLY = '{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }';
/** Slow enough that an evaluation window of five minutes outlasts a machine that stalls for seconds. */
const SPEED = 20;
/** No event arrives later than it would because the clock jumped over it. */
const STEP_MS = 5_000;
/** Hours and days between events pass as this: longer than any window or open signal of the rules that have them. */
const LONGEST_WAIT_MS = 660_000;

interface Attack {
  rule: PackRule;
  /** What a rule for new values has learnt: in Datadog's index before there is a rule, which is its baseline. */
  before: AuditEventDraft[];
  during: { waitMs: number; event: AuditEventDraft }[];
  signals: RuleSeverity[];
}

const attacks = loadTestedRules().map(attackOf);
const clusters = new Map<string, Cluster>();
let bot: TestBot;

/** The first sequence that raises a signal; where one event is enough, the first sample that matches. */
function attackOf({ rule, match: [first], sequences }: TestedRule): Attack {
  const sequence = isStateful(rule) ? sequences.find(({ signals }) => signals.length > 0) : undefined;
  if (!first) throw new Error(`${rule.id} has no sample that matches`);
  const events = sequence?.events ?? [{ ...first, at: 0 }];
  const learningMs = rule.detection.method === 'new_value' ? rule.detection.learn_for_days * DAY_MS : 0;
  const live = events.filter(({ at }) => at >= learningMs);
  return {
    rule,
    before: events.filter(({ at }) => at < learningMs).map(asWritten),
    during: live.map((moment, i) => ({
      waitMs: Math.min(moment.at - (live[i - 1]?.at ?? moment.at), LONGEST_WAIT_MS),
      event: asWritten(moment),
    })),
    signals: sequence?.signals ?? severities(rule, first),
  };
}

function severities(rule: PackRule, sample: Sample): RuleSeverity[] {
  return backtest(compileRule(rule), [{ at: 0, event: logOf(sample) }]).map(({ severity }) => severity);
}

/** Name and time of an event are the API server's. */
function asWritten({ event }: Pick<Sample, 'event'>): AuditEventDraft {
  const { auditID: _, requestReceivedTimestamp: _received, stageTimestamp: _stage, ...said } = event;
  return said as unknown as AuditEventDraft;
}

/** A cluster as the steps leave it: audit on, its group subscribed by the Forwarder. */
function addClusterUnderAudit({ world: { aws } }: TestBot, name: string): Cluster {
  const there = { account: ACCOUNT, region: REGION };
  const cluster = aws.addCluster({ ...there, name, logging: ['audit'] });
  const group = aws.logGroup(ACCOUNT, REGION, eksLogGroupName(name));
  if (!group) throw new Error(`${name} has no log group`);
  aws.addFilter({ group, name: 'eks-audit', pattern: AUDIT_ONLY, destinationArn: FORWARDER });
  return cluster;
}

/** So much of the world's time; what is due on the way happens when it is due. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    bot.clock.forward(Math.min(left, STEP_MS) / SPEED);
    bot.world.time.catchUp();
    await turn();
  }
}

/** By CloudWatch Logs and the Forwarder into Datadog, through detection to the webhook, and into the index. */
async function passChain(): Promise<void> {
  const { aws, datadog } = bot.world;
  for (const ms of [aws.deliveryDelayMs, datadog.detectionDelayMs, datadog.sender.delayMs, datadog.indexDelayMs])
    await pass(ms);
}

function clusterOf({ rule }: Attack): Cluster {
  const cluster = clusters.get(rule.id);
  if (!cluster) throw new Error(`no cluster for ${rule.id}`);
  return cluster;
}

function isAbout({ name }: Cluster, { projected }: Signal): boolean {
  const aws = projected.aws as { awslogs?: { logGroup?: unknown } } | undefined;
  return aws?.awslogs?.logGroup === eksLogGroupName(name);
}

function isPost(entry: TimelineEntry, cluster: Cluster, { title }: PackRule): boolean {
  if (entry.kind !== 'post' || entry.message?.threadTs !== undefined) return false;
  const text = bot.text(entry);
  return text.includes(title.en) && text.includes(cluster.name);
}

beforeAll(async () => {
  bot = await startRinging({
    speed: SPEED,
    signals: { routes: [{ deliver: 'post', group_by: ['signal'] }] },
    // Nothing folds into a storm, and nobody’s patience ends because the clock is moved.
    timing: { storm_window: '1ms', lease: '30m', signal_read_for: '30m' },
  });
  const { datadog } = bot.world;
  // Where nothing rings, every test would wait in vain.
  expect(await datadog.sender.test('eks-audit')).toMatchObject({ status: 202 });
  for (const shipped of datadog.rules.all) shipped.isEnabled = false;
  for (const { rule } of attacks) clusters.set(rule.id, addClusterUnderAudit(bot, `prod-${rule.id}`));
  // The days a rule learnt from come at once: it is learnt that something is usual, not when it was.
  for (const attack of attacks) for (const event of attack.before) clusterOf(attack).record(event);
  await passChain();
  for (const { rule } of attacks) datadog.addRule({ ...compileRule(rule) });
}, 60_000);

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
});

describe('an attack in a cluster under audit is a message in Slack', () => {
  it.each(attacks)('by $rule.id', async (attack) => {
    const { rule, during, signals } = attack;
    const { datadog, slack } = bot.world;
    const cluster = clusterOf(attack);
    const written: string[] = [];
    for (const { waitMs, event } of during) {
      await pass(waitMs);
      written.push(cluster.record(event)?.auditID ?? 'lost');
    }
    await passChain();

    const indexed = new Set(datadog.logs.indexed.map(({ event }) => event.attributes.auditID));
    expect(written.filter((auditID) => !indexed.has(auditID))).toEqual([]);
    const raised = datadog.signals.filter((signal) => signal.rule.name === rule.title.en && isAbout(cluster, signal));
    expect(raised.map(({ severity }) => severity)).toEqual(signals);
    for (const { severity } of raised) {
      const post = await slack.nextMessage(CHANNELS.security, (entry) => isPost(entry, cluster, rule), 10_000);
      expect(bot.text(post)).toContain(`*${severity.toUpperCase()}*`);
    }
  });
});
