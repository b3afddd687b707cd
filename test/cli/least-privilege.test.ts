/** What `setup` prints is enough for every journey, and nothing of it is there in vain. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { decide, many, type PolicyStatement } from '../../playground/aws/iam.ts';
import { openWorld, SECRETS, type World } from '../../playground/world.ts';
import { rolesYaml } from '../../src/setup/aws-template.ts';
import { DATADOG_SCOPES } from '../../src/setup/datadog-scopes.ts';
import { SLACK_SCOPES } from '../../src/setup/slack-scopes.ts';
import type { TestBot } from '../bot.ts';
import { arnOf, enable, FORWARDER_SEED, PROD_A, startFast } from '../onboarding/journey.ts';
import { addTemplateRoles } from './template-roles.ts';

/** Getting in is not part of what a role may do once it is in. */
const OWN_CALLS = new Set(['sts:AssumeRole', 'sts:GetCallerIdentity']);

/** Acme with the roles of the template, our Datadog scopes and our Slack scopes, and a Forwarder that needs a permission. */
function seedLeast(world: World): Map<string, PolicyStatement[]> {
  const { aws, datadog, slack } = world;
  aws.removeFunction(FORWARDER);
  aws.addForwarder({ ...FORWARDER_SEED, policy: 'none' });
  aws.removeCluster(arnOf('staging'));
  const owner = 'eks-audit@acme.example';
  const permissions = DATADOG_SCOPES.map(({ scope }) => scope);
  datadog.addApplicationKey({ key: SECRETS.datadogAppKey, owner, permissions });
  slack.scopes.clear();
  for (const { scope } of SLACK_SCOPES) slack.scopes.add(scope);
  return addTemplateRoles(world, rolesYaml([]));
}

/** By role, the IAM actions it used, as far as they were not refused. */
function used({ world }: TestBot): Map<string, Set<string>> {
  const actions = new Map<string, Set<string>>();
  for (const { call, answer } of world.door.recorded) {
    const role = /assumed-role\/([^/]+)\//.exec(call.principal ?? '')?.[1];
    if (!role || !call.region || (answer?.status ?? 500) >= 500) continue;
    const service = call.service === 'monitoring' ? 'cloudwatch' : call.service;
    const known = actions.get(role) ?? new Set();
    actions.set(role, known.add(`${service}:${call.operation}`));
  }
  return actions;
}

test('enabling, disabling, blinding and doctor need exactly what the template, the scopes and the permissions give', async () => {
  let allowed = new Map<string, PolicyStatement[]>();
  await using bot = await startFast({
    seed(world) {
      allowed = seedLeast(world);
    },
  });
  expect(await enable(bot)).toContain('is under audit');
  expect(await enable(bot, '/eks-audit disable prod-a')).toContain('is out of audit');
  expect(await enable(bot)).toContain('is under audit');
  expect(await enable(bot, '/eks-audit disable prod-a --audit-logs --reason retired')).toContain('is out of audit');
  await bot.slash('/eks-audit doctor', { as: 'ada' });
  expect(bot.text(await bot.told('ada', 'Slack'))).toContain('Nothing is wrong, 2 not verified');

  const refused = bot.world.door.recorded.filter(
    ({ call, answer }) =>
      call.service !== 'slack' && (answer?.status === 403 || /AccessDenied/.test(String(answer?.body))),
  );
  expect(refused.map(({ call }) => `${call.service} ${call.operation}`)).toEqual([]);
  const actual = used(bot);
  for (const [role, statements] of allowed) {
    const granted = new Set(statements.flatMap(({ Action }) => many(Action)));
    const calls = [...(actual.get(role) ?? [])].filter((action) => !OWN_CALLS.has(action));
    expect(
      calls.filter((action) => !granted.has(action)),
      `${role} used more`,
    ).toEqual([]);
    // Reading is held in common, and a run does not look at everything; the reader's doctor does.
    const reads = (action: string) => /:(Describe|Get|List|Filter)/.test(action);
    const inVain = [...granted].filter(
      (action) => !calls.includes(action) && !(role !== 'EksAuditReader' && reads(action)),
    );
    expect(inVain, `${role} was given more`).toEqual([]);
  }
}, 60_000);

test('beyond its own work each role is refused', async () => {
  await using world = await openWorld();
  const allowed = addTemplateRoles(world, rolesYaml([]));
  const group = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group`;
  const audit = { 'eks:loggingType/audit': 'true' };
  const logs = { 'lambda:Principal': 'logs.amazonaws.com' };
  const cases: [role: string, action: string, resource: string, context: Record<string, string>, allowed: boolean][] = [
    ['EksAuditReader', 'eks:UpdateClusterConfig', PROD_A, audit, false],
    ['EksAuditReader', 'logs:FilterLogEvents', `${group}:/aws/lambda/payroll:log-stream:`, {}, false],
    ['EksAuditOperator', 'eks:UpdateClusterConfig', PROD_A, audit, true],
    ['EksAuditOperator', 'eks:UpdateClusterConfig', PROD_A, { 'eks:loggingType/audit': 'false' }, false],
    // Other updates of a cluster, such as of its endpoint, do not carry the key.
    ['EksAuditOperator', 'eks:UpdateClusterConfig', PROD_A, {}, false],
    ['EksAuditOperator', 'logs:PutSubscriptionFilter', `${group}:/aws/eks/prod-a/cluster:log-stream:`, {}, true],
    ['EksAuditOperator', 'logs:PutSubscriptionFilter', `${group}:/aws/lambda/payroll:log-stream:`, {}, false],
    ['EksAuditOperator', 'logs:DeleteLogGroup', `${group}:/aws/eks/prod-a/cluster`, {}, false],
    ['EksAuditOperator', 'lambda:AddPermission', FORWARDER, logs, true],
    ['EksAuditOperator', 'lambda:AddPermission', FORWARDER, { 'lambda:Principal': '*' }, false],
    ['EksAuditOperator', 'lambda:AddPermission', FORWARDER.replace('DatadogForwarder', 'payroll'), logs, false],
    ['EksAuditOff', 'eks:UpdateClusterConfig', PROD_A, { 'eks:loggingType/audit': 'false' }, true],
    ['EksAuditOff', 'eks:UpdateClusterConfig', PROD_A, audit, false],
    ['EksAuditOff', 'logs:PutSubscriptionFilter', `${group}:/aws/eks/prod-a/cluster:log-stream:`, {}, false],
  ];
  for (const [role, action, resource, context, expected] of cases) {
    const decision = decide(allowed.get(role) ?? [], { action, resource, context });
    expect([role, action, resource, context, decision === 'allowed']).toEqual([
      role,
      action,
      resource,
      context,
      expected,
    ]);
  }
});
