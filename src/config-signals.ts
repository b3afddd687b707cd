/**
 * The section `signals` of `eks-audit.yaml`: a tree of routes in the manner of Alertmanager, with the mistakes a person
 * makes in it. What it means is decided in `signals/routing.ts`.
 */
import { z } from 'zod';
import { closest } from './closest.ts';
import { channelId, duration, expected, listed, oneOf, shown, textLike } from './config-values.ts';
import { clusterGlobs, globMatches } from './permissions.ts';

/** The same as those of `signals/signal.ts`, which lies above. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
const GROUP_BY = ['rule', 'cluster', 'account', 'severity', 'actor', 'namespace', 'signal'] as const;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DELIVER = ['post', 'digest', 'off'] as const;

const CLOCK_TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const clockTime = textLike(new RegExp(`^${CLOCK_TIME}$`), 'a time of day such as "09:00"');
const endTime = textLike(new RegExp(`^(${CLOCK_TIME}|24:00)$`), 'a time of day such as "07:00", up to "24:00"');

const timezone = z.string({ error: expected('a time zone such as Asia/Tokyo') }).refine(isTimezone, {
  error: ({ input }) => {
    const meant = closest(String(input), Intl.supportedValuesOf('timeZone'));
    return `${expected('a time zone such as Asia/Tokyo')({ input })}${meant ? `; did you mean ${meant}?` : ''}`;
  },
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `none` is for a route below one that mentions somebody: what is not said is inherited. */
const mention = textLike(
  /^(none|[SUW][A-Z0-9]{1,20})$/,
  'a Slack user group or user id such as S01ABCDEF or U01ABCDEF, or none',
);

const groupBy = z
  .array(oneOf(GROUP_BY))
  .min(1, { error: expected(`at least one of ${listed(GROUP_BY)}`) })
  .refine((by) => by.length < 2 || !by.includes('signal'), {
    error: expected('signal alone, since no two signals share one, or others without it'),
  });

const muteTime = z
  .strictObject({
    days: z
      .array(oneOf(DAYS))
      .min(1, { error: expected('at least one day such as sat') })
      .default([...DAYS]),
    from: clockTime.default('00:00'),
    to: endTime.default('24:00'),
    timezone: timezone.default('UTC'),
  })
  // A beginning of the wrong form has its own line already.
  .refine(({ from, to }) => from !== to || !clockTime.safeParse(from).success, {
    path: ['to'],
    error: 'expected another time than from; leave both out for whole days',
  });

/** `name`, `account/name` or `account/region/name`, each with `*`. */
export const clusterGlob = textLike(
  /^[^/]+(\/[^/]+){0,2}$/,
  'a cluster such as prod-*, production/prod-* or production/us-east-1/prod-*',
);

const severity = { error: expected(`${listed(SEVERITIES)}, or a list of them`) };

const match = z.strictObject({
  severity: z.union([z.enum(SEVERITIES), z.array(z.enum(SEVERITIES)).min(1, severity)], severity).optional(),
  rule: textLike(/./, 'the name of a rule such as "*exec*", or its id').optional(),
  tag: textLike(/^[^:]+:.+$/, 'a tag such as tactic:* or team:payments').optional(),
  cluster: clusterGlob.optional(),
  account: textLike(/./, 'the name or id of an account').optional(),
});

const route = z.strictObject({
  match: match.default({}),
  channel: channelId.optional(),
  deliver: oneOf(DELIVER).optional(),
  group_by: groupBy.optional(),
  mention: mention.optional(),
  mute_times: z.array(muteTime).optional(),
  escalate: z.strictObject({ after: duration('15m'), mention }).optional(),
  get routes(): z.ZodOptional<z.ZodArray<typeof route>> {
    return z.array(route).optional();
  },
});

type RouteConfig = z.infer<typeof route>;

export const signals = z.strictObject({
  channel: channelId.optional(),
  group_by: groupBy.default(['rule', 'cluster']),
  digest: z.strictObject({ at: clockTime.default('09:00'), timezone: timezone.default('UTC') }).prefault({}),
  routes: z.array(route).default([]),
});

/** Whether one of these accounts, by name or id, may own such a cluster. */
export function canBeOwned(cluster: string, accounts: readonly string[]): boolean {
  // One of the wrong form has its own line already.
  if (!clusterGlob.safeParse(cluster).success) return true;
  const { account = '*' } = clusterGlobs(cluster);
  return accounts.some((known) => globMatches(account, known));
}

/** A route that can never match would silently send its signals where nobody expects them. */
export function reportUnknownAccounts(
  routes: readonly RouteConfig[],
  accounts: readonly { id: string; name: string }[],
  ctx: z.RefinementCtx,
  path: readonly PropertyKey[] = ['signals', 'routes'],
): void {
  const known = accounts.flatMap(({ id, name }) => [name, id]);
  for (const [i, { match, routes: children = [] }] of routes.entries()) {
    const report = (key: string, wanted: string) =>
      ctx.addIssue({
        code: 'custom',
        path: [...path, i, 'match', key],
        message: `expected an account of this file (${listed(known)}), got ${shown(wanted)}`,
      });
    if (match.account !== undefined && !known.includes(match.account)) report('account', match.account);
    if (match.cluster !== undefined && !canBeOwned(match.cluster, known)) report('cluster', match.cluster);
    reportUnknownAccounts(children, accounts, ctx, [...path, i, 'routes']);
  }
}
