/** A changed `WEBHOOK_TOKEN`: Datadog never shows what it holds, so what we stored last is remembered, but never the token. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import { SECRETS } from '../../playground/world.ts';
import type { Change } from '../../src/onboarding/change.ts';
import type { ApplyContext } from '../../src/onboarding/step.ts';
import { signalWebhook } from '../../src/onboarding/steps/signal-webhook.ts';
import { isMarkOf, markOf } from '../../src/onboarding/webhook-secret.ts';
import type { TestBot } from '../bot.ts';
import { approve, ask, callsOf, enable, ended, everythingSaid, lineOf, startFast, statusOf } from './journey.ts';

const FIRST = SECRETS.webhookToken;
const SECOND = 'rotated-webhook-token-0123456789';
const STORE = 'Store the webhook’s secret in Datadog as variable `EKS_AUDIT_WEBHOOK_TOKEN`';
const UPDATE = 'UpdateWebhooksIntegrationCustomVariable';

/** The process goes on with another token, as after a restart, or as the other replica would. */
function useToken(bot: TestBot, token: string): void {
  bot.config.WEBHOOK_TOKEN = token;
}

function stored({ world }: TestBot): string | undefined {
  return world.datadog.customVariables.get('EKS_AUDIT_WEBHOOK_TOKEN')?.value;
}

/** Every row of every table, as text. */
async function everyRow({ bot }: TestBot): Promise<string> {
  const tables = await bot.db.introspection.getTables();
  const rows = await Promise.all(
    tables.filter((t) => t.schema === 'public').map((t) => sql`select * from ${sql.table(t.name)}`.execute(bot.db)),
  );
  return JSON.stringify(rows.map((r) => r.rows));
}

const webhookLine = async (bot: TestBot, cluster?: string) => lineOf('Signal webhook', await statusOf(bot, cluster));

test('a changed token is drift, is stored once for all clusters, and stands in no row and no log', async () => {
  await using bot = await startFast({
    seed: ({ aws }) => void aws.addCluster({ account: '111122223333', region: 'us-east-1', name: 'prod-b' }),
  });
  expect(await enable(bot)).toContain('is under audit');
  expect(await webhookLine(bot)).toContain('(in sync)');
  useToken(bot, SECOND);
  const line = await webhookLine(bot);
  expect(line).toContain('(drifted): The secret changed: Datadog may still ring with an older `WEBHOOK_TOKEN`.');
  expect(line).toContain('`WEBHOOK_TOKEN_PREVIOUS`');
  expect(await webhookLine(bot, 'prod-b')).toContain('(drifted)');

  // Both clusters ask for it; whoever comes second finds it done.
  const one = await ask(bot);
  expect(bot.text(one)).toContain('(1 change)');
  expect(bot.text(one)).toContain(STORE);
  const two = await ask(bot, '/eks-audit enable prod-b');
  expect(bot.text(two)).toContain(STORE);
  await approve(bot, one);
  await approve(bot, two);
  expect(await ended(bot)).toContain('is under audit');
  expect(await ended(bot)).toContain('is under audit');
  expect(stored(bot)).toBe(SECOND);
  expect(callsOf(bot, UPDATE)).toHaveLength(1);
  expect(await webhookLine(bot)).toContain('(in sync)');
  expect(await webhookLine(bot, 'prod-b')).toContain('(in sync)');

  const rows = await everyRow(bot);
  expect(rows).toContain('put-secret-variable');
  for (const token of [FIRST, SECOND]) {
    expect(rows).not.toContain(token);
    expect(everythingSaid(bot)).not.toContain(token);
  }

  // It was stored twice and is one thing to take back.
  await bot.slash('/eks-audit disable prod-a --dry-run');
  const farewell = bot.text(await bot.told('olivia', 'Dry run'));
  expect(farewell.match(/`EKS_AUDIT_WEBHOOK_TOKEN`/g)).toHaveLength(1);
});

test('while replicas have different tokens only the approved one is stored', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  expect(bot.text(card)).toContain(STORE);
  // The plan was made by a replica with the first token; the one that carries it out has the second.
  useToken(bot, SECOND);
  await approve(bot, card);
  const again = await bot.posted('approvals', '[Approve]');
  expect(bot.text(again)).toContain('*What was approved before*');
  expect(bot.world.datadog.customVariables.size).toBe(0);
  await approve(bot, again);
  expect(await ended(bot)).toContain('is under audit');
  expect(stored(bot)).toBe(SECOND);

  // The same between the look at the world and the change: nothing is called, and the journal is not written.
  const context = { db: bot.bot.db, clock: bot.clock, config: { ...bot.config, WEBHOOK_TOKEN: FIRST } };
  const values = markOf(SECOND, 'https://eks-audit.acme.example/webhooks/datadog');
  const change: Change = { step: 'signal-webhook', target: 'v', operation: 'put-secret-variable', values };
  expect(await signalWebhook.apply(context as unknown as ApplyContext, change)).toEqual({
    outcome: 'wait',
    finding: { code: 'secret-differs' },
  });

  // A replica that was not restarted yet sees that Datadog holds another token than its own, and stores nothing by itself.
  useToken(bot, FIRST);
  expect(await webhookLine(bot)).toContain('(drifted): The secret changed');
  expect(stored(bot)).toBe(SECOND);
});

test('a token whose storing was refused counts as not stored, until it is', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  useToken(bot, SECOND);
  bot.world.door.fail({ service: 'datadog', operation: UPDATE, answer: errors(403, 'Forbidden') });
  const end = await enable(bot);
  expect(end).toContain('the run stopped');
  expect(end).toContain('`manage_integrations`');
  expect(stored(bot)).toBe(FIRST);
  // Neither token is known to be the one: what we tried last has no answer.
  expect(await webhookLine(bot)).toContain('(drifted)');
  useToken(bot, FIRST);
  expect(await webhookLine(bot)).toContain('(drifted)');
  useToken(bot, SECOND);
  expect(await enable(bot)).toContain('is under audit');
  expect(stored(bot)).toBe(SECOND);
  expect(await webhookLine(bot)).toContain('(in sync)');
});

test('a mark tells tokens apart, differs between deployments, and is the same wherever it is made', () => {
  const mark = markOf(FIRST, 'https://a.example/webhooks/datadog');
  expect(mark).toEqual(markOf(FIRST, 'https://a.example/webhooks/datadog'));
  expect(isMarkOf(mark, FIRST)).toBe(true);
  expect(isMarkOf(mark, SECOND)).toBe(false);
  expect(markOf(FIRST, 'https://b.example/webhooks/datadog').hash).not.toBe(mark.hash);
  expect(JSON.stringify(mark)).not.toContain(FIRST);
});
