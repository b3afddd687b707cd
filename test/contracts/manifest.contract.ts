/**
 * The Slack app's manifest against Slack's own schema (slackapi/manifest-schema), which knows no names of scopes and
 * events: those are held against the lists here, each with what it is for. Ask for no more than that.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inRepository, readContract } from './contracts-dir.ts';

/** Names and needs: docs.slack.dev/reference/scopes */
const REQUIRED_SCOPES: Readonly<Record<string, string>> = {
  commands: '/eks-audit',
  'chat:write': 'plans, progress, signals',
  'im:write': 'the message to the requester at the end of a run',
  'users:read': 'whether somebody is a guest, a bot or deactivated, and their language and time zone',
};
const OPTIONAL_SCOPES: Readonly<Record<string, string>> = {
  'chat:write.public': 'channels nobody has invited the bot to',
  'users:read.email': 'the Datadog user behind a Slack user, for the assignee of a signal',
  'usergroups:read': 'roles given to user groups',
  'channels:read': 'whether a configured channel exists and is not archived or shared',
  'groups:read': 'the same for private channels',
  'channels:history': 'finding our own message again after a crash',
  'groups:history': 'the same in private channels',
  'im:history': 'the same in direct messages with the bot',
  'files:write': 'the CSV and JSON of a report',
};

/** docs.slack.dev/reference/events */
const EVENTS: Readonly<Record<string, string>> = {
  subteam_members_changed: 'approvers of a user group change at once',
  app_home_opened: 'the Home tab',
  app_uninstalled: 'stop working for a workspace that is gone',
  tokens_revoked: 'tell the operators that the token is void',
};

interface Manifest {
  features?: { slash_commands?: { command: string; url?: string }[] };
  oauth_config?: { scopes?: Record<'bot' | 'bot_optional' | 'user' | 'user_optional', string[] | undefined> };
  settings?: {
    event_subscriptions?: { request_url?: string; bot_events?: string[]; user_events?: string[] };
    interactivity?: { is_enabled: boolean; request_url?: string };
    socket_mode_enabled?: boolean;
  };
}

function manifest(): Manifest {
  return parse(readFileSync(inRepository('manifest.yml'), 'utf8')) as Manifest;
}

test('the manifest keeps to Slack’s schema', () => {
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(
    readContract<object>('slack-manifest.schema.json'),
  );
  validate(manifest());
  expect(validate.errors ?? []).toEqual([]);
  // The schema is the closed one: a misspelt key does not pass.
  expect(validate({ ...manifest(), setings: {} })).toBe(false);
});

test('the slash command is /eks-audit and nothing else', () => {
  expect(manifest().features?.slash_commands?.map(({ command }) => command)).toEqual(['/eks-audit']);
});

test('the scopes are the ones the bot has a use for', () => {
  const { bot = [], bot_optional: optional = [], user, user_optional: userOptional } = scopes();
  expect([...(user ?? []), ...(userOptional ?? [])]).toEqual([]);
  const known = [...Object.keys(REQUIRED_SCOPES), ...Object.keys(OPTIONAL_SCOPES)];
  expect([...bot, ...optional].filter((scope) => !known.includes(scope))).toEqual([]);
  expect(Object.keys(REQUIRED_SCOPES).filter((scope) => !bot.includes(scope))).toEqual([]);
  expect(new Set([...bot, ...optional]).size).toBe(bot.length + optional.length);
});

test('the events are the ones the bot has a use for, and every one it listens to', () => {
  const { bot_events: events = [], user_events: userEvents = [] } = manifest().settings?.event_subscriptions ?? {};
  expect(userEvents).toEqual([]);
  expect(events.filter((event) => !(event in EVENTS))).toEqual([]);
  expect(listenedEvents().filter((event) => !events.includes(event))).toEqual([]);
  // docs.slack.dev/reference/events/subteam_members_changed: comes only with the scope.
  const { bot = [], bot_optional: optional = [] } = scopes();
  if (events.includes('subteam_members_changed')) expect([...bot, ...optional]).toContain('usergroups:read');
});

test('Slack delivers everything to the one door, and clicks are switched on', () => {
  const { features, settings } = manifest();
  expect(settings?.interactivity?.is_enabled).toBe(true);
  const urls = [
    settings?.interactivity?.request_url,
    settings?.event_subscriptions?.request_url,
    ...(features?.slash_commands ?? []).map(({ url }) => url),
  ];
  // In Socket Mode there are no URLs.
  if (settings?.socket_mode_enabled) expect(urls.filter((url) => url !== undefined)).toEqual([]);
  else for (const url of urls) expect(url).toMatch(/^https:\/\/[^/]+\/slack\/events$/);
});

function scopes() {
  return manifest().oauth_config?.scopes ?? { bot: [], bot_optional: [], user: [], user_optional: [] };
}

/** `app.event('subteam_members_changed', …)` anywhere in `src/`. */
function listenedEvents(): string[] {
  const files = readdirSync(inRepository('src'), { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );
  const found = files.flatMap((file) => [
    ...readFileSync(join(inRepository('src'), file), 'utf8').matchAll(/\bapp\.event\(\s*'(\w+)'/g),
  ]);
  return [...new Set(found.map(([, event = '']) => event))];
}
