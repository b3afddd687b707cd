/** [Suppress…]: what it would hide is shown, somebody else approves, Datadog raises no such signal until it ends. */
import { expect, test } from 'vitest';
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import { json } from '../../playground/http.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import { SUPPRESSION_DAYS } from '../../src/signals/modals.ts';
import type { TestBot } from '../bot.ts';
import { asked, fillIn, HOUR_MS, inThread, openDialog, says, settled, startPolling, untilSays } from './journey.ts';

const CREATE = 'CreateSecurityMonitoringSuppression';
const LIST = 'ListSecurityMonitoringSuppressions';
const DAY_MS = 24 * HOUR_MS;
const NARROWEST = 'This rule, by this actor, on this cluster';

interface Asked {
  card: TimelineEntry;
  request: TimelineEntry;
}

/** Alice twice and Bob once on one cluster; Ana asks to suppress Alice there. */
async function askFor(bot: TestBot, { scope = NARROWEST } = {}): Promise<Asked> {
  const { datadog, time } = bot.world;
  for (const [i, user] of ['bob', 'alice', 'alice'].entries())
    datadog.raiseSignal({ severity: 'medium', user, atMs: time.now() - 10_000 + i * 1_000 });
  datadog.raiseSignal({ severity: 'medium', user: 'alice', cluster: 'staging' });
  await bot.posted('security', '`staging`');
  const card = await bot.posted('security', '3 signals');
  const dialog = await openDialog(bot, 'Suppress…', card, 'ana');
  // By actor and cluster, by actor, by cluster.
  const counted = JSON.stringify(dialog.content)
    .match(/Would have hidden \d of \d in 7 days/g)
    ?.slice(0, 3);
  expect(counted).toEqual([2, 3, 3].map((hidden) => `Would have hidden ${hidden} of 4 in 7 days`));
  expect(bot.world.slack.render(dialog)).toContain('Would have stayed visible, for example');
  await fillIn(bot, 'ana', dialog, {
    'What is to be suppressed?': scope,
    'Until when?': '7 days',
    'Why?': 'The deploy job of *team shop*',
  });
  expect(bot.text(await bot.told('ana', 'waits for approval'))).toContain('Nothing is suppressed before.');
  const request = await bot.posted('approvals');
  await untilSays(bot, card, 'waits for approval');
  return { card, request };
}

test('"this actor" is whom the dialog names, whoever has joined the message since', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'ci-bot' });
  const card = await bot.posted('security', '`ci-bot`');
  const dialog = await openDialog(bot, 'Suppress…', card, 'ana');
  expect(bot.world.slack.render(dialog)).toContain('*Who* `ci-bot` · `prod-a`');
  datadog.raiseSignal({ severity: 'medium', user: 'mallory' });
  await untilSays(bot, card, '`mallory`');
  await fillIn(bot, 'ana', dialog, { 'What is to be suppressed?': NARROWEST, 'Why?': 'The deploy job' });
  const request = bot.text(await bot.posted('approvals'));
  expect(request).toContain('*Actor* `ci-bot`');
  expect(request).toContain('Would have hidden 1 of 2');
});

test('a suppression is asked for, approved by somebody else, made in Datadog with an end, and ends', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  const { card, request } = await askFor(bot);
  const shown = bot.text(request);
  expect(shown).toContain('*Rule* `User Exec into a Pod`');
  expect(shown).toContain('*Actor* `alice`');
  expect(shown).toContain('*Cluster* `prod-a`');
  expect(shown).toContain('Would have hidden 2 of 4 in 7 days');
  expect(shown).toContain('The deploy job of *team shop*');
  expect(shown).toContain('Asked for by @ana');
  expect(await inThread(bot, 'asked to suppress')).toContain('It waits for approval in #audit-approvals');
  expect(says(bot, card)).not.toContain('[Suppress…]');

  // Nothing yet, and not by herself.
  expect(datadog.suppressions).toEqual([]);
  await bot.click('Approve', request, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You asked for this, so somebody else must approve it.');
  expect(datadog.suppressions).toEqual([]);

  const approvedAt = bot.clock.now().getTime();
  await bot.click('Approve', request, { as: 'arjun' });
  await untilSays(bot, card, 'Datadog raises no such signal before then');
  expect(await inThread(bot, 'approved by')).toContain('@arjun');
  await untilSays(bot, request, 'Suppression: approved');
  expect(datadog.suppressions).toHaveLength(1);
  const made = datadog.suppressions[0]?.attributes;
  expect(made).toMatchObject({ enabled: true, tags: ['managed-by:eks-audit'], data_exclusion_query: '' });
  expect(made?.rule_query).toContain(`ruleId:${datadog.rule('User Exec into a Pod')?.id}`);
  expect(made?.suppression_query).toContain('@usr.name:"alice"');
  expect(made?.suppression_query).toContain('/aws/eks/prod-a/cluster');
  expect(Math.abs((made?.expiration_date ?? 0) - approvedAt - 7 * DAY_MS)).toBeLessThan(60_000);

  bot.forward(7 * DAY_MS + 60_000);
  expect(await inThread(bot, 'has ended')).toContain('Datadog raises such signals again.');
  await untilSays(bot, card, '[Suppress…]');
});

test('a rejected one is told with its reason, and can be asked for again', async () => {
  await using bot = await startPolling();
  const { card, request } = await askFor(bot);
  await bot.click('Reject…', request, { as: 'arjun' });
  const view = await bot.world.slack.nextView(PEOPLE.arjun, 10_000);
  await fillIn(bot, 'arjun', view, { 'Why?': 'Ask the team first' });
  expect(await inThread(bot, 'rejected the suppression')).toContain('@arjun');
  await untilSays(bot, request, 'Rejected by @arjun');
  expect(says(bot, request)).toContain('Ask the team first');
  expect(says(bot, request)).not.toContain('[Approve]');
  expect(await untilSays(bot, card, '[Suppress…]')).not.toContain('waits for approval');
  expect(asked(bot, CREATE)).toBe(0);
});

test('one nobody decides on expires, and nothing was suppressed', async () => {
  await using bot = await startPolling();
  const { card, request } = await askFor(bot);
  bot.forward(24 * HOUR_MS + 60_000);
  expect(await inThread(bot, 'expired')).toContain('Datadog keeps raising such signals.');
  await untilSays(bot, request, 'Suppression: expired');
  await untilSays(bot, card, '[Suppress…]');
  expect(asked(bot, CREATE)).toBe(0);
});

test('one for every cluster takes the approvals of the strictest rule about any of them', async () => {
  await using bot = await startPolling({
    file: {
      approvals: {
        channel: CHANNELS.approvals,
        rules: [
          { match: { action: 'suppress', cluster: 'staging' }, required: 2 },
          { match: { action: 'suppress', cluster: 'prod-a' }, requester_may: true },
        ],
      },
    },
  });
  const { datadog } = bot.world;
  const { card, request } = await askFor(bot, { scope: 'This rule, by this actor, on every cluster' });
  expect(bot.text(request)).toContain('*Cluster* every cluster');
  expect(bot.text(request)).toContain('2 approvals are missing.');
  await bot.click('Approve', request, { as: 'arjun' });
  await untilSays(bot, request, 'One approval is missing.');
  await settled(bot);
  expect(datadog.suppressions).toEqual([]);
  await bot.click('Approve', request, { as: 'aiko' });
  await untilSays(bot, card, 'Datadog raises no such signal before then');
  expect(datadog.suppressions[0]?.attributes.suppression_query).toBe('@usr.name:"alice"');
});

test('the answer to the creation is lost: it is looked for, and there is one suppression', async () => {
  await using bot = await startPolling();
  bot.world.door.fail({ service: 'datadog', operation: CREATE, answer: 'reset', applies: true });
  const { card, request } = await askFor(bot);
  await bot.click('Approve', request, { as: 'arjun' });
  await untilSays(bot, card, 'Datadog raises no such signal before then');
  await settled(bot);
  expect(bot.world.datadog.suppressions).toHaveLength(1);
  expect(asked(bot, CREATE)).toBe(1);
});

test('neither the answer nor, for a while, the list tells that it was created: it is waited for, not created again', async () => {
  await using bot = await startPolling({ timing: { lookup_for: '2s' } });
  const { door, datadog } = bot.world;
  door.fail({ service: 'datadog', operation: CREATE, answer: 'reset', applies: true });
  // Before it is created there is none, either.
  door.fail({ service: 'datadog', operation: LIST, answer: json(200, { data: [] }), times: 3 });
  const { card, request } = await askFor(bot);
  await bot.click('Approve', request, { as: 'arjun' });
  await untilSays(bot, card, 'Datadog raises no such signal before then');
  expect(asked(bot, LIST)).toBe(4);
  expect(asked(bot, CREATE)).toBe(1);
  expect(datadog.suppressions).toHaveLength(1);
});

test('Datadog refuses what was approved: the cause is told, and it can be asked for again', async () => {
  await using bot = await startPolling();
  bot.world.door.fail({
    service: 'datadog',
    operation: CREATE,
    answer: {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"errors":["too many suppressions"]}',
    },
  });
  const { card, request } = await askFor(bot);
  await bot.click('Approve', request, { as: 'arjun' });
  expect(await inThread(bot, 'refused')).toContain('too many suppressions');
  await untilSays(bot, request, 'Suppression: approved, but refused by Datadog');
  await untilSays(bot, card, '[Suppress…]');
  expect(bot.world.datadog.suppressions).toEqual([]);
});

test('one at a time: while one waits or holds there is no second', async () => {
  await using bot = await startPolling();
  const { card } = await askFor(bot);
  await bot.click('Suppress…', card, { as: 'ana', stale: true });
  const refused = await bot.world.slack.until(() => {
    const shown = bot.world.slack.modalOf(PEOPLE.ana);
    return shown?.content.callback_id === 'refused' && shown;
  });
  expect(bot.world.slack.render(refused)).toContain('asked for or in force already');
});

test('what is suppressed is not raised any more, what is not still is, and after its end so is all', async () => {
  await using bot = await startPolling();
  const { datadog, slack } = bot.world;
  const { request } = await askFor(bot);
  await bot.click('Approve', request, { as: 'arjun' });
  await slack.until(() => datadog.suppressions.length === 1);
  const before = datadog.signals.length;
  const raised = () => datadog.signals.slice(before).map(({ samples: [sample] }) => sample?.event.message ?? '');
  execs(bot, 'alice', 'prod-a');
  execs(bot, 'bob', 'prod-a');
  await slack.until(() => raised().some((event) => event.includes('"bob"')));
  await settled(bot);
  expect(raised()).toHaveLength(1);
  bot.forward(7 * DAY_MS + 60_000);
  execs(bot, 'alice', 'prod-a');
  await slack.until(() => raised().some((event) => event.includes('"alice"')));
});

test('the periods offered are those of the design: a day, a week, a month', () => {
  expect(SUPPRESSION_DAYS).toEqual([1, 7, 30]);
});

/** Somebody opens a shell in a pod, and the Forwarder ships the audit event. */
function execs({ world: { datadog }, clock }: TestBot, user: string, cluster: string): void {
  const logGroup = `/aws/eks/${cluster}/cluster`;
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/pods/web-0/exec?command=sh&stdin=true',
    user: { username: user, groups: ['system:authenticated'] },
    sourceIPs: ['203.0.113.7'],
    objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
    responseStatus: { code: 101 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  };
  datadog.logs.receive([
    {
      message: JSON.stringify(event),
      timestamp: clock.now().getTime(),
      aws: {
        awslogs: { logGroup, logStream: 'kube-apiserver-audit-4ddc5b2b1c3b', owner: '111122223333' },
        invoked_function_arn: 'arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder',
      },
      ddsource: 'cloudwatch',
      ddsourcecategory: 'aws',
      ddtags: 'forwardername:datadogforwarder,forwarder_version:5.4.11',
      service: 'cloudwatch',
      host: logGroup,
    },
  ]);
}
