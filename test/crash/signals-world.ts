/**
 * Acme as the runs about signals find it: many channels, a webhook in place, three analysts. And the troubles of a row's
 * conditions, each by chance from the run's seed.
 */
import { addSignalWebhook, CHANNELS, PEOPLE, seedAcme, USERGROUPS } from '../../playground/acme.ts';
import { datadogRateLimited } from '../../playground/datadog/answers.ts';
import type { Call } from '../../playground/http.ts';
import { slackRateLimited } from '../../playground/slack/faults.ts';
import { openWorld, type World } from '../../playground/world.ts';
import type { Conditions } from './signals-conditions.ts';

/**
 * So many that Slack's pace is not what everybody waits for, and that what comes in while no bot lives is not a storm in
 * any of them: a batch with more than four signals of one channel is one, however short the window.
 */
export const SIGNAL_CHANNELS = Array.from({ length: 50 }, (_, i) => `C0SIGNALS${String(i).padStart(2, '0')}`);
/** Everybody here reads English, so that a refusal can be known by its words. */
export const ANALYSTS = [PEOPLE.ana, PEOPLE.olivia, PEOPLE.arjun] as const;
/** The only analyst Datadog knows, so that both ways of taking a signal occur. */
export const KNOWN_TO_DATADOG = PEOPLE.ana;

const SPEED = 20;
const HTTP_TIMEOUT_MS = 2_000;
/** Lands after the bot's client gave up, before the bot looks for it. */
const LATE_POST_MS = HTTP_TIMEOUT_MS + 400;
const HISTORY_LAG_MS = 500;
/** Wall milliseconds within which doorbells overtake each other. */
const DISORDER_MS = 1_000;

const OFTEN = 0.12;
const LOST = 0.3;

/** The bot's intervals in proportion: what must be waited for after a crash is a matter of seconds. */
export function timing({ datadog }: Conditions, storm: boolean): Record<string, string> {
  return {
    poll: '400ms',
    sweep: '1s',
    lease: '3s',
    http_timeout: `${HTTP_TIMEOUT_MS}ms`,
    message_pace: '1s',
    edit_pace: '60ms',
    adopt_for: `${HISTORY_LAG_MS + 2_000}ms`,
    signals_poll: '3s',
    // Cards go out unread only where Datadog is what is slow.
    signal_read_for: datadog === '429' ? '1s' : '20s',
    storm_window: storm ? '4s' : '1ms',
  };
}

/** One message per signal, and signals of `cluster-07` to the eighth channel. */
export function signalsSection(): Record<string, unknown> {
  return {
    channel: CHANNELS.security,
    group_by: ['signal'],
    routes: SIGNAL_CHANNELS.map((channel, i) => ({ match: { cluster: clusterOf(i) }, channel })),
  };
}

export function clusterOf(channel: number): string {
  return `cluster-${String(channel).padStart(2, '0')}`;
}

export async function openSignalsWorld(conditions: Conditions, random: () => number): Promise<World> {
  const world = await openWorld({ speed: SPEED });
  const { aws, datadog, slack } = world;
  seedAcme(world);
  for (const [i, id] of SIGNAL_CHANNELS.entries())
    slack.addChannel({ id, name: `signals-${i}`, members: Object.values(PEOPLE) });
  slack.userGroups.get(USERGROUPS.analysts)?.members.push(...ANALYSTS);
  datadog.addUser({ email: slack.user(KNOWN_TO_DATADOG).email });
  // Nobody's audit events are looked at, and they cost this process more than all else.
  aws.backgroundEveryMs = 3_600_000 * SPEED;
  // Minutes pass in seconds here, and Slack counts calls by the minute of the wall.
  slack.limits.perMethod = false;
  slack.historyLagMs = HISTORY_LAG_MS * SPEED;
  if (conditions.history === 'unreadable')
    for (const scope of ['channels:history', 'groups:history', 'im:history']) slack.scopes.delete(scope);
  addSignalWebhook(world);
  if (conditions.doorbells === 'lost') datadog.sender.lossRate = LOST;
  if (conditions.doorbells === 'tripled') Object.assign(datadog.sender, { duplicate: 3, reorder: DISORDER_MS * SPEED });
  trouble(world, conditions, random);
  return world;
}

function trouble({ door }: World, conditions: Conditions, random: () => number): void {
  const always = { times: Number.POSITIVE_INFINITY, operation: '*' };
  // Without it the bot does not start, which is not what these runs are about.
  const now = ({ operation }: Call) => operation !== 'auth.test' && random() < OFTEN;
  if (conditions.slack === '429') door.fail({ ...always, service: 'slack', answer: slackRateLimited(1), when: now });
  if (conditions.slack === '500') {
    door.fail({ ...always, service: 'slack', answer: { status: 500 }, when: now });
    door.fail({ ...always, service: 'slack', answer: { status: 500 }, when: now, applies: true });
  }
  if (conditions.datadog === '429')
    door.fail({ ...always, service: 'datadog', answer: datadogRateLimited(1), when: now });
}

/** Before a post takes effect: whether it takes longer than the bot waits. Returns whether it will. */
export function delayPost({ slack }: World, call: Call, conditions: Conditions, random: () => number): boolean {
  if (call.operation !== 'chat.postMessage') return false;
  const late = conditions.slack === 'late' && random() < OFTEN;
  slack.slowPostMs = late ? LATE_POST_MS * SPEED : 0;
  return late;
}
