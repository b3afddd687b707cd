/** Who is told of a signal: by the case that fired, by notification rules, and in the whole world by what happens there. */
import { expect, test } from 'vitest';
import { execIntoPod } from '../../playground/aws/audit-actions.ts';
import { openWorld } from '../../playground/world.ts';
import { addRule, execs, openSiem } from './siem-world.ts';
import { receiver, ring, settle } from './webhook-receiver.ts';

const SELECTORS = { trigger_source: 'security_signals' };
test.each<[string, { notifications?: string[]; rules?: Record<string, unknown>[] }, number]>([
  ['nobody is told by default', {}, 0],
  ['the case that fired tells', { notifications: ['@webhook-eks-audit'] }, 1],
  ['twice in one list is once', { notifications: ['@webhook-eks-audit', '@webhook-eks-audit'] }, 1],
  ['an unknown webhook is passed over', { notifications: ['@webhook-other', '@slack-x-y'] }, 0],
  ['case and notification rule tell once each', { notifications: ['@webhook-eks-audit'], rules: [{}] }, 2],
  ['a disabled notification rule is silent', { rules: [{ enabled: false }] }, 0],
  ['severities select', { rules: [{ selectors: { ...SELECTORS, severities: ['high'] } }] }, 0],
  ['severities select', { rules: [{ selectors: { ...SELECTORS, severities: ['medium'] } }] }, 1],
  ['rule types select', { rules: [{ selectors: { ...SELECTORS, rule_types: ['workload_security'] } }] }, 0],
  ['the query selects', { rules: [{ selectors: { ...SELECTORS, query: 'source:cloudtrail' } }] }, 0],
  ['the query sees attributes', { rules: [{ selectors: { ...SELECTORS, query: '@usr.name:jane' } }] }, 1],
  ['findings are something else', { rules: [{ selectors: { trigger_source: 'security_findings' } }] }, 0],
])('%s: %j sends %i', async (_what, { notifications = [], rules = [] }, count) => {
  await using world = await openSiem();
  const { heard, url } = await receiver();
  const { datadog } = world;
  datadog.addWebhook({ name: 'eks-audit', url });
  for (const rule of rules) {
    datadog.addNotificationRule({ name: 'n', selectors: SELECTORS, targets: ['@webhook-eks-audit'], ...rule });
  }
  addRule(world, { cases: [{ status: 'medium', condition: 'a > 0', notifications }] });
  execs(world, 'jane');
  await settle(world, 2);
  expect(heard).toHaveLength(count);
});

test.each([
  [false, ['low']],
  [true, ['low', 'high']],
])('a growing signal is announced again only when its severity rises and %s says so', async (again, expected) => {
  await using world = await openSiem();
  const { heard, url } = await receiver();
  ring(world, url, { payload: '$SECURITY_SIGNAL_SEVERITY' });
  world.datadog.siem.notifyWhenSeverityRises = again;
  addRule(world, {
    cases: [
      { status: 'high', condition: 'a > 2' },
      { status: 'low', condition: 'a > 0' },
    ],
  });
  for (let i = 0; i < 5; i++) {
    execs(world, 'jane');
    await settle(world, 2);
  }
  expect(heard.map(({ body }) => body)).toEqual(expected);
});

test('in the whole world an exec in a cluster under audit rings the bell; without the filter it does not', async () => {
  const { heard, url } = await receiver();
  await using world = await openWorld({ speed: 1000 });
  const { aws, datadog } = world;
  const [account, region] = ['111122223333', 'us-east-1'];
  datadog.addApiKey('key');
  datadog.addSecurityFilter({ name: 'all ingested logs', query: '*' });
  datadog.addWebhook({ name: 'eks-audit', url, payload: '$SECURITY_SIGNAL_TITLE: $TAGS[source]' });
  datadog.addNotificationRule({ name: 'n', selectors: SELECTORS, targets: ['@webhook-eks-audit'] });
  const rule = datadog.rule('User Exec into a Pod');
  aws.addAccount(account);
  const forwarder = aws.addForwarder({
    account,
    region,
    name: 'DatadogForwarder',
    policy: 'template',
    apiKey: 'key',
    site: 'datadoghq.com',
    version: '5.4.11',
  });
  const watched = aws.addCluster({ account, region, name: 'watched', logging: ['audit'] });
  const unwatched = aws.addCluster({ account, region, name: 'unwatched', logging: ['audit'] });
  const group = aws.logGroup(account, region, '/aws/eks/watched/cluster');
  if (!group) throw new Error('no log group');
  aws.addFilter({ group, name: 'f', destinationArn: forwarder.arn });
  unwatched.record(execIntoPod({ legacy: true }));
  watched.record(execIntoPod({ legacy: true }));
  for (let waited = 0; heard.length === 0 && waited < 5000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(heard.map(({ body }) => body)).toEqual([`${rule?.name}: kubernetes.audit`]);
  const hosts = datadog.signals.filter((signal) => signal.rule.id === rule?.id).map(({ host }) => host);
  expect(hosts).toEqual(['/aws/eks/watched/cluster']);
  expect(world.time.errors).toEqual([]);
});
