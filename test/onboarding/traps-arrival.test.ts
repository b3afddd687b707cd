/** Step 10 and `status`: the proof is what Datadog has of this very cluster, and nothing is believed that our own rows say. */
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { SECRETS, type World } from '../../playground/world.ts';
import { createBot } from '../../src/bot.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createLog } from '../../src/log.ts';
import { parseQuery } from '../../src/rules/query.ts';
import { freshDatabase } from '../db/fresh.ts';
import {
  enable,
  filtersOf,
  forwarderOf,
  GROUP,
  lineOf,
  ourRules,
  PROD_A,
  startFast,
  statusOf,
  until,
} from './journey.ts';

const ARRIVED = '*Logs arriving* (in sync): Logs arriving: last event';

/** An audit event as the Forwarder of some account and Region ships it. */
function shipped(
  { datadog, time }: World,
  from: { owner: string; forwarder: string; agoMs?: number; group?: string },
): void {
  const event = { kind: 'Event', apiVersion: 'audit.k8s.io/v1', verb: 'list', stage: 'ResponseComplete' };
  datadog.addLog({
    id: '3'.repeat(56),
    timestamp: time.now() - (from.agoMs ?? 1_000),
    message: JSON.stringify(event),
    aws: {
      awslogs: { logGroup: from.group ?? GROUP, logStream: 'kube-apiserver-audit-0a', owner: from.owner },
      invoked_function_arn: from.forwarder,
    },
    ddsourcecategory: 'aws',
    ddsource: 'cloudwatch',
    ddtags: '',
    host: GROUP,
    service: 'cloudwatch',
  });
}

test('events of a namesake in another Region or account, of a longer name, or of yesterday prove nothing', async () => {
  await using bot = await startFast();
  const { world } = bot;
  const here = { owner: ACCOUNT, forwarder: FORWARDER };
  shipped(world, { ...here, forwarder: FORWARDER.replace(REGION, 'eu-west-1') });
  shipped(world, { owner: '444455556666', forwarder: FORWARDER });
  shipped(world, { ...here, group: `${GROUP}-x` });
  shipped(world, { ...here, agoMs: 16 * 60_000 });
  const line = lineOf('Logs arriving', await statusOf(bot));
  expect(line).toContain('(missing): No audit event of the last 15 minutes is visible to our key.');
  shipped(world, here);
  expect(await statusOf(bot)).toContain(ARRIVED);
  // A key whose owner may not see the logs gets no error, just nothing: that is not said to be nothing.
  const key = world.datadog.applicationKeys.get(SECRETS.datadogAppKey);
  if (key) key.restriction = parseQuery('-source:kubernetes.audit');
  expect(lineOf('Logs arriving', await statusOf(bot))).toContain('is visible to our key');
});

test('logs that arrive under another source, or not at all, name the dark hop instead of a success', async () => {
  await using bot = await startFast({
    seed({ aws, datadog }) {
      aws.cluster(PROD_A)?.setLogging(['audit']);
      // The events come, but somebody's pipeline renames their source.
      const { intake } = datadog;
      datadog.intake = (batch) =>
        intake.call(datadog, {
          ...batch,
          entries: batch.entries.map((entry) => ({ ...entry, ddsource: 'eks' })),
        });
    },
  });
  const end = await enable(bot);
  expect(end).toContain('the run stopped');
  expect(end).toMatch(/Given up after \d+ minutes?\. The events are in Datadog, but not as `source:kubernetes.audit`/);
  expect(end).toContain('they came as `source:eks`');
  expect(end).toContain('Look for `DD_SOURCE` on the Forwarder, or a pipeline in Datadog');
});

test('events that came before the way was changed prove nothing of the new one', async () => {
  await using bot = await startFast({ seed: ({ aws }) => void aws.cluster(PROD_A)?.setLogging(['audit']) });
  const { world } = bot;
  world.aws.backgroundEveryMs = 1e9;
  // Seconds ago another way led there.
  shipped(world, { owner: ACCOUNT, forwarder: FORWARDER });
  expect(await statusOf(bot)).toContain(ARRIVED);
  const end = await enable(bot);
  expect(end).toContain('the run stopped');
  expect(end).toMatch(/Given up after \d+ minutes?\./);
});

test('where the events stop is told, and what we may not read to find out is named', async () => {
  await using bot = await startFast();
  const { world } = bot;
  expect(await enable(bot)).toContain('is under audit');
  const key = world.datadog.applicationKeys.get(SECRETS.datadogAppKey);
  if (key) key.restriction = parseQuery('-*');
  const enableAgain = async () => {
    await bot.slash('/eks-audit enable prod-a');
    return bot.text(await bot.told('olivia', 'but no audit logs arrive'));
  };
  expect(await enableAgain()).toContain('CloudWatch Logs has the audit events, but they did not reach Datadog');
  const reader = world.aws.identities.role(`arn:aws:iam::${ACCOUNT}:role/EksAuditReader`);
  if (reader) reader.allow = reader.allow.filter((statement) => statement.Action !== 'logs:FilterLogEvents');
  expect(await enableAgain()).toContain('AWS refused `logs:FilterLogEvents` to the reader role.');
});

test('a Forwarder that fails by Lambda’s own count is named, with where to look', async () => {
  await using bot = await startFast();
  const { world } = bot;
  expect(await enable(bot)).toContain('is under audit');
  const forwarder = forwarderOf(world);
  forwarder.run = async () => {
    throw new Error('Invalid Datadog API key');
  };
  const key = world.datadog.applicationKeys.get(SECRETS.datadogAppKey);
  if (key) key.restriction = parseQuery('-*');
  const { metrics } = world.aws.region(ACCOUNT, REGION);
  const errors = () => metrics.total('AWS/Lambda', 'Errors', { FunctionName: forwarder.name });
  // Metrics come late: by the third the first is shown.
  await until(() => errors() >= 3, 'failing invocations');
  await bot.slash('/eks-audit enable prod-a');
  const said = bot.text(await bot.told('olivia', 'but no audit logs arrive'));
  expect(said).toMatch(/the Forwarder fails: \d+ of its \d+ invocations in the last 15 minutes ended in an error/i);
  expect(said).toContain('Read its log group `/aws/lambda/DatadogForwarder`');
  expect(said).toContain('the secret with its API key');
  const reader = world.aws.identities.role(`arn:aws:iam::${ACCOUNT}:role/EksAuditReader`);
  if (reader) reader.allow = reader.allow.filter((statement) => statement.Action !== 'cloudwatch:GetMetricData');
  await bot.slash('/eks-audit enable prod-a');
  expect(bot.text(await bot.told('olivia', 'AWS refused'))).toContain('`cloudwatch:GetMetricData`');
});

test('status is what AWS and Datadog say now: our own rows can neither hide a break nor fake a success', async () => {
  await using bot = await startFast();
  const { world } = bot;
  expect(await enable(bot)).toContain('is under audit');
  expect(await statusOf(bot)).toContain('10 of 10 steps in sync');

  const group = world.aws.logGroup(ACCOUNT, REGION, GROUP);
  group?.removeFilter('eks-audit-to-datadog');
  world.datadog.webhooks.clear();
  const [rule] = ourRules(world);
  if (rule) world.datadog.rules.remove(rule);
  world.aws.cluster(PROD_A)?.setLogging([]);
  const broken = await statusOf(bot);
  for (const step of ['Audit logs', 'Subscription filter', 'Detection rules', 'Signal webhook'])
    expect(lineOf(step, broken)).toContain('(missing)');
  expect(broken).toContain('6 of 10 steps in sync');
  expect(filtersOf(world)).toEqual([]);
});

test('a cluster that somebody else brought under audit is in sync for a bot with empty tables, and not its to take out', async () => {
  await using maker = await startFast();
  expect(await enable(maker)).toContain('is under audit');
  await maker.bot.stop();
  await using database = await freshDatabase();
  const config = { ...maker.config, ...database.config };
  const other = await createBot({
    config,
    log: createLog({ LOG_LEVEL: 'silent' }, String),
    database: await openDatabase(config),
    clock: maker.clock,
  });
  await other.start();
  await other.server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = other.server.server.address() as AddressInfo;
  maker.world.slack.connect({ eventsUrl: `http://127.0.0.1:${port}/slack/events` });
  expect(await statusOf(maker)).toContain('10 of 10 steps in sync');
  await maker.slash('/eks-audit disable prod-a');
  expect(maker.text(await maker.told('olivia', 'Nothing to do'))).toContain('was made by this bot');
  await other.stop();
});
