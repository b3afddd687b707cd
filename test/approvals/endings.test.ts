/** How requests end without a run: rejected with a reason, expired, overtaken by another plan. And all of it in Japanese. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, CHANNELS, FORWARDER, PEOPLE, REGION } from '../../playground/acme.ts';
import { type Desk, openDesk, readAll } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({
    file: { channels: { [CHANNELS.approvals]: { language: 'ja' } } },
    seed({ aws, slack }) {
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'overtaken', logging: ['audit'] });
      slack.addUser({ id: 'U0KENJI001', name: 'kenji', locale: 'ja-JP' });
      slack.channel(CHANNELS.approvals).members.add('U0KENJI001');
    },
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

describe('a rejection', () => {
  test('asks for the reason, shows it on the card and tells the requester, each in their language', async () => {
    const asked = await desk.ask({ cluster: 'prod-a' });
    readAll(desk.world);
    await desk.bot.click('却下…', asked.card, { as: 'aiko' });
    const { slack } = desk.world;
    let modal = await slack.nextView(PEOPLE.aiko);
    // Nobody has read aiko yet: the modal comes at once, and in her language a moment later.
    expect(slack.render(modal)).toContain('Reject this request');
    modal = await slack.nextView(PEOPLE.aiko);
    expect(slack.render(modal)).toMatchInlineSnapshot(`
      "▣ 依頼を却下
      理由: []
        依頼者に表示され、記録に残ります。
      [戻る] [却下する]"
    `);
    await slack.submit(PEOPLE.aiko, modal.id, { 理由: '凍結期間中のため <!channel>' });

    const inThread = await desk.bot.posted('approvals', '依頼は却下されました');
    expect(slack.render(inThread)).toMatchInlineSnapshot(`
      "#audit-approvals, @eks-audit, in thread
      *production/us-east-1/prod-a：依頼は却下されました。* 何も変更していません。
      @aiko が却下しました。理由：凍結期間中のため <!channel>"
    `);
    const card = await desk.bot.posted('approvals', '*却下*');
    expect(slack.render(card)).toMatchInlineSnapshot(`
      "#audit-approvals, @eks-audit, edited
      # production/us-east-1/prod-a を監査対象にする計画（変更 2 件）
      *却下*
      :white_circle: *監査ログ*
      :white_circle: *ロググループ*
      依頼者：@olivia
      @aiko が却下しました。理由：凍結期間中のため <!channel>"
    `);
    expect(card.message && slack.wouldNotify(card.message)).not.toContain('@channel');
    expect(await desk.told(PEOPLE.olivia)).toMatchInlineSnapshot(`
      "*production/us-east-1/prod-a: the request was rejected.* Nothing was changed.
      Rejected by @aiko: 凍結期間中のため <!channel>"
    `);
    expect(await desk.approval(asked)).toEqual({
      state: 'rejected',
      reason: '凍結期間中のため <!channel>',
      required: 1,
      runState: 'rejected',
    });
    expect(await desk.attempts(asked.approvalId)).toEqual(['aiko reject rejected']);
    expect(desk.world.slack.unreadAsText()).toBe('');
  });

  test('opens its modal in time, however long Slack takes to say who clicked', async () => {
    const asked = await desk.ask();
    const hanging = desk.world.door.fail({
      service: 'slack',
      operation: 'users.info',
      answer: 'hang',
      times: Infinity,
    });
    const started = performance.now();
    await desk.world.slack.click('U0KENJI001', asked.card, '却下…');
    const modal = await desk.world.slack.nextView('U0KENJI001');
    expect(performance.now() - started).toBeLessThan(1_500);
    hanging.times = 0;
    // Anybody may open it; who may reject is judged when the reason comes, and told directly.
    await desk.world.slack.submit('U0KENJI001', modal.id, { reason: 'no need' });
    expect(await desk.told('U0KENJI001')).toBe(
      'あなたはこの依頼の承認者ではありません。次の方に依頼してください：@arjun, @aiko',
    );
    expect(await desk.attempts(asked.approvalId)).toEqual(['kenji reject not-approver']);
    expect(await desk.approval(asked)).toMatchObject({ state: 'open' });
  });

  test('says so when the modal cannot be opened, and tells the person directly when Slack does not say who they are', async () => {
    const asked = await desk.ask();
    desk.world.door.fail({
      service: 'slack',
      operation: 'views.open',
      answer: {
        status: 200,
        body: '{"ok":false,"error":"expired_trigger_id"}',
        headers: { 'content-type': 'application/json' },
      },
    });
    expect(await desk.clickAndRead(PEOPLE.arjun, asked.card, '却下…')).toBe(
      'Slack did not open the dialog in time, so nothing was changed. Please try again.',
    );
    await desk.bot.click('却下…', asked.card);
    const modal = await desk.world.slack.nextView(PEOPLE.arjun);
    const away = desk.world.door.fail({
      service: 'slack',
      operation: 'users.info',
      answer: { status: 502 },
      times: 99,
    });
    await desk.world.slack.submit(PEOPLE.arjun, modal.id, { reason: 'too risky' });
    expect(await desk.told(PEOPLE.arjun)).toContain('so this does not count and nothing was done');
    away.times = 0;
    expect(await desk.attempts(asked.approvalId)).toEqual(['arjun reject unread']);
  });

  test('is how the requester takes a request back', async () => {
    const asked = await desk.ask();
    await desk.bot.click('却下…', asked.card, { as: 'olivia' });
    const modal = await desk.world.slack.nextView(PEOPLE.olivia);
    await desk.world.slack.submit(PEOPLE.olivia, modal.id, { reason: 'wrong cluster' });
    expect(await desk.told(PEOPLE.olivia)).toContain('Rejected by @olivia: wrong cluster');
    expect(await desk.approval(asked)).toMatchObject({ state: 'rejected', reason: 'wrong cluster' });
  });

  test('of a modal somebody else made up with the bot’s token decides nothing', async () => {
    const asked = await desk.ask();
    const { slack } = desk.world;
    for (const metadata of ['', 'null', '{"approvalId":1}', '{"__proto__":{"approvalId":"x"}}']) {
      readAll(desk.world);
      await desk.bot.click('却下…', asked.card);
      const modal = await slack.nextView(PEOPLE.arjun);
      const shown = slack.views.get(modal.id);
      if (shown) shown.content = { ...shown.content, private_metadata: metadata };
      await slack.submit(PEOPLE.arjun, modal.id, { reason: 'forged' });
      expect(await desk.told(PEOPLE.arjun)).toBe('This request does not exist any more. Nothing was done.');
    }
    expect(await desk.attempts(asked.approvalId)).toEqual([]);
  });
});

test('a plan that changes after its approval is asked anew, and the old card decides nothing', async () => {
  const asked = await desk.ask({ cluster: 'overtaken', flags: '--only forwarder' });
  const forwarder = desk.world.aws.region(ACCOUNT, REGION).functions.get(FORWARDER.split(':').at(-1) ?? '');
  const permissions = forwarder?.statements.map((statement) => statement.Sid) ?? [];
  for (const sid of permissions) forwarder?.disallow(sid);
  await desk.clickAndRead(PEOPLE.arjun, asked.card);
  const anew = await desk.bot.posted('approvals', '前回承認された内容');
  expect(await desk.approval(asked)).toMatchObject({ state: 'void', runState: 'approval' });
  expect(await desk.clickAndRead(PEOPLE.aiko, asked.card)).toBe(
    'カードの作成後に計画が変わったため、承認も却下もできません。承認チャンネルの最新のカードを確認してください。',
  );
  expect(await desk.attempts(asked.approvalId)).toEqual(['arjun approve counted', 'aiko approve superseded']);
  expect(await desk.clickAndRead(PEOPLE.aiko, anew)).toBe(
    '承認しました。処理を開始します。経過は上の承認カードとそのスレッドに表示されます。',
  );
});

test('an approval nobody gives expires: the card says so, the requester is told, and late clicks change nothing', async () => {
  const asked = await desk.ask();
  readAll(desk.world);
  desk.bot.forward(24 * 3_600_000 + 1_000);
  const cluster = asked.cluster;
  const card = await desk.bot.posted('approvals', `/${cluster} を監査対象にする`);
  expect(desk.world.slack.render(card)).toContain('*期限切れ*');
  expect(desk.world.slack.render(card)).not.toContain('[承認]');
  await desk.bot.posted('approvals', `/${cluster}：依頼の期限が切れました`);
  await desk.bot.told(
    'olivia',
    `/${cluster}: the request expired.* Nothing was changed. Run the command again to ask anew.`,
  );
  expect(await desk.approval(asked)).toMatchObject({ state: 'expired', runState: 'expired' });
  expect(await desk.clickAndRead(PEOPLE.aiko, asked.card)).toBe(
    'この依頼は期限切れです。必要な場合は、依頼者がもう一度コマンドを実行してください。',
  );
  expect(await desk.clickAndRead(PEOPLE.arjun, asked.card)).toBe(
    'This request has expired. The requester can run the command again.',
  );
  expect(await desk.attempts(asked.approvalId)).toEqual(['aiko approve expired', 'arjun approve expired']);
});
