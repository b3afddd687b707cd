/**
 * No secret leaves the process: each is planted in the environment, everybody upstream answers failures that quote all
 * of them, and afterwards none stands in the log, in a message, in the metrics or in any row.
 */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../playground/acme.ts';
import { awsError } from '../playground/aws/wire.ts';
import { errors } from '../playground/datadog/answers.ts';
import { json } from '../playground/http.ts';
import { SECRETS, type World } from '../playground/world.ts';
import { createRedaction, withoutSecrets } from '../src/redaction.ts';
import { startBot, type TestBot } from './bot.ts';

const PLANTED = {
  WEBHOOK_TOKEN_PREVIOUS: 'planted-previous-webhook-token',
  METRICS_TOKEN: 'planted "metrics" token & more',
  AWS_SESSION_TOKEN: 'planted/aws+session=token==',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'planted-container-authorization',
};
const ALL = [...Object.values(SECRETS), ...Object.values(PLANTED)];
/** What an upstream might repeat: plain, as JSON in JSON, in a URL. */
const QUOTE = ALL.flatMap((secret) => [
  secret,
  JSON.stringify({ key: secret }),
  `https://x/?key=${encodeURIComponent(secret)}`,
]).join(' ');

function failures(world: World): void {
  const { door } = world;
  const slack = (error: string) =>
    json(200, { ok: false, error, response_metadata: { messages: [`[ERROR] ${QUOTE}`] } });
  door.fail({ service: 'slack', operation: 'users.info', answer: slack(`fatal: ${QUOTE}`) });
  door.fail({ service: 'slack', operation: 'chat.update', answer: { status: 500, body: QUOTE }, times: 2 });
  door.fail({ service: 'slack', operation: 'chat.update', answer: slack('invalid_blocks') });
  door.fail({ service: 'sts', operation: 'AssumeRole', answer: awsError('sts', 'AccessDenied', QUOTE) });
  door.fail({
    service: 'eks',
    operation: 'DescribeCluster',
    answer: awsError('eks', 'ServerException', QUOTE),
    times: 2,
  });
  door.fail({
    service: 'lambda',
    operation: 'GetPolicy',
    answer: awsError('lambda', 'InvalidParameterValueException', QUOTE),
  });
  door.fail({
    service: 'logs',
    operation: 'DescribeLogGroups',
    answer: awsError('logs', 'InvalidParameterException', QUOTE),
  });
  door.fail({ service: 'datadog', operation: 'ListSecurityMonitoringRules', answer: errors(400, QUOTE) });
  door.fail({ service: 'datadog', operation: 'ListAWSAccounts', answer: errors(403, QUOTE) });
}

/** Everything that others can read of a bot. */
async function visible(bot: TestBot): Promise<Record<string, string>> {
  const { db } = bot.bot;
  const tables = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`.execute(db);
  const rows = await Promise.all(
    tables.rows.map(({ name }) =>
      sql<{ row: unknown }>`select row_to_json(t) as row from ${sql.raw(name)} t`.execute(db),
    ),
  );
  const authorization = `Bearer ${PLANTED.METRICS_TOKEN}`;
  return {
    log: bot.logged.map((line) => JSON.stringify(line)).join('\n'),
    messages: JSON.stringify(bot.world.slack.timeline),
    metrics: (await bot.bot.server.inject({ url: '/metrics', headers: { authorization } })).body,
    readiness: (await bot.bot.server.inject('/readyz')).body,
    rows: JSON.stringify(rows.flatMap((found) => found.rows)),
  };
}

test('a run with failures everywhere shows no secret to anybody', async () => {
  await using bot = await startBot({
    env: { ...PLANTED, LOG_LEVEL: 'trace', SLACK_APP_TOKEN: SECRETS.slackAppToken },
    seed({ aws }) {
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'failing' }).failNextUpdate = {
        errorCode: 'SubnetNotFound',
        errorMessage: QUOTE,
      };
    },
  });
  bot.ignoreRest();
  bot.expectErrors();
  failures(bot.world);
  const { slack } = bot.world;

  await bot.slash('/eks-audit list', { as: 'ada' });
  await bot.told('ada', 'Slack did not say who you are');
  const lost = bot.world.door.fail({
    service: 'slack',
    operation: 'response_url',
    answer: { status: 404, body: QUOTE },
  });
  await bot.slash('/eks-audit help', { as: 'ada' });
  await slack.until(() => lost.times === 0);
  // Each command meets some of the failures; the last ones go through.
  for (const line of ['list', 'status prod-a', 'list', 'status prod-a', 'status failing', 'logs staging', 'doctor']) {
    await bot.slash(`/eks-audit ${line}`, { as: 'ada' });
    await bot.told('ada');
  }
  await expect
    .poll(() => bot.world.door.faults.filter((f) => f.service !== 'slack' && f.times > 0).map((f) => f.operation), {
      timeout: 10_000,
    })
    .toEqual([]);

  await bot.slash('/eks-audit enable failing');
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'));
  await bot.told('olivia', 'the run stopped');

  for (const operation of ['CreateSecurityMonitoringRule', 'CreateWebhooksIntegration'])
    bot.world.door.fail({ service: 'datadog', operation, answer: errors(400, QUOTE), times: 99 });
  await bot.slash('/eks-audit enable staging');
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'));
  await bot.told('olivia', 'the run stopped');
  await slack.until(() => bot.world.door.faults.filter((f) => f.service === 'slack').every((f) => f.times === 0));

  const seen = await visible(bot);
  // Worth something only if the quotes came through at all.
  expect(seen.log).toContain('[secret]');
  expect(seen.rows).toContain('[secret]');
  expect(seen.messages).toContain('[secret]');
  for (const [where, text] of Object.entries(seen))
    for (const secret of ALL)
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(text.includes(form), `${form} in the ${where}: …${around(text, form)}…`).toBe(false);
}, 60_000);

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 200), at + 50);
}

describe('redaction', () => {
  const config = {
    SLACK_BOT_TOKEN: 'xoxb-1"quoted\\token',
    SLACK_SIGNING_SECRET: 'signing secret/with=signs',
    SLACK_APP_TOKEN: undefined,
    DD_API_KEY: 'api-key',
    DD_APP_KEY: 'api-key-longer',
    WEBHOOK_TOKEN: 'webhook-token-1234',
    WEBHOOK_TOKEN_PREVIOUS: undefined,
    METRICS_TOKEN: 'short',
    DATABASE_URL: 'postgres://bot:p%40ss-word-of-many@db.acme.example:5432/audit',
  };
  const redact = createRedaction(config, { AWS_SECRET_ACCESS_KEY: 'aws+secret/key' });
  const table: [what: string, text: string, clean: string][] = [
    ['plain', 'token xoxb-1"quoted\\token!', 'token [secret]!'],
    ['in JSON', JSON.stringify({ a: config.SLACK_BOT_TOKEN }), '{"a":"[secret]"}'],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: config.SLACK_BOT_TOKEN })), '"{\\"a\\":\\"[secret]\\"}"'],
    ['in a URL', `?k=${encodeURIComponent(config.SLACK_SIGNING_SECRET)}`, '?k=[secret]'],
    ['in a form', `${new URLSearchParams({ k: config.SLACK_SIGNING_SECRET })}`, 'k=[secret]'],
    ['the longer of two that begin alike', 'api-key-longer api-key', '[secret] [secret]'],
    ['the AWS key the SDK reads', 'aws+secret/key', '[secret]'],
    ['the database URL, and its password alone', `${config.DATABASE_URL} p@ss-word-of-many`, '[secret] [secret]'],
    ['not a short word', 'short', 'short'],
  ];
  for (const [what, text, clean] of table) test(`cuts out ${what}`, () => expect(redact(text)).toBe(clean));

  test('reaches into errors, their causes and the plain fields they carry, and leaves the rest alone', () => {
    const client = new (class Client {
      key = 'api-key';
    })();
    const cause = Object.assign(new Error('cause api-key'), { data: { error: 'api-key', list: ['api-key', 1] } });
    const error = Object.assign(new Error('outer api-key', { cause }), { client, code: 7 });
    expect(withoutSecrets(error, redact)).toBe(error);
    expect(error.message).toBe('outer [secret]');
    expect(error.stack).not.toContain('api-key');
    expect(cause.message).toBe('cause [secret]');
    expect(cause.data).toEqual({ error: '[secret]', list: ['[secret]', 1] });
    expect(client.key).toBe('api-key');
  });

  test('bears an error that refers to itself', () => {
    const error: Error & { self?: unknown } = new Error('api-key');
    error.self = error;
    error.cause = error;
    expect((withoutSecrets(error, redact) as Error).message).toBe('[secret]');
  });
});
