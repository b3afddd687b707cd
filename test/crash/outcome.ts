/**
 * How the world stands after a telling, without what may differ between two tellings of the same story: ids, times,
 * and how often somebody had to repeat a command.
 */
import { ACCOUNT, FORWARDER, PEOPLE, REGION } from '../../playground/acme.ts';
import type { Message } from '../../playground/slack/model.ts';
import type { World } from '../../playground/world.ts';
import type { Rows } from './commits.ts';
import { GROUP, PROD_A } from './crash-world.ts';

export type Outcome = Record<string, unknown>;

/** What the vendors hold. */
export function vendors({ aws, datadog }: World): Outcome {
  const group = aws.logGroup(ACCOUNT, REGION, GROUP);
  const forwarder = aws.functionByArn(FORWARDER);
  return structuredClone({
    logging: aws.cluster(PROD_A)?.logging,
    updates: aws.cluster(PROD_A)?.updates.map(({ type, status, params }) => ({ type, status, params })),
    retention: group?.retentionInDays,
    filters: (group?.filters ?? []).map(({ filterName, filterPattern, destinationArn }) => ({
      filterName,
      filterPattern,
      destinationArn,
    })),
    statements: forwarder?.statements,
    rules: datadog.rules.all
      .filter((rule) => !rule.isDefault)
      .map(({ name, tags, isEnabled, queries, cases }) => ({ name, tags, isEnabled, queries, cases })),
    webhooks: [...datadog.webhooks.values()],
    variables: [...datadog.customVariables.values()],
    notificationRules: datadog.notificationRules.all.map(({ attributes: { name, enabled, selectors, targets } }) => ({
      name,
      enabled,
      selectors,
      targets,
    })),
  });
}

/** What the vendors did that must be done once, by what it was done to. */
export function effects({ door }: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { call, answer } of door.recorded) {
    const what = `${call.service} ${call.operation}`;
    if (!ONCE.has(what) || !answer || answer.status >= 300) continue;
    const { name } = (call.body.length > 0 ? JSON.parse(call.body.toString()) : {}) as { name?: string };
    const key = name ? `${what}: ${name}` : what;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Repeating any of these would make a second thing, or claim one that somebody else made meanwhile. */
const ONCE = new Set([
  'lambda AddPermission',
  'datadog CreateSecurityMonitoringRule',
  'datadog CreateWebhooksIntegrationCustomVariable',
  'datadog CreateWebhooksIntegration',
  'datadog CreateSignalNotificationRule',
]);

/** What people can read in the end, by channel. */
export function readable({ slack }: World, rows: Rows): Outcome {
  const runs = byAge(rows.runs, 'requested_at').map((row) => String(row.id));
  const tidy = (text: string) => runs.reduce((all, id, i) => all.replaceAll(id, `<run ${i + 1}>`), withoutTimes(text));
  const channels = [...slack.channels.values()].map((channel) => {
    const name = channel.kind === 'im' ? `@${slack.user(channel.user ?? '').name}` : `#${channel.name}`;
    const messages = channel.messages.filter((m) => m.fromBot && !m.deleted);
    // Which of two messages of one commit is posted first is nobody's concern.
    return [name, messages.map((m) => `${tidy(keyOf(m))}\n${tidy(slack.render(m))}`).sort()] as const;
  });
  return Object.fromEntries(channels.filter(([, messages]) => messages.length > 0));
}

/** The different sentences somebody was told alone; the same twice is what a repeated command may cost. */
export function told({ slack }: World, who: keyof typeof PEOPLE): string[] {
  const mine = slack.ephemerals.filter((m) => m.ephemeralFor === PEOPLE[who]);
  return [...new Set(mine.map((m) => m.text))];
}

/** What the bot remembers. */
export function remembered(rows: Rows): Outcome {
  const runs = byAge(rows.runs, 'requested_at');
  const number = new Map(runs.map((row, i) => [row.id, i + 1]));
  return {
    runs: runs.map((row) => ({
      kind: row.kind,
      state: row.state,
      by: row.requested_by,
      outcome: row.outcome,
      plan: row.plan_hash,
      leased: row.lease_token !== null,
      steps: Object.entries(row.progress as Record<string, { state: string }>).map(([step, { state }]) => [
        step,
        state,
      ]),
    })),
    journal: byAge(rows.journal, 'id').map((row) => ({
      run: number.get(row.run_id),
      change: [row.step, row.target, row.operation, row.values],
      state: row.state,
      result: JSON.parse(withoutTimes(JSON.stringify(row.result ?? null))),
    })),
    approvals: byAge(rows.approvals, 'created_at').map(({ action, state, run_id }) => ({
      action,
      state,
      run: number.get(run_id),
    })),
    counted: rows.approval_attempts
      .filter(({ outcome }) => outcome === 'counted')
      .map(({ user_id, decision }) => ({ user_id, decision })),
    messages: rows.messages.filter((m) => m.failure !== null || m.repeated).map((m) => m.key),
    failedRequests: rows.inbox.filter((r) => r.failure !== null).map((r) => r.failure),
  };
}

/** Messages of ours that stand there more than once, by the key in their metadata. */
export function doubled({ slack }: World): string[] {
  const keys = [...slack.channels.values()]
    .flatMap((channel) => channel.messages)
    .filter((m) => m.fromBot && !m.deleted)
    .map(keyOf);
  return keys.filter((key, i) => keys.indexOf(key) !== i);
}

function keyOf(message: Message): string {
  const payload = message.metadata?.event_payload as { key?: string } | undefined;
  return payload?.key ?? `no key: ${message.text}`;
}

function byAge(rows: Rows['runs'], column: string): Rows['runs'] {
  const value = (row: Rows['runs'][number]) => row[column] as string | number;
  return rows.toSorted((a, b) => (value(a) < value(b) ? -1 : 1));
}

/** Opaque ids, dates and durations. */
function withoutTimes(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?/g, '<time>')
    .replace(/"[0-9a-z]{3}-[0-9a-z]{3}-[0-9a-z]{3}"/g, '"<id>"')
    .replace(/(from|to)_ts=\d+/g, '$1_ts=<time>')
    .replace(/came \d+ (s|min) after/g, 'came <seconds> s after');
}
