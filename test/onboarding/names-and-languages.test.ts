/** Whom a name means, sharing an answer with the channel, and who reads which language. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, CHANNELS, PEOPLE, REGION } from '../../playground/acme.ts';
import { closest } from '../../src/closest.ts';
import type { Cluster } from '../../src/clusters/cluster.ts';
import { resolveCluster } from '../../src/clusters/name.ts';
import { arnOf, changed, ended, startFast } from './journey.ts';

const TOKYO = 'ap-northeast-1';

function cluster(accountName: string, region: string, name: string): Cluster {
  const accountId = accountName === 'production' ? ACCOUNT : '444455556666';
  return { arn: arnOf(name, region, accountId), accountId, accountName, region, name, tags: {} };
}

describe('a name', () => {
  const fleet = [
    cluster('production', REGION, 'prod-a'),
    cluster('production', TOKYO, 'prod-a'),
    cluster('sandbox', REGION, 'prod-a'),
    cluster('production', REGION, 'payments'),
  ];
  test.each([
    ['payments', ['production/us-east-1/payments']],
    ['prod-a', ['production/us-east-1/prod-a', 'production/ap-northeast-1/prod-a', 'sandbox/us-east-1/prod-a']],
    ['production/prod-a', ['production/us-east-1/prod-a', 'production/ap-northeast-1/prod-a']],
    ['sandbox/prod-a', ['sandbox/us-east-1/prod-a']],
    ['444455556666/prod-a', ['sandbox/us-east-1/prod-a']],
    ['production/ap-northeast-1/prod-a', ['production/ap-northeast-1/prod-a']],
    [arnOf('prod-a', TOKYO), ['production/ap-northeast-1/prod-a']],
    ['sandbox/payments', []],
    ['production/eu-west-1/prod-a', []],
    ['Prod-A', []],
    ['', []],
  ])('%s means %j', (typed, expected) => {
    const resolved = resolveCluster(typed, fleet);
    const found = resolved.found === 'one' ? [resolved.cluster] : resolved.found === 'several' ? resolved.clusters : [];
    expect(found.map((c) => `${c.accountName}/${c.region}/${c.name}`)).toEqual(expected);
  });

  test.each([
    ['prdo-a', 'prod-a'],
    ['prdo', 'prod-a'],
    ['paymnets', 'payments'],
    ['PROD-A', 'prod-a'],
    ['prod-b', 'prod-a'],
    ['xyz', undefined],
  ])('%s: did you mean %s', (typed, expected) => {
    expect(closest(typed, ['prod-a', 'payments'])).toBe(expected);
  });
});

const TWO_REGIONS = {
  aws: {
    accounts: [
      {
        id: ACCOUNT,
        name: 'production',
        regions: [REGION, TOKYO],
        roles: {
          reader: `arn:aws:iam::${ACCOUNT}:role/EksAuditReader`,
          operator: `arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`,
        },
        external_id: 'acme-external-id-7f3a',
      },
    ],
  },
};

test('an ambiguous name asks with buttons, and the button does what was typed for the one that was meant', async () => {
  await using bot = await startFast({
    file: TWO_REGIONS,
    seed: ({ aws }) => void aws.addCluster({ account: ACCOUNT, region: TOKYO, name: 'prod-a' }),
  });
  await bot.slash('/eks-audit enable prod-a --only audit-logs --dry-run');
  const question = await bot.told('olivia', 'Which one?');
  expect(bot.text(question)).toContain('[production/us-east-1/prod-a]');
  await bot.click('production/ap-northeast-1/prod-a', question, { as: 'olivia' });
  const answer = bot.text(await bot.told('olivia', 'Dry run'));
  expect(answer).toContain('Bring under audit: production/ap-northeast-1/prod-a (2 changes)');
  bot.world.aws.cluster(arnOf('prod-a'))?.setLogging(['audit']);
  await bot.slash('/eks-audit disable prod-a --dry-run --audit-logs --reason moving away');
  await bot.click('production/us-east-1/prod-a', await bot.told('olivia', 'Which one?'), { as: 'olivia' });
  expect(bot.text(await bot.told('olivia', 'Dry run'))).toContain('Cloud SIEM goes blind');
  await bot.slash('/eks-audit status prod-a');
  await bot.click('production/us-east-1/prod-a', await bot.told('olivia', 'Which one?'), { as: 'olivia' });
  await bot.told('olivia', 'production/us-east-1/prod-a:');
  await bot.slash('/eks-audit status prdo-a');
  expect(bot.text(await bot.told('olivia', 'There is no cluster'))).toContain('Did you mean `prod-a`?');

  // A Region of the same account that has no Forwarder is another scope: nothing of the first one counts for it.
  await bot.slash('/eks-audit enable production/ap-northeast-1/prod-a');
  const missing = bot.text(await bot.told('olivia', 'somebody has to do this'));
  expect(missing).toContain('There is no Datadog Forwarder in `ap-northeast-1`.');
  expect(missing).toContain('https://ap-northeast-1.console.aws.amazon.com/cloudformation');
  expect(changed(bot)).toEqual([]);
});

test('an answer is shared with the channel by its button, in the language of that channel', async () => {
  await using bot = await startFast({ file: { channels: { [CHANNELS.platform]: { language: 'ja' } } } });
  await bot.slash('/eks-audit status prod-a');
  const answer = await bot.told('olivia', 'steps in sync');
  expect(bot.world.slack.unread('#platform').filter((entry) => !entry.user)).toEqual([]);
  await bot.click('Share', answer, { as: 'olivia' });
  const shared = bot.text(await bot.posted('platform'));
  expect(shared).toContain('@olivia が共有');
  expect(shared).toContain('*監査ログ* ');
  expect(shared).not.toContain('[Share]');
  expect(shared).not.toContain('共有]');
});

test('a Japanese requester reads Japanese, a Japanese channel gets a Japanese card, and everybody else English', async () => {
  await using bot = await startFast({
    file: {
      channels: { [CHANNELS.approvals]: { language: 'ja' } },
      roles: {
        admins: { users: [PEOPLE.ada] },
        operators: { users: [PEOPLE.olivia, PEOPLE.aiko] },
        approvers: { users: [PEOPLE.arjun] },
      },
    },
  });
  await bot.slash('/eks-audit enable prod-a', { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toContain('承認');
  const card = await bot.posted('approvals', '[承認');
  const plan = bot.text(card);
  expect(plan).toContain('*変更内容*');
  // Nothing English is left but names, and what is code.
  const prose = plan.replace(/`[^`]*`|“[^”]*”|「[^」]*」|production\/us-east-1\/prod-a|@[\w-]+|#[\w-]+/g, '');
  const english = prose.match(/[A-Za-z][a-z]+(?: [A-Za-z][a-z]+){3,}/g) ?? [];
  expect(english).toEqual([]);
  await bot.slash('/eks-audit status prod-a');
  expect(bot.text(await bot.told('olivia', 'steps in sync'))).toContain('*Audit logs* (missing)');
  await bot.click('承認', card);
  await bot.told('arjun', 'Approved');
  expect(await ended(bot)).toContain('production/us-east-1/prod-a は監査対象になりました');
  await bot.told('aiko', 'は監査対象になりました');
});
