/** Approvals that need more than one click: quorum, people who may no longer, two at once, and which rule holds. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, PEOPLE, REGION } from '../../playground/acme.ts';
import { type Desk, openDesk, readAll } from './desk.ts';

const LEADS = 'S0LEADS001';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({
    file: {
      approvals: {
        channel: 'C0APPROVE1',
        rules: [
          { match: { cluster: 'two-*' }, required: 2 },
          { match: { cluster: 'leads-*' }, required: 2, approvers: { usergroups: [LEADS] } },
          { match: { cluster: '*-own' }, requester_may: true },
          { match: { tag: 'tier=gold*' }, approvers: { users: [PEOPLE.aiko] } },
          {
            match: { account: 'production', cluster: 'four-eyes' },
            required: 2,
            approvers: { users: [PEOPLE.ada, PEOPLE.aiko] },
          },
          { match: { action: 'audit-off' }, approvers: { users: [PEOPLE.ada] } },
        ],
      },
    },
    seed({ aws, slack }) {
      const add = (name: string, tags: Record<string, string> = {}) =>
        aws.addCluster({ account: ACCOUNT, region: REGION, name, tags });
      for (const name of ['two-a', 'two-b', 'two-c', 'two-own', 'leads-a', 'leads-b', 'fast-own', 'four-eyes'])
        add(name);
      add('golden', { tier: 'gold-1' });
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'seen', logging: ['audit'] });
      slack.addUserGroup({ id: LEADS, handle: 'leads', members: [PEOPLE.arjun, PEOPLE.aiko, PEOPLE.ada] });
    },
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

const APPROVED = 'Approved. Work on it starts now; the card above and its thread show how it goes.';

describe('a quorum of two', () => {
  test('is reached by two people, and the second click starts the run', async () => {
    const asked = await desk.ask({ cluster: 'two-a' });
    expect(desk.world.slack.render(asked.card)).toContain('Waiting for 2 approvals by @arjun, @aiko.');
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe('Your approval counts. 1 more is needed.');
    expect(await desk.approval(asked)).toMatchObject({ state: 'open', runState: 'approval', required: 2 });
    const between = await desk.bot.posted('approvals', 'Approved by @arjun');
    expect(desk.world.slack.render(between)).toContain('Waiting for an approval by');
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe(
      'Your approval counts already. 1 more by somebody else is needed.',
    );
    expect(await desk.clickAndRead(PEOPLE.aiko, asked.card)).toBe(
      '承認しました。処理を開始します。経過は上の承認カードとそのスレッドに表示されます。',
    );
    expect(await desk.approval(asked)).toMatchObject({ state: 'approved' });
    expect(await desk.attempts(asked.approvalId)).toEqual([
      'arjun approve counted',
      'arjun approve already-counted',
      'aiko approve counted',
    ]);
  });

  test('counts a double click of one person once', async () => {
    const asked = await desk.ask({ cluster: 'two-b' });
    readAll(desk.world);
    await Promise.all([1, 2, 3].map(() => desk.bot.click('Approve', asked.card, { stale: true })));
    const read = [await desk.told(PEOPLE.arjun), await desk.told(PEOPLE.arjun), await desk.told(PEOPLE.arjun)];
    expect(read.sort()).toEqual([
      'Your approval counts already. 1 more by somebody else is needed.',
      'Your approval counts already. 1 more by somebody else is needed.',
      'Your approval counts. 1 more is needed.',
    ]);
    expect(await desk.approval(asked)).toMatchObject({ state: 'open' });
    expect((await desk.attempts(asked.approvalId)).sort()).toEqual([
      'arjun approve already-counted',
      'arjun approve already-counted',
      'arjun approve counted',
    ]);
  });

  test('ends with one rejection, whoever approved before', async () => {
    const asked = await desk.ask({ cluster: 'two-c' });
    await desk.clickAndRead(PEOPLE.arjun, asked.card);
    await desk.bot.click('Reject…', asked.card, { as: 'aiko', stale: true });
    const modal = await desk.world.slack.nextView(PEOPLE.aiko);
    await desk.world.slack.submit(PEOPLE.aiko, modal.id, { reason: '凍結期間中' });
    await desk.bot.posted('approvals', 'Rejected by @aiko: 凍結期間中');
    expect(await desk.approval(asked)).toMatchObject({ state: 'rejected', reason: '凍結期間中', runState: 'rejected' });
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe(
      'This was rejected before. The requester can ask again with a new request.',
    );
    expect(await desk.attempts(asked.approvalId)).toEqual([
      'arjun approve counted',
      'aiko reject rejected',
      'arjun approve already-rejected',
    ]);
  });

  test('does not count whoever left the group before it was reached', async () => {
    const asked = await desk.ask({ cluster: 'leads-a' });
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe('Your approval counts. 1 more is needed.');
    const group = desk.world.slack.userGroups.get(LEADS);
    if (group) group.members = [PEOPLE.aiko, PEOPLE.ada];
    expect(await desk.clickAndRead(PEOPLE.aiko, asked.card)).toBe(
      '承認を受け付けました。あと 1 名の承認が必要です。@arjun は承認者ではなくなったため、その承認は無効になりました。',
    );
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe('You are not an approver for this. Ask @leads.');
    expect(await desk.clickAndRead(PEOPLE.ada, asked.card)).toBe(APPROVED);
    expect(await desk.attempts(asked.approvalId)).toEqual([
      'arjun approve withdrawn',
      'aiko approve counted',
      'arjun approve not-approver',
      'ada approve counted',
    ]);
  });

  test('does not fall when Slack cannot say whether the first approver still may', async () => {
    const group = desk.world.slack.userGroups.get(LEADS);
    if (group) group.members = [PEOPLE.arjun, PEOPLE.ada];
    const asked = await desk.ask({ cluster: 'leads-b' });
    await desk.clickAndRead(PEOPLE.arjun, asked.card);
    desk.world.door.fail({ service: 'slack', operation: 'usergroups.users.list', answer: { status: 500 } });
    expect(await desk.clickAndRead(PEOPLE.ada, asked.card)).toContain('so this does not count and nothing was done');
    expect(await desk.approval(asked)).toMatchObject({ state: 'open' });
    expect(await desk.clickAndRead(PEOPLE.ada, asked.card)).toBe(APPROVED);
    expect(await desk.attempts(asked.approvalId)).toEqual([
      'arjun approve counted',
      'ada approve unread',
      'ada approve counted',
    ]);
  });
});

test('two approvers at the same instant make one approval and one run', async () => {
  const asked = await desk.ask();
  readAll(desk.world);
  await Promise.all([
    desk.bot.click('Approve', asked.card, { stale: true }),
    desk.bot.click('Approve', asked.card, { as: 'aiko', stale: true }),
  ]);
  const read = [await desk.told(PEOPLE.arjun), await desk.told(PEOPLE.aiko)];
  const first = read[0] === APPROVED ? 'arjun' : 'aiko';
  expect(read).toEqual(
    first === 'arjun'
      ? [APPROVED, 'すでに承認されています。操作は不要です。']
      : [
          'This was approved before. Nothing more is needed.',
          '承認しました。処理を開始します。経過は上の承認カードとそのスレッドに表示されます。',
        ],
  );
  expect(await desk.attempts(asked.approvalId)).toEqual([
    `${first} approve counted`,
    `${first === 'arjun' ? 'aiko' : 'arjun'} approve already-approved`,
  ]);
});

test('one impatient person makes one approval', async () => {
  const asked = await desk.ask();
  readAll(desk.world);
  await Promise.all([1, 2].map(() => desk.bot.click('Approve', asked.card, { stale: true })));
  const read = [await desk.told(PEOPLE.arjun), await desk.told(PEOPLE.arjun)];
  expect(read.sort()).toEqual([APPROVED, 'This was approved before. Nothing more is needed.']);
});

describe('the rule that holds', () => {
  test('lets the requester where every matching rule says so', async () => {
    const asked = await desk.ask({ cluster: 'fast-own' });
    expect(await desk.clickAndRead(PEOPLE.olivia, asked.card)).toBe(APPROVED);
  });

  test('does not let the requester where another matching rule is stricter', async () => {
    const asked = await desk.ask({ cluster: 'two-own' });
    expect(await desk.clickAndRead(PEOPLE.olivia, asked.card)).toBe(
      'You asked for this, so somebody else must approve it. Ask @arjun, @aiko.',
    );
    expect(await desk.approval(asked)).toMatchObject({ required: 2 });
  });

  test('follows an EKS tag', async () => {
    const asked = await desk.ask({ cluster: 'golden' });
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe('You are not an approver for this. Ask @aiko.');
  });

  test('follows account and cluster', async () => {
    const asked = await desk.ask({ cluster: 'four-eyes' });
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe(
      'You are not an approver for this. Ask @ada, @aiko.',
    );
    expect(await desk.approval(asked)).toMatchObject({ required: 2 });
  });

  test('follows the action: switching audit logs off has approvers of its own', async () => {
    readAll(desk.world);
    await desk.bot.slash('/eks-audit disable seen --audit-logs --reason cluster is being retired');
    const card = await desk.bot.posted('approvals', '/seen ');
    expect(desk.world.slack.render(card)).toContain('Reason: cluster is being retired');
    expect(await desk.clickAndRead(PEOPLE.arjun, card)).toBe('You are not an approver for this. Ask @ada.');
    expect(await desk.clickAndRead(PEOPLE.ada, card)).toBe(APPROVED);
  });
});
