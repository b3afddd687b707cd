/**
 * What the environment and `eks-audit.yaml` may say, with the messages a person reads when they say something else.
 * The README's configuration table is held against these schemas by a test.
 */
import { z } from 'zod';
import { canBeOwned, clusterGlob, reportUnknownAccounts, signals } from './config-signals.ts';
import { channelId, duration, expected, listed, oneOf, shown, textLike, usergroupId, userId } from './config-values.ts';

const DATADOG_SITES = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'uk1.datadoghq.com',
  'ddog-gov.com',
  'us2.ddog-gov.com',
] as const;

/** New Regions keep these geographies; checking the number too would refuse the next one. */
const GEOGRAPHIES =
  /^(af-south|ap-(east|northeast|south|southeast)|ca-(central|west)|cn-(north|northwest)|eu-(central|north|south|west)|eusc-de-east|il-central|me-(central|south|west)|mx-central|sa-(east|west)|us-(east|west|gov-east|gov-west))-\d$/;

const withoutSlash = z
  .url({ protocol: /^https?$/, error: expected('a URL such as https://eks-audit.example.com') })
  .transform((text) => text.replace(/\/+$/, ''));

export const envSchema = z.object({
  SLACK_BOT_TOKEN: z
    .string({ error: 'missing. Install the app and copy the Bot User OAuth Token (xoxb-…).' })
    .startsWith('xox', 'expected a token that starts with xoxb-'),
  SLACK_SIGNING_SECRET: z
    .string({ error: 'missing. Copy it from the app’s Basic Information page.' })
    .min(8, 'too short to be a signing secret'),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'expected an app-level token that starts with xapp-').optional(),
  SLACK_API_URL: withoutSlash.prefault('https://slack.com/api'),
  DD_API_KEY: z.string({ error: 'missing. Create one in Datadog under Organization Settings, API Keys.' }).min(1),
  DD_APP_KEY: z
    .string({ error: 'missing. Create one for a service account, with the scopes `npm run -s cli -- setup` prints.' })
    .min(1),
  DD_SITE: oneOf(DATADOG_SITES).default('datadoghq.com'),
  DD_API_URL: withoutSlash.optional(),
  DD_APP_URL: withoutSlash.optional(),
  WEBHOOK_TOKEN: z
    .string({ error: 'missing. Choose a random secret, for example `openssl rand -hex 32`.' })
    .min(16, 'shorter than 16 characters; use `openssl rand -hex 32`'),
  WEBHOOK_TOKEN_PREVIOUS: z.string().min(16, 'shorter than 16 characters').optional(),
  PUBLIC_URL: withoutSlash.optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host:5432/database' })
    .optional(),
  DATA_DIR: z.string().default('data'),
  PORT: textLike(
    /^([0-9]|[1-9]\d{1,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
    'a port number up to 65535',
  )
    .transform(Number)
    .prefault('3000'),
  HOST: z.string().default('0.0.0.0'),
  METRICS_TOKEN: z.string().optional(),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Digits without quotes are a number in YAML and lose leading zeros; say so instead of guessing. */
const accountId = textLike(/^\d{12}$/, 'a 12-digit AWS account id in quotes, such as "111122223333"');
const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/;
const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:[\w-]+$/;
const roleArn = textLike(ROLE_ARN, 'a role ARN such as arn:aws:iam::111122223333:role/EksAuditReader');
const lambdaArn = textLike(
  LAMBDA_ARN,
  'a function ARN such as arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder',
);
const region = textLike(GEOGRAPHIES, 'an AWS Region such as us-east-1');

const account = z
  .strictObject({
    id: accountId,
    name: textLike(
      /^[\w-]+$/,
      'a name of letters, digits, - and _ only, since people type it as account/cluster (such as production)',
    ),
    regions: z
      .array(region)
      .min(1, { error: expected('at least one Region such as us-east-1') })
      // Each of its clusters would be there twice, and no name would mean one of them.
      .refine((regions) => new Set(regions).size === regions.length, { error: 'expected each Region once' }),
    roles: z.strictObject({ reader: roleArn, operator: roleArn, audit_off: roleArn.optional() }).optional(),
    external_id: textLike(
      /^[\w+=,.@:/-]{2,1224}$/,
      'an ExternalId of 2 to 1224 letters, digits and +=,.@:/-',
    ).optional(),
    forwarders: z.record(region, lambdaArn).default({}),
  })
  .superRefine((value, ctx) => {
    // An ARN of the wrong form has its own line already.
    for (const [key, arn] of Object.entries<string | undefined>(value.roles ?? {})) {
      const owner = ROLE_ARN.exec(arn ?? '')?.[1];
      if (owner !== undefined && owner !== value.id)
        ctx.addIssue({
          code: 'custom',
          path: ['roles', key],
          message: `expected a role of ${value.id}, got one of ${owner}`,
        });
    }
    for (const [key, arn] of Object.entries(value.forwarders)) {
      const [, at, owner] = LAMBDA_ARN.exec(arn) ?? [];
      if (owner !== undefined && (owner !== value.id || at !== key))
        ctx.addIssue({
          code: 'custom',
          path: ['forwarders', key],
          message: `expected a function of account ${value.id} in ${key}, since CloudWatch Logs delivers nowhere else, got one of ${owner} in ${at}`,
        });
    }
  });

const audience = z.strictObject({ users: z.array(userId).default([]), usergroups: z.array(usergroupId).default([]) });
const approvers = audience.refine((a) => a.users.length + a.usergroups.length > 0, {
  error: 'empty, so nobody could approve anything; expected a user or a user group',
});

export const ACTIONS = ['enable', 'repair', 'disable', 'audit-off', 'suppress', 'rule-change', 'accept-drift'] as const;

const approvalRule = z.strictObject({
  match: z
    .strictObject({
      account: z.string().optional(),
      cluster: clusterGlob.optional(),
      tag: textLike(/^[^=]+=.*$/, 'a tag such as env=prod').optional(),
      action: z
        .union([z.enum(ACTIONS), z.array(z.enum(ACTIONS))], {
          error: expected(`${listed(ACTIONS)}, or a list of them`),
        })
        .optional(),
    })
    .default({}),
  approvers: approvers.optional(),
  required: z
    .number({ error: expected('a number from 1 to 10') })
    .int()
    .min(1, { error: expected('a number from 1 to 10') })
    .max(10, { error: expected('a number from 1 to 10') })
    .default(1),
  requester_may: z.boolean().default(false),
});

/** Intervals and limits of time. The defaults suit production; tests and the playground shorten them. */
const timing = z.strictObject({
  poll: duration('12s'),
  sweep: duration('5s'),
  lease: duration('15s'),
  prerequisites: duration('60s'),
  permission_propagation: duration('5m'),
  update_deadline: duration('15m'),
  group_deadline: duration('15m'),
  arrival_deadline: duration('30m'),
  adopt_for: duration('10s'),
  lookup_for: duration('60s'),
  http_timeout: duration('10s'),
  message_pace: duration('1s'),
  // Mean spacing over the whole workspace: Slack takes about 50 edits a minute, posts on other limits.
  // https://docs.slack.dev/reference/methods/chat.update
  edit_pace: duration('1.2s'),
  signals_poll: duration('30s'),
  // How long a card waits for Datadog to show the signal before it says what the doorbell said.
  signal_read_for: duration('5s'),
  storm_window: duration('60s'),
});

const LANGUAGES = ['en', 'ja'] as const;

const sections = z.strictObject({
  language: oneOf(LANGUAGES).default('en'),
  admin_channel: channelId,
  aws: z.strictObject({ accounts: z.array(account).min(1, { error: expected('at least one AWS account') }) }),
  roles: z.strictObject({
    admins: audience,
    operators: audience,
    approvers,
    analysts: audience.prefault({}),
  }),
  approvals: z.strictObject({
    channel: channelId,
    expires_after: duration('24h'),
    rules: z.array(approvalRule).default([]),
  }),
  onboarding: z
    .strictObject({
      filter: oneOf(['audit-only', 'all']).default('audit-only'),
      retention_days: z
        .union(
          [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(
            (d) => z.literal(d),
          ),
          { error: expected('a number of days CloudWatch Logs offers, such as 30, 90 or 365') },
        )
        .default(90),
      check_every: duration('1h'),
    })
    .prefault({}),
  signals: signals.prefault({}),
  channels: z.record(channelId, z.strictObject({ language: oneOf(LANGUAGES) })).default({}),
  rules: z
    .strictObject({
      pack: oneOf(['recommended', 'none']).default('recommended'),
      // A directory, beside this file unless absolute.
      extra: z
        .string({ error: expected('a directory such as ./my-rules') })
        .min(1)
        .optional(),
      only: z.array(z.string(), { error: expected('a list of rule ids or tags') }).default([]),
      except: z.array(z.string(), { error: expected('a list of rule ids or tags') }).default([]),
      overrides: z
        .record(
          z.string(),
          z.strictObject({
            enabled: z.boolean({ error: expected('true or false') }).optional(),
            severity: oneOf(['info', 'low', 'medium', 'high', 'critical']).optional(),
            add: z.string({ error: expected('a query such as -@usr.name:"ci-bot"') }).optional(),
          }),
        )
        .default({}),
    })
    .prefault({}),
  retention: z
    .strictObject({ signals: duration('90d'), dead_letters: duration('30d'), jobs: duration('7d') })
    .prefault({}),
  timing: timing.prefault({}),
});

/** What no section can know alone. */
export const fileSchema = sections.superRefine((value, ctx) => {
  const { accounts } = value.aws;
  for (const key of ['id', 'name'] as const)
    for (const [i, account] of accounts.entries())
      if (accounts.findIndex((other) => other[key] === account[key]) < i)
        ctx.addIssue({
          code: 'custom',
          path: ['aws', 'accounts', i, key],
          message: `expected one entry per account, got ${shown(account[key])} twice`,
        });
  const known = accounts.flatMap((account) => [account.name, account.id]);
  for (const [i, rule] of value.approvals.rules.entries()) {
    const path = ['approvals', 'rules', i];
    const { account, cluster } = rule.match;
    // A rule that never matches would silently leave what it was meant to guard to the default.
    if (account !== undefined && !known.includes(account))
      ctx.addIssue({
        code: 'custom',
        path: [...path, 'match', 'account'],
        message: `expected an account of this file (${listed(known)}), got ${shown(account)}`,
      });
    if (cluster !== undefined && !canBeOwned(cluster, known))
      ctx.addIssue({
        code: 'custom',
        path: [...path, 'match', 'cluster'],
        message: `expected a cluster of an account of this file (${listed(known)}), got ${shown(cluster)}`,
      });
    const may = rule.approvers ?? value.roles.approvers;
    const people = new Set(may.users).size;
    if (may.usergroups.length === 0 && people > 0 && people < rule.required)
      ctx.addIssue({
        code: 'custom',
        path: [...path, 'required'],
        message: `expected at most as many as may approve, got ${rule.required} of ${people}`,
      });
  }
  reportUnknownAccounts(value.signals.routes, accounts, ctx);
});
