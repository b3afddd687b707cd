/**
 * Acme as the crash laps find it: nothing shared with another cluster, so that disabling takes everything back; a
 * Forwarder nobody may invoke yet; and no vendor faster than in the field. Lags are short while all is calm and longer
 * than a restart around a kill, which is when they could deceive.
 */
import { ACCOUNT, FORWARDER, REGION, STARTER_RULES, seedAcme } from '../../playground/acme.ts';
import { openWorld, SECRETS, type World } from '../../playground/world.ts';
import { compileRule } from '../../src/rules/compile.ts';
import { loadPack } from '../../src/rules/pack.ts';

export const PROD_A = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`;
export const GROUP = '/aws/eks/prod-a/cluster';

const PACK = new URL('../../rules/', import.meta.url);
/** The other chosen rules are there from earlier: creating one after the other is the same however many. */
const MISSING_RULES = STARTER_RULES.slice(0, 2);
const SPEED = 200;
/** Wall milliseconds; a restart takes one to two seconds. */
const CALM_LAG_MS = 100;
const ROUGH_LAG_MS = 2_500;
const ROUGH_FOR_MS = 4_000;
const HTTP_TIMEOUT_MS = 3_000;
/** When a post lands only after the bot's client has given up. */
const LATE_POST_MS = HTTP_TIMEOUT_MS + 500;

/** The bot's intervals in proportion to this world: every deadline is longer than several restarts. */
export const TIMING = {
  poll: '400ms',
  sweep: '5s',
  prerequisites: '300ms',
  permission_propagation: '30s',
  update_deadline: '30s',
  group_deadline: '30s',
  arrival_deadline: '40s',
  lookup_for: `${ROUGH_LAG_MS + 1_500}ms`,
  adopt_for: `${LATE_POST_MS - HTTP_TIMEOUT_MS + ROUGH_LAG_MS + 2_000}ms`,
  // Longer than anybody here waits: a start takes back at once what the process before it held.
  lease: '60s',
  http_timeout: `${HTTP_TIMEOUT_MS}ms`,
  message_pace: '1s',
};

export interface CrashWorld {
  world: World;
  /** The next things that are made stay hidden for longer than a restart takes. */
  rough(): void;
  close(): Promise<void>;
}

export async function openCrashWorld(): Promise<CrashWorld> {
  const world = await openWorld({ speed: SPEED });
  const { aws, datadog, slack } = world;
  seedAcme(world);
  aws.cluster(PROD_A.replace('prod-a', 'staging'))?.setLogging([]);
  aws.removeFunction(FORWARDER);
  aws.addForwarder({
    account: ACCOUNT,
    region: REGION,
    name: 'DatadogForwarder',
    policy: 'none',
    apiKey: SECRETS.datadogApiKey,
    site: 'datadoghq.com',
  });
  for (const rule of (await loadPack(PACK)).rules)
    if (!MISSING_RULES.includes(rule.id)) datadog.addRule({ ...compileRule(rule) });
  // Minutes pass in seconds here, and Slack counts calls by the minute of the wall.
  slack.limits.perMethod = false;
  // One event is as good a proof as a hundred, and they cost this process more than all else.
  aws.backgroundEveryMs = 300 * SPEED;
  aws.permissionPropagationMs = CALM_LAG_MS * SPEED;
  lag(CALM_LAG_MS);

  function lag(ms: number): void {
    datadog.listLagMs = ms * SPEED;
    slack.historyLagMs = ms * SPEED;
    aws.describeLagMs = ms * SPEED;
  }

  let calming: NodeJS.Timeout | undefined;
  function rough(): void {
    lag(ROUGH_LAG_MS);
    clearTimeout(calming);
    calming = setTimeout(() => lag(CALM_LAG_MS), ROUGH_FOR_MS);
  }

  return {
    world,
    rough,
    async close() {
      clearTimeout(calming);
      await world.close();
    },
  };
}

/** Makes the next post late or not; called before Slack takes it. */
export function delayPost({ world }: CrashWorld, late: boolean): void {
  world.slack.slowPostMs = late ? LATE_POST_MS * SPEED : 0;
}
