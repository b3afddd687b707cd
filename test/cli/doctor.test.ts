import { expect, test } from 'vitest';
import { PEOPLE } from '../../playground/acme.ts';
import { SECRETS, type World } from '../../playground/world.ts';
import { doctorView, isSick } from '../../src/doctor.ts';
import { SLACK_SCOPES } from '../../src/setup/slack-scopes.ts';
import { startBot } from '../bot.ts';
import { datadogOf, slackOf } from './examined.ts';
import { openTerminal } from './terminal.ts';

test('says in a terminal what is fine and what could not be verified, changes nothing and ends with 0', async () => {
  await using terminal = await openTerminal({ seed: onlyOurScopes });
  const { code, out } = await terminal.run('doctor');
  expect(out.replace(/`<dir>.*`/g, '`<dir>`')).toMatchInlineSnapshot(`
    "Nothing is wrong, 3 not verified

    Slack
    ? Whether Slack reaches the bot and \`SLACK_SIGNING_SECRET\` is right shows only when Slack sends something.
          Type \`/eks-audit doctor\` in Slack. Nothing comes: the request URL must be \`https://eks-audit.acme.example/slack/events\`.
    ✓ The bot token works: @eks-audit in Acme.
    ✓ All 11 scopes are granted.
    ✓ The bot is in 4 of 4 channels named.
    ✓ 4 of 4 people named are full members.
    ✓ The user group \`S0ANALYST1\` can be read (1 member).
    ✓ Every approval rule has enough approvers.

    AWS
    ? What only a change would show: whether the roles may \`eks:UpdateClusterConfig\`, \`lambda:AddPermission\`, \`lambda:RemovePermission\`, \`logs:DeleteSubscriptionFilter\`, \`logs:PutRetentionPolicy\`, \`logs:PutSubscriptionFilter\`.
          Compare their policies with \`npm run -s cli -- setup aws\`.
    ✓ \`production/us-east-1\`: 12 of 12 reading actions are allowed.
    ✓ \`production/us-east-1\`: the operator role works, as \`arn:aws:sts::111122223333:assumed-role/EksAuditOperator/eks-audit-doctor\`.
    ✓ \`production/us-east-1\`: the audit_off role works, as \`arn:aws:sts::111122223333:assumed-role/EksAuditOff/eks-audit-doctor\`.

    Datadog
    ? What only a change would show: \`create_webhooks\`, \`security_monitoring_notification_profiles_write\`, \`security_monitoring_signals_write\`.
          Compare the scopes of the application key with \`npm run -s cli -- setup datadog\`.
    ✓ API key and application key are valid on \`datadoghq.com\`.
    ✓ Links lead to https://app.datadoghq.com.
    ✓ Permissions held: \`logs_read_data\`, \`aws_configuration_read\`, \`security_monitoring_filters_read\`, \`security_monitoring_rules_read\`, \`security_monitoring_rules_write\`, \`integrations_read\`, \`manage_integrations\`, \`security_monitoring_notification_profiles_read\`, \`security_monitoring_signals_read\`, \`user_access_read\`, \`security_monitoring_suppressions_read\`, \`security_monitoring_suppressions_write\`.

    Database
    ✓ Embedded database: made in \`<dir>\` at the first start.
    ✓ There is room enough for \`<dir>\`.
    "
  `);
  expect(code).toBe(0);
  expect(terminal.world.door.writes).toEqual([]);
});

test('is for admins, answers them in their language and knows that Slack reaches it', async () => {
  await using bot = await startBot({
    file: {
      roles: {
        admins: { users: [PEOPLE.aiko] },
        operators: { users: [PEOPLE.olivia] },
        approvers: { users: [PEOPLE.arjun] },
      },
    },
  });
  await bot.slash('/eks-audit doctor');
  expect(bot.text(await bot.told('olivia'))).toContain('is for admins');
  await bot.slash('/eks-audit doctor', { as: 'aiko' });
  const said = bot.text(await bot.told('aiko'));
  expect(said.replace(/`\S*\/data`/, '`data`').replace(/PGlite） [\d.]+/, 'PGlite） 18')).toMatchInlineSnapshot(`
    "#platform, @eks-audit, only @aiko
    *異常なし、警告 1 件、未確認 2 件*
    *Slack*
    :warning: 許可されていますが使用していません：\`chat:write.public\`、\`im:read\`、\`channels:join\`、\`files:read\`、\`files:write\`、\`reactions:write\`
          アプリの Bot Token Scopes から外してください。トークンでできることは少ないほど安全です。
    :white_check_mark: ボットトークンは有効です（Acme の @eks-audit）。
    :white_check_mark: 11 件のスコープがすべて許可されています。
    :white_check_mark: Slack からボットに届いており、署名も正しく検証できています（このコマンドが届いたため）。
    :white_check_mark: 設定されたチャンネル 4 件のうち 4 件にボットが参加しています。
    :white_check_mark: 設定された 3 名のうち 3 名が正式なメンバーです。
    :white_check_mark: どの承認ルールにも十分な人数の承認者がいます。
    *AWS*
    :grey_question: 変更せずには確認できない権限：\`eks:UpdateClusterConfig\`、\`lambda:AddPermission\`、\`lambda:RemovePermission\`、\`logs:DeleteSubscriptionFilter\`、\`logs:PutRetentionPolicy\`、\`logs:PutSubscriptionFilter\`
          各ロールのポリシーを \`npm run -s cli -- setup aws\` の出力と見比べてください。
    :white_check_mark: \`production/us-east-1\`：読み取りアクション 12 件のうち 12 件が許可されています。
    :white_check_mark: \`production/us-east-1\`：operator ロールは \`arn:aws:sts::111122223333:assumed-role/EksAuditOperator/eks-audit-doctor\` として使用できます。
    :white_check_mark: \`production/us-east-1\`：audit_off ロールは \`arn:aws:sts::111122223333:assumed-role/EksAuditOff/eks-audit-doctor\` として使用できます。
    *Datadog*
    :grey_question: 変更せずには確認できない権限：\`create_webhooks\`、\`security_monitoring_notification_profiles_write\`、\`security_monitoring_signals_write\`
          アプリケーションキーのスコープを \`npm run -s cli -- setup datadog\` の出力と見比べてください。
    :white_check_mark: API キーとアプリケーションキーは \`datadoghq.com\` で有効です。
    :white_check_mark: リンク先は https://app.datadoghq.com です。
    :white_check_mark: 確認できた権限：\`logs_read_data\`、\`aws_configuration_read\`、\`security_monitoring_filters_read\`、\`security_monitoring_rules_read\`、\`security_monitoring_rules_write\`、\`integrations_read\`、\`manage_integrations\`、\`security_monitoring_notification_profiles_read\`、\`security_monitoring_signals_read\`、\`user_access_read\`、\`security_monitoring_suppressions_read\`、\`security_monitoring_suppressions_write\`
    *データベース*
    :white_check_mark: 組み込みデータベース（PGlite） 18 に書き込めます。
    :white_check_mark: 滞っている処理はありません。
    :white_check_mark: \`data\` の空き容量は十分です。"
  `);
  expect(said).not.toContain(SECRETS.datadogAppKey);
});

test('anything wrong ends with 1 and stands first', async () => {
  await using terminal = await openTerminal({
    seed: (world) => {
      onlyOurScopes(world);
      world.slack.scopes.delete('chat:write');
    },
  });
  const { code, out } = await terminal.run('doctor');
  expect(code).toBe(1);
  expect(out.split('\n').slice(0, 4).join('\n')).toBe(
    '1 wrong, 3 not verified\n\nSlack\n✗ The scope `chat:write` is missing: post messages and keep them up to date.',
  );
});

test('every result has its words in both languages', async () => {
  await using terminal = await openTerminal({ env: { DD_APP_KEY: 'wrong' } });
  const results = [...(await slackOf(terminal)), ...(await datadogOf(terminal))];
  for (const { what, fix } of results) {
    expect(what.ja).not.toBe(what.en);
    if (fix) expect(fix.ja).not.toBe(fix.en);
  }
  expect(isSick(results)).toBe(true);
  expect(doctorView(results, 'ja').text).toContain('異常 1 件');
});

function onlyOurScopes({ slack }: World): void {
  slack.scopes.clear();
  for (const { scope } of SLACK_SCOPES) slack.scopes.add(scope);
}

test('a running bot tells of webhooks it refused, and what to do when the secret was changed', async () => {
  await using bot = await startBot({
    file: {
      roles: {
        admins: { users: [PEOPLE.aiko, PEOPLE.arjun] },
        operators: { users: [PEOPLE.olivia] },
        approvers: { users: [PEOPLE.arjun] },
      },
    },
  });
  const ring = (authorization: string) =>
    fetch(`${bot.url}/webhooks/datadog`, { method: 'POST', headers: { authorization }, body: '{}' });
  await bot.slash('/eks-audit doctor', { as: 'arjun' });
  expect(bot.text(await bot.told('arjun'))).not.toContain('refused since');
  for (let i = 0; i < 2; i++) expect((await ring('Bearer the one before')).status).toBe(401);
  await bot.slash('/eks-audit doctor', { as: 'arjun' });
  const said = bot.text(await bot.told('arjun'));
  expect(said).toContain(':warning: 2 webhooks were refused since the bot started');
  expect(said).toContain('keep the old one as `WEBHOOK_TOKEN_PREVIOUS`');
  await bot.slash('/eks-audit doctor', { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toContain('Webhook を 2 件拒否しました');
});
