/**
 * What the environment and `eks-audit.yaml` may say, with the messages a person reads when they say something else.
 * The README's configuration table is held against these schemas by a test.
 */
import { z } from 'zod';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds from `250ms`, `30s`, `15m`, `24h` or `90d`. */
export const durationSchema = z
  .string({ error: 'expected a duration such as 30s, 15m, 24h or 90d' })
  .transform((text, ctx) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
    if (match) return Number(match[1]) * MS[match[2] as keyof typeof MS];
    ctx.addIssue({ code: 'custom', message: `"${text}" is not a duration; write for example 30s, 15m, 24h or 90d` });
    return z.NEVER;
  });

const duration = (standard: string) => durationSchema.prefault(standard);

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
  /^(af-south|ap-(east|northeast|south|southeast)|ca-(central|west)|cn-(north|northwest)|eu-(central|north|south|west)|eusc-de-east|il-central|me-(central|south)|mx-central|sa-east|us-(east|west|gov-east|gov-west))-\d$/;

const url = z.url({ protocol: /^https?$/, error: 'expected a URL such as https://eks-audit.example.com' });
const withoutSlash = url.transform((text) => text.replace(/\/+$/, ''));

const slackId = (kind: string, letters: string) =>
  z
    .string()
    .regex(new RegExp(`^[${letters}][A-Z0-9]{1,20}$`), `expected a Slack ${kind} id such as ${letters[0]}01ABCDEF`);
const channelId = slackId('channel', 'CGD');
const userId = slackId('user', 'UW');
const usergroupId = slackId('user group', 'S');

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
  DD_SITE: z.enum(DATADOG_SITES, { error: `expected one of ${DATADOG_SITES.join(', ')}` }).default('datadoghq.com'),
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
  PORT: z.coerce
    .number({ error: 'expected a port number' })
    .int()
    .min(0)
    .max(65535, 'expected a port number up to 65535')
    .default(3000),
  HOST: z.string().default('0.0.0.0'),
  METRICS_TOKEN: z.string().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'expected trace, debug, info, warn, error or silent',
    })
    .default('info'),
});

/** A string of digits in YAML becomes a number and loses leading zeros; say so instead of guessing. */
const accountId = z
  .string({ error: 'expected a 12-digit AWS account id in quotes, such as "111122223333"' })
  .regex(/^\d{12}$/, 'expected a 12-digit AWS account id in quotes, such as "111122223333"');
const roleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    'expected a role ARN such as arn:aws:iam::111122223333:role/EksAuditReader',
  );
const lambdaArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$/,
    'expected a function ARN such as arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder',
  );
const region = z.string().regex(GEOGRAPHIES, 'not an AWS Region; check the spelling, for example us-east-1');

const account = z
  .strictObject({
    id: accountId,
    name: z.string().regex(/^[\w-]+$/, 'use letters, digits, - and _ only, so that it can be typed as account/cluster'),
    regions: z.array(region).min(1, 'name at least one Region'),
    roles: z.strictObject({ reader: roleArn, operator: roleArn, audit_off: roleArn.optional() }).optional(),
    external_id: z.string().min(2).max(1224).optional(),
    forwarders: z.record(region, lambdaArn).default({}),
  })
  .superRefine((value, ctx) => {
    for (const [key, arn] of Object.entries<string | undefined>(value.roles ?? {}))
      if (arn && !arn.includes(`::${value.id}:`))
        ctx.addIssue({ code: 'custom', path: ['roles', key], message: `belongs to another account than ${value.id}` });
    for (const [key, arn] of Object.entries(value.forwarders))
      if (!arn.includes(`:${key}:${value.id}:`))
        ctx.addIssue({
          code: 'custom',
          path: ['forwarders', key],
          message: `must be a function of account ${value.id} in ${key}: CloudWatch Logs cannot deliver elsewhere`,
        });
  });

const audience = z.strictObject({ users: z.array(userId).default([]), usergroups: z.array(usergroupId).default([]) });

export const ACTIONS = ['enable', 'repair', 'disable', 'audit-off', 'suppress', 'rule-change', 'accept-drift'] as const;

const approvalRule = z.strictObject({
  match: z
    .strictObject({
      account: z.string().optional(),
      cluster: z.string().optional(),
      tag: z
        .string()
        .regex(/^[^=]+=.*$/, 'expected key=value')
        .optional(),
      action: z.union([z.enum(ACTIONS), z.array(z.enum(ACTIONS))]).optional(),
    })
    .default({}),
  approvers: audience.optional(),
  required: z.number().int().min(1).max(10).default(1),
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
});

export const fileSchema = z.strictObject({
  language: z.enum(['en', 'ja'], { error: 'expected en or ja' }).default('en'),
  admin_channel: channelId,
  aws: z.strictObject({ accounts: z.array(account).min(1, 'name at least one AWS account') }),
  roles: z.strictObject({
    admins: audience,
    operators: audience,
    approvers: audience.refine(
      (a) => a.users.length + a.usergroups.length > 0,
      'empty: nobody could approve anything; name a user or a user group',
    ),
    analysts: audience.prefault({}),
  }),
  approvals: z.strictObject({
    channel: channelId,
    expires_after: duration('24h'),
    rules: z.array(approvalRule).default([]),
  }),
  onboarding: z
    .strictObject({
      filter: z.enum(['audit-only', 'all'], { error: 'expected audit-only or all' }).default('audit-only'),
      retention_days: z
        .union(
          [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(
            (d) => z.literal(d),
          ),
          { error: 'not a retention CloudWatch Logs offers; choose for example 30, 90 or 365' },
        )
        .default(90),
      check_every: duration('1h'),
    })
    .prefault({}),
  channels: z.record(channelId, z.strictObject({ language: z.enum(['en', 'ja']) })).default({}),
  rules: z
    .strictObject({
      pack: z.enum(['recommended', 'none'], { error: 'expected recommended or none' }).default('recommended'),
    })
    .prefault({}),
  timing: timing.prefault({}),
});
