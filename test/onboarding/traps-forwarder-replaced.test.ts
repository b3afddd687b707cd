/** Step 7 when the Forwarder was installed anew: our own filter follows it, and nothing that is not ours is pointed anywhere. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import type { World } from '../../playground/world.ts';
import { sayChange, sayFinding } from '../../src/onboarding/say.ts';
import {
  approve,
  ask,
  callsOf,
  enable,
  ended,
  FORWARDER_SEED,
  filtersOf,
  GROUP,
  lineOf,
  startFast,
  statusOf,
} from './journey.ts';

const REPLACED = FORWARDER.replace('DatadogForwarder', 'NewForwarder');
const NAME = 'eks-audit-to-datadog';
const AUDIT_ONLY = '{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }';

/** As a stack that is deleted and made anew does it. */
function replaceForwarder({ aws }: World): void {
  aws.removeFunction(FORWARDER);
  aws.addForwarder({ ...FORWARDER_SEED, name: 'NewForwarder' });
}

function groupOf({ aws }: World) {
  const group = aws.logGroup(ACCOUNT, REGION, GROUP);
  if (!group) throw new Error('the log group is gone');
  return group;
}

test('our filter follows a replaced Forwarder, said as such, and is taken back once', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  replaceForwarder(bot.world);
  const line = lineOf('Subscription filter', await statusOf(bot));
  expect(line).toContain(`(drifted): Our filter \`${NAME}\` still sends this group to \`${FORWARDER}\``);
  expect(line).toContain('`enable` points it to the new Forwarder.');

  const card = await ask(bot);
  const plan = bot.text(card);
  expect(plan).toContain('(1 change)');
  expect(plan).toContain(
    `1. Point our subscription filter \`${NAME}\` on \`${GROUP}\`, which still leads to \`${FORWARDER}\`, to \`${REPLACED}\`, audit events only`,
  );
  expect(plan).toContain('Uses `logs:PutSubscriptionFilter`');
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world)).toEqual([{ name: NAME, pattern: AUDIT_ONLY, destinationArn: REPLACED }]);
  expect(lineOf('Subscription filter', await statusOf(bot))).toContain('(in sync)');

  // The journal has the filter twice by now; it is one thing, and gone is gone.
  const farewell = await ask(bot, '/eks-audit disable prod-a');
  expect(bot.text(farewell).match(/Delete our subscription filter/g)).toHaveLength(1);
  await approve(bot, farewell);
  expect(await ended(bot)).toContain('is out of audit');
  expect(filtersOf(bot.world)).toEqual([]);
  await bot.slash('/eks-audit disable prod-a --dry-run');
  await bot.told('olivia', 'Nothing to do');
});

test('a filter of our name that is not as the journal has it is somebody’s decision, whoever it was', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  replaceForwarder(bot.world);
  const group = groupOf(bot.world);
  const taken = `(blocked): A filter named \`${NAME}\` sends this group to`;
  const line = async () => lineOf('Subscription filter', await statusOf(bot));
  expect(await line()).toContain('(drifted)');
  // Another pattern.
  group.putFilter(NAME, '', FORWARDER, 0);
  expect(await line()).toContain(`${taken} \`${FORWARDER}\``);
  // Another target.
  const archive = bot.world.aws.addFunction({ account: ACCOUNT, region: REGION, name: 'archive' }).arn;
  group.putFilter(NAME, AUDIT_ONLY, archive, 0);
  expect(await line()).toContain(`${taken} \`${archive}\``);
  // Back to the old Forwarder after ours had followed to the new one.
  group.putFilter(NAME, AUDIT_ONLY, FORWARDER, 0);
  expect(await enable(bot)).toContain('is under audit');
  group.putFilter(NAME, AUDIT_ONLY, FORWARDER, 0);
  expect(await line()).toContain(`${taken} \`${FORWARDER}\``);
  expect(callsOf(bot, 'PutSubscriptionFilter')).toHaveLength(2);
});

test('what changes between plan and run is not overwritten, and a second way to the new Forwarder is never made', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  replaceForwarder(bot.world);
  const group = groupOf(bot.world);
  const card = await ask(bot);
  const archive = bot.world.aws.addFunction({ account: ACCOUNT, region: REGION, name: 'archive' }).arn;
  group.putFilter(NAME, AUDIT_ONLY, archive, 0);
  await approve(bot, card);
  const end = await ended(bot);
  expect(end).toContain('the run stopped');
  expect(end).toContain(`A filter named \`${NAME}\` sends this group to \`${archive}\``);
  expect(filtersOf(bot.world).map((f) => f.destinationArn)).toEqual([archive]);

  group.putFilter(NAME, AUDIT_ONLY, FORWARDER, 0);
  bot.world.aws.addFilter({ group, name: 'platform-team', destinationArn: REPLACED });
  const line = lineOf('Subscription filter', await statusOf(bot));
  expect(line).toContain('(drifted)');
  expect(line).toContain('`platform-team` already sends it to the new one');
  expect(line).toContain('it would deliver everything twice');
  expect(callsOf(bot, 'PutSubscriptionFilter')).toHaveLength(1);
});

test('the change and the finding are said in Japanese too', () => {
  const values = { name: NAME, pattern: AUDIT_ONLY, from: FORWARDER, forwarderArn: REPLACED };
  expect(
    sayChange('ja', { step: 'subscription-filter', target: GROUP, operation: 'repoint-subscription-filter', values }),
  ).toBe(
    `\`${GROUP}\` にあるボットのフィルター \`${NAME}\` の送信先を、以前の \`${FORWARDER}\` から \`${REPLACED}\` に変更する（監査イベントのみ）`,
  );
  const stale = { code: 'filter-stale', group: GROUP, name: NAME, from: FORWARDER, forwarderArn: REPLACED } as const;
  expect(sayFinding('ja', stale)).toEqual({
    what: `ボットのフィルター \`${NAME}\` が、以前の Forwarder である \`${FORWARDER}\` に送り続けています。`,
    fix: '`enable` で送信先を新しい Forwarder に変更できます。',
  });
  expect(sayFinding('ja', { ...stale, carriedBy: 'other' }).what).toContain(
    '新しい Forwarder へは `other` がすでに送っています',
  );
});
