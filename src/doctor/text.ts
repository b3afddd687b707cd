/** What `doctor` says, in English: what is so, and the exact remedy where it should be otherwise. */
import type { AwsRole } from '../aws/clients.ts';
import type { Language } from '../config.ts';
import { code, mention, plain } from '../slack/mrkdwn.ts';
import type { Area } from './result.ts';

export type Unfit = 'deleted' | 'guest' | 'bot' | 'stranger' | 'unknown';

const UNFIT: Record<Unfit, string> = {
  deleted: 'is deactivated',
  guest: 'is a guest',
  bot: 'is a bot',
  stranger: 'belongs to another workspace',
  unknown: 'is not known to Slack',
};

const setup = (part: string) => code(`npm run -s cli -- setup ${part}`);

export const en = {
  language: 'en' as Language,
  areas: { slack: 'Slack', aws: 'AWS', datadog: 'Datadog', database: 'Database' } satisfies Record<Area, string>,
  allFine: (checks: number) => `All ${checks} checks are fine.`,
  summary: (wrong: number, warnings: number, unverified: number) =>
    [
      wrong === 0 ? 'Nothing is wrong' : `${wrong} wrong`,
      ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
      ...(unverified > 0 ? [`${unverified} not verified`] : []),
    ].join(', '),
  fixLater: 'Try again in a minute.',
  fixNetwork: (address: string) => `Check that ${code(address)} can be reached from here: network, proxy, firewall.`,

  // Slack
  tokenWorks: (user: string, team: string) => `The bot token works: @${plain(user)} in ${plain(team)}.`,
  tokenRefused: (error: string) => `Slack refuses the bot token (${code(error)}).`,
  fixToken:
    'Install the app again (api.slack.com/apps, OAuth & Permissions) and put the Bot User OAuth Token (xoxb-…) into `SLACK_BOT_TOKEN`.',
  slackUnreachable: (why: string) => `Slack could not be asked: ${plain(why)}`,
  slackFailed: (what: string, why: string) => `Slack could not be asked about ${code(what)}: ${plain(why)}`,
  scopesUnknown: 'Slack did not say which scopes the token has.',
  fixScopesUnknown: `Compare them with ${setup('slack')}.`,
  scopesGranted: (count: number) => `All ${count} scopes are granted.`,
  scopeMissing: (scope: string, why: string) => `The scope ${code(scope)} is missing: ${why}.`,
  fixScope: (scope: string) =>
    `Add ${code(scope)} to the app’s bot scopes (${setup('slack')} prints the manifest) and install the app again.`,
  scopesUnused: (scopes: readonly string[]) => `Granted and never used: ${scopes.map(code).join(', ')}.`,
  fixScopesUnused: 'Remove them from the app’s bot scopes: what the bot cannot do, nobody can do with its token.',
  socketWorks: 'Socket Mode: the app-level token works.',
  socketRefused: (why: string) => `Socket Mode: Slack refuses the app-level token (${code(why)}).`,
  fixSocket:
    'Create an app-level token with the scope `connections:write` (Basic Information), put it into `SLACK_APP_TOKEN`, and switch Socket Mode on.',
  heard: 'Slack reaches the bot, and its signature is right: this command arrived.',
  notHeard: 'Whether Slack reaches the bot and `SLACK_SIGNING_SECRET` is right shows only when Slack sends something.',
  fixNotHeard: (url: string | undefined) =>
    url
      ? `Type ${code('/eks-audit doctor')} in Slack. Nothing comes: the request URL must be ${code(`${url}/slack/events`)}.`
      : 'Set `PUBLIC_URL` to the address Slack uses, or `SLACK_APP_TOKEN` for Socket Mode.',
  channelsJoined: (joined: number, named: number) => `The bot is in ${joined} of ${named} channels named.`,
  channelArchived: (id: string, where: string) => `<#${id}> (${code(where)}) is archived.`,
  fixChannel: (where: string) => `Unarchive it, or name another channel in ${code(where)}.`,
  notInChannel: (id: string, where: string) => `The bot is not in <#${id}> (${code(where)}).`,
  fixInvite: (id: string) => `Type ${code('/invite @eks-audit')} in <#${id}>.`,
  channelShared: (id: string, where: string) =>
    `<#${id}> (${code(where)}) is shared with another company, which reads along.`,
  fixChannelShared: (where: string) => `Name an internal channel in ${code(where)}, unless this is meant.`,
  channelUnseen: (id: string, where: string) => `<#${id}> (${code(where)}) cannot be looked at.`,
  fixChannelUnseen: 'Grant the optional scopes `channels:read` and `groups:read`, or look whether @eks-audit is in it.',
  channelUnknown: (id: string, where: string) => `${code(id)} (${code(where)}) is no channel the bot can see.`,
  fixChannelUnknown: (where: string) =>
    `Compare the id in ${code(where)} with the channel’s details; in a private channel, type ${code('/invite @eks-audit')}.`,
  peopleKnown: (fit: number, named: number) => `${fit} of ${named} people named are full members.`,
  personUnfit: (id: string, why: Unfit) => `${mention(id)} (${code(id)}) ${UNFIT[why]} and can do nothing here.`,
  fixPerson: (id: string) => `Replace ${code(id)} under \`roles\` (or \`approvals.rules\`) in the configuration.`,
  groupRead: (id: string, members: number) =>
    `The user group ${code(id)} can be read (${members} ${members === 1 ? 'member' : 'members'}).`,
  groupEmpty: (id: string) => `The user group <!subteam^${id}> (${code(id)}) has no members.`,
  groupUnreadable: (id: string) => `The user group ${code(id)} cannot be read, so nobody is in it.`,
  groupUnknown: (id: string, error: string) => `The user group ${code(id)} cannot be used (${code(error)}).`,
  fixGroup: (id: string) =>
    `Compare ${code(id)} with the group’s address in Slack, or name users instead: user groups need a paid plan.`,
  enoughApprovers: 'Every approval rule has enough approvers.',
  tooFewApprovers: (where: string, required: number, there: number) =>
    `${code(where)} asks for ${required} ${required === 1 ? 'approver' : 'approvers'}; ${there} can be found.`,
  fixApprovers: (where: string) => `Name more approvers for ${code(where)}, or ask for fewer.`,
  roleEmpty: (role: string) => `Nobody is named in ${code(`roles.${role}`)}.`,
  fixRole: (role: string) => `Name users or user groups in ${code(`roles.${role}`)}, or nobody can use those commands.`,

  // AWS
  roleWorks: (where: string, role: AwsRole, arn: string) => `${code(where)}: the ${role} role works, as ${code(arn)}.`,
  roleRefused: (where: string, role: AwsRole, why: string) =>
    `${code(where)}: the ${role} role cannot be assumed: ${plain(why)}`,
  fixAssume: (arn: string, hasExternalId: boolean) =>
    `Check that ${code(arn)} exists, that its trust policy names the bot’s role with \`sts:AssumeRole\` and \`sts:TagSession\`, ${
      hasExternalId
        ? 'and that its `sts:ExternalId` is the account’s `external_id`'
        : 'and set the account’s `external_id` if that policy asks for one'
    }. The bot’s own role needs \`sts:AssumeRole\` on it. ${setup('aws')} prints both.`,
  otherAccount: (name: string, id: string, actual: string) =>
    `${code(name)}: the credentials belong to account ${code(actual)} instead of ${code(id)}.`,
  fixOtherAccount: (name: string) => `Configure \`roles\` for ${code(name)}; ${setup('aws')} prints the template.`,
  noCredentials: (where: string, why: string) => `${code(where)}: no usable AWS credentials: ${plain(why)}`,
  fixCredentials:
    'Give the bot a role (EKS Pod Identity, IRSA, task or instance role) or the AWS SDK’s environment variables.',
  awsUnreachable: (where: string, why: string) => `${code(where)}: AWS could not be asked: ${plain(why)}`,
  fixAwsNetwork: 'Check that AWS endpoints can be reached from here: network, proxy, VPC endpoints.',
  readerWorks: (where: string, answered: number, all: number) =>
    `${code(where)}: ${answered} of ${all} reading actions are allowed.`,
  readDenied: (where: string, action: string) => `${code(where)}: the reader may not ${code(action)}.`,
  fixRead: (action: string, statement: string) =>
    `Add ${code(action)} to the statement ${code(statement)} of the reader’s policy, as in ${setup('aws')}.`,
  regionRefuses: (where: string, error: string) => `${code(where)} refuses the credentials (${code(error)}).`,
  fixRegion: (region: string, account: string) =>
    `Enable ${code(region)} in the account, or remove it from the regions of ${code(account)}.`,
  readFailed: (where: string, action: string, why: string) => `${code(where)}: ${code(action)} failed: ${plain(why)}`,
  noAuditOff: (name: string) =>
    `${code(name)} has no \`roles.audit_off\`, so ${code('disable --audit-logs')} tries the operator role, which may not.`,
  fixNoAuditOff: (name: string) => `Set \`roles.audit_off\` for ${code(name)}, or leave it so that audit logs stay on.`,
  writesUntold: (actions: readonly string[]) =>
    `What only a change would show: whether the roles may ${actions.map(code).join(', ')}.`,
  fixWritesUntold: `Compare their policies with ${setup('aws')}.`,

  // Datadog
  webhooksRefused: (count: number) =>
    count === 1
      ? 'One webhook was refused since the bot started: it did not carry the configured secret.'
      : `${count} webhooks were refused since the bot started: they did not carry the configured secret.`,
  fixWebhooksRefused: `After a change of \`WEBHOOK_TOKEN\`, ${code('/eks-audit enable <cluster>')} stores the new one in Datadog; until then, keep the old one as \`WEBHOOK_TOKEN_PREVIOUS\`. If nothing was changed, somebody else knows the address: the log names from where.`,
  keysValid: (site: string) => `API key and application key are valid on ${code(site)}.`,
  apiKeyRefused: (site: string) => `Datadog refuses the API key on ${code(site)}.`,
  fixApiKey: (ui: string) =>
    `Check \`DD_API_KEY\` against ${ui}/organization-settings/api-keys. A key is valid on one site only: check \`DD_SITE\` too.`,
  appKeyRefused: 'Datadog takes the API key and refuses the application key.',
  fixAppKey: (ui: string) =>
    `Check \`DD_APP_KEY\` against ${ui}/organization-settings/application-keys; both keys must be of the same organisation.`,
  datadogUnreachable: (why: string) => `Datadog could not be asked: ${plain(why)}`,
  siteFits: (ui: string) => `Links lead to ${ui}.`,
  siteDiffers: (ui: string, site: string) => `Links lead to ${ui}, which is not of the site ${code(site)}.`,
  fixSite: 'Set `DD_APP_URL` to the address at which you use Datadog, or remove it.',
  permissionsHeld: (scopes: readonly string[]) => `Permissions held: ${scopes.map(code).join(', ')}.`,
  permissionMissing: (scope: string, why: string) => `The permission ${code(scope)} is missing: ${why}.`,
  fixPermission: (scope: string, ui: string) =>
    `Add the scope ${code(scope)} to the application key (${ui}/organization-settings/application-keys), and see that the key’s owner has it, too.`,
  permissionFailed: (scope: string, why: string) => `Whether ${code(scope)} is there could not be seen: ${plain(why)}`,
  permissionsUntold: (scopes: readonly string[]) => `What only a change would show: ${scopes.map(code).join(', ')}.`,
  fixPermissionsUntold: `Compare the scopes of the application key with ${setup('datadog')}.`,

  // Database
  databaseWorks: (kind: string, version: string) =>
    `${kind === 'pglite' ? 'Embedded database (PGlite)' : 'PostgreSQL'} ${plain(version)} can be written.`,
  databaseAbsent: (dir: string) => `Embedded database: made in ${code(dir)} at the first start.`,
  databaseInUse: (dir: string, pid: number) =>
    `Embedded database: ${code(dir)} is in use by the running bot (process ${pid}).`,
  databaseFails: (what: string, why: string) => `The database (${code(what)}) cannot be opened: ${plain(why)}`,
  fixPostgres:
    'Check `DATABASE_URL`: host, port, database, user, password, and that the server takes connections from here.',
  fixEmbedded: (dir: string) =>
    `If ${code(dir)} comes from a backup, restore it whole; otherwise keep it for analysis and start with an empty one.`,
  databaseStandby: '`DATABASE_URL` leads to a standby, which cannot be written.',
  fixStandby: 'Point it at the primary, or at an address that follows it.',
  databaseNoCreate: 'The database user may not create tables.',
  fixNoCreate:
    'Grant it: `GRANT CREATE, USAGE ON SCHEMA public TO …`, and `GRANT CREATE ON DATABASE …` for the job queue.',
  nothingStuck: 'No work is stuck.',
  stuck: (requests: number, messages: number) =>
    `Due for over a minute and not done: ${requests} ${requests === 1 ? 'request' : 'requests'}, ${messages} ${messages === 1 ? 'message' : 'messages'}.`,
  fixStuck: 'Look at the log for the reason; whatever is stuck is tried again by itself.',
  undelivered: (count: number) =>
    `${count} ${count === 1 ? 'message' : 'messages'} of the last day could not be delivered to Slack.`,
  fixUndelivered: 'The log names each with its reason; most often the bot is not in the channel.',
  dirNotWritable: (dir: string) => `${code(dir)} cannot be written.`,
  fixDirNotWritable: (dir: string) => `Make ${code(dir)} writable for the user the bot runs as, or set \`DATA_DIR\`.`,
  roomEnough: (dir: string) => `There is room enough for ${code(dir)}.`,
  roomLittle: (dir: string, mib: number) => `Only ${mib} MiB are free for ${code(dir)}.`,
  fixRoom: 'Enlarge the volume, or use PostgreSQL (`DATABASE_URL`): the embedded database stops when the disk is full.',
};

export type DoctorText = typeof en;
