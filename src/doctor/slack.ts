/** Slack: the token and its scopes, Socket Mode, every channel the configuration names. */
import type { WebClient } from '@slack/web-api';
import type { Config, ConfigFile } from '../config.ts';
import { messageOf } from '../errors.ts';
import { usergroupsIn } from '../permissions.ts';
import { isRequired, SLACK_SCOPES } from '../setup/slack-scopes.ts';
import { not, type Result, yes } from './result.ts';
import { examineSlackPeople, slackCode } from './slack-people.ts';

export interface SlackDeps {
  config: Config;
  client: WebClient;
  /** Asked through Slack, so the signing secret (or the socket) works: the question arrived. */
  heard: boolean;
}

/** Slack answered, and the answer is that this token is no good. */
const TOKEN_ERRORS = new Set(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']);

export async function examineSlack(deps: SlackDeps): Promise<Result[]> {
  const { config, client } = deps;
  const token = await examineToken(config, client);
  // Every other call would fail the same way.
  if (!token.works) return [token.result];
  return [
    token.result,
    ...scopes(token.scopes, config),
    await way(deps),
    ...(await channels(client, config)),
    ...(await examineSlackPeople(client, config, token.teamId)),
  ];
}

type Token =
  | { works: true; result: Result; teamId: string; scopes: readonly string[] | undefined }
  | { works: false; result: Result };

async function examineToken(config: Config, client: WebClient): Promise<Token> {
  const check = 'slack.token';
  try {
    const { user = '', team = '', team_id: teamId = '', response_metadata } = await client.auth.test();
    return {
      works: true,
      result: yes(check, (t) => t.tokenWorks(user, team)),
      teamId,
      scopes: response_metadata?.scopes,
    };
  } catch (error) {
    const code = slackCode(error);
    const result =
      code && TOKEN_ERRORS.has(code)
        ? not(
            check,
            'no',
            (t) => t.tokenRefused(code),
            (t) => t.fixToken,
          )
        : not(
            check,
            'no',
            (t) => t.slackUnreachable(code ?? messageOf(error)),
            (t) => t.fixNetwork(config.SLACK_API_URL),
          );
    return { works: false, result };
  }
}

function scopes(granted: readonly string[] | undefined, config: Config): Result[] {
  if (!granted)
    return [
      not(
        'slack.scopes',
        'unverified',
        (t) => t.scopesUnknown,
        (t) => t.fixScopesUnknown,
      ),
    ];
  const usesUsergroups = usergroupsIn(config).length > 0;
  const missing = SLACK_SCOPES.filter(({ scope }) => !granted.includes(scope));
  const unused = granted.filter((scope) => !SLACK_SCOPES.some((known) => known.scope === scope));
  return [
    ...(missing.length === 0 ? [yes('slack.scopes', (t) => t.scopesGranted(SLACK_SCOPES.length))] : []),
    ...missing.map((scope) =>
      not(
        'slack.scopes',
        isRequired(scope, usesUsergroups) ? 'no' : 'warning',
        (t) => t.scopeMissing(scope.scope, scope.why[t.language]),
        (t) => t.fixScope(scope.scope),
      ),
    ),
    ...(unused.length > 0
      ? [
          not(
            'slack.scopes',
            'warning',
            (t) => t.scopesUnused(unused),
            (t) => t.fixScopesUnused,
          ),
        ]
      : []),
  ];
}

/** How Slack reaches us. */
async function way({ config, client, heard }: SlackDeps): Promise<Result> {
  if (config.SLACK_APP_TOKEN) {
    try {
      // Asks for an address to connect to, and does not connect.
      await client.apps.connections.open({ token: config.SLACK_APP_TOKEN });
      return yes('slack.way', (t) => t.socketWorks);
    } catch (error) {
      return not(
        'slack.way',
        'no',
        (t) => t.socketRefused(slackCode(error) ?? messageOf(error)),
        (t) => t.fixSocket,
      );
    }
  }
  if (heard) return yes('slack.way', (t) => t.heard);
  return not(
    'slack.way',
    'unverified',
    (t) => t.notHeard,
    (t) => t.fixNotHeard(config.PUBLIC_URL),
  );
}

async function channels(client: WebClient, config: Config): Promise<Result[]> {
  const results = await Promise.all([...channelsIn(config)].map(([id, where]) => channel(client, id, where)));
  const member = results.filter(({ ok }) => ok === 'yes').length;
  const others = results.filter(({ ok }) => ok !== 'yes');
  return member > 0 ? [yes('slack.channel', (t) => t.channelsJoined(member, results.length)), ...others] : others;
}

async function channel(client: WebClient, id: string, where: string): Promise<Result> {
  const check = 'slack.channel';
  try {
    const info = (await client.conversations.info({ channel: id })).channel;
    if (info?.is_archived)
      return not(
        check,
        'no',
        (t) => t.channelArchived(id, where),
        (t) => t.fixChannel(where),
      );
    if (info?.is_member === false)
      return not(
        check,
        'no',
        (t) => t.notInChannel(id, where),
        (t) => t.fixInvite(id),
      );
    if (info?.is_ext_shared)
      return not(
        check,
        'warning',
        (t) => t.channelShared(id, where),
        (t) => t.fixChannelShared(where),
      );
    return yes(check, (t) => t.channelsJoined(1, 1));
  } catch (error) {
    const code = slackCode(error);
    if (code === 'missing_scope')
      return not(
        check,
        'unverified',
        (t) => t.channelUnseen(id, where),
        (t) => t.fixChannelUnseen,
      );
    if (code === 'channel_not_found')
      return not(
        check,
        'no',
        (t) => t.channelUnknown(id, where),
        (t) => t.fixChannelUnknown(where),
      );
    return not(
      check,
      'unverified',
      (t) => t.slackFailed(id, code ?? messageOf(error)),
      (t) => t.fixLater,
    );
  }
}

/** Every channel the configuration names, wherever in it, with the first place that does. */
export function channelsIn(file: ConfigFile): Map<string, string> {
  const found = new Map<string, string>();
  const note = (id: unknown, where: string) => {
    if (typeof id === 'string' && /^[CG][A-Z0-9]+$/.test(id) && !found.has(id)) found.set(id, where);
  };
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
      if (key === 'channel' || key.endsWith('_channel')) note(inner, at);
      else if (key === 'channels') for (const id of Object.keys(inner as object)) note(id, at);
      else walk(inner, at);
    }
  };
  walk(file, '');
  return found;
}
