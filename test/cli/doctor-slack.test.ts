import { expect, test } from 'vitest';
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import { SECRETS } from '../../playground/world.ts';
import type { Result } from '../../src/doctor/result.ts';
import { complaints, slackOf } from './examined.ts';
import { openTerminal } from './terminal.ts';

test('a token Slack refuses is the one thing said', async () => {
  await using terminal = await openTerminal({ env: { SLACK_BOT_TOKEN: 'xoxb-wrong' } });
  expect(complaints(await slackOf(terminal))).toMatchInlineSnapshot(`
    "no slack.token: Slack refuses the bot token (\`invalid_auth\`).
       Install the app again (api.slack.com/apps, OAuth & Permissions) and put the Bot User OAuth Token (xoxb-…) into \`SLACK_BOT_TOKEN\`."
  `);
  terminal.world.slack.tokenError = 'account_inactive';
  terminal.env.SLACK_BOT_TOKEN = SECRETS.slackBotToken;
  expect(complaints(await slackOf(terminal))).toContain('`account_inactive`');
  terminal.env.SLACK_API_URL = 'http://127.0.0.1:9/api';
  expect(complaints(await slackOf(terminal))).toContain('Check that `http://127.0.0.1:9/api` can be reached');
});

test('missing scopes are wrong when needed and warnings when one feature needs them', async () => {
  await using terminal = await openTerminal({
    seed({ slack }) {
      for (const scope of ['im:write', 'usergroups:read', 'channels:history', 'channels:read'])
        slack.scopes.delete(scope);
    },
  });
  const said = complaints(await slackOf(terminal));
  expect(said).toContain('no slack.scopes: The scope `im:write` is missing');
  // Acme names a user group.
  expect(said).toContain('no slack.scopes: The scope `usergroups:read` is missing');
  expect(said).toContain('no slack.usergroup: The user group `S0ANALYST1` cannot be read, so nobody is in it.');
  expect(said).toContain('warning slack.scopes: The scope `channels:history` is missing');
  expect(said).toContain('unverified slack.channel: <#C0ADMIN001> (`admin_channel`) cannot be looked at.');
});

test('every channel the configuration names is looked at', async () => {
  await using terminal = await openTerminal({
    seed({ slack }) {
      slack.addChannel({ id: 'C0ARCHIVED', name: 'old', isArchived: true });
      slack.addChannel({ id: 'C0SHARED01', name: 'with-vendor', isExtShared: true });
      slack.addChannel({ id: 'C0PRIVATE1', name: 'secret', isPrivate: true, bot: false });
    },
    file: {
      channels: { C0ARCHIVED: { language: 'ja' }, C0SHARED01: { language: 'en' }, C0PRIVATE1: { language: 'en' } },
      approvals: { channel: CHANNELS.platform },
    },
  });
  const results = (await slackOf(terminal)).filter(({ check }) => check === 'slack.channel');
  expect(results[0]?.what.en).toBe('The bot is in 3 of 7 channels named.');
  expect(complaints(results)).toMatchInlineSnapshot(`
    "no slack.channel: The bot is not in <#C0PLATFORM> (\`approvals.channel\`).
       Type \`/invite @eks-audit\` in <#C0PLATFORM>.
    no slack.channel: <#C0ARCHIVED> (\`channels\`) is archived.
       Unarchive it, or name another channel in \`channels\`.
    warning slack.channel: <#C0SHARED01> (\`channels\`) is shared with another company, which reads along.
       Name an internal channel in \`channels\`, unless this is meant.
    no slack.channel: \`C0PRIVATE1\` (\`channels\`) is no channel the bot can see.
       Compare the id in \`channels\` with the channel’s details; in a private channel, type \`/invite @eks-audit\`."
  `);
});

test('people who could do nothing are named, and rules that nobody could satisfy', async () => {
  await using terminal = await openTerminal({
    seed: ({ slack }) => void slack.addUserGroup({ id: 'S0EMPTY001', handle: 'empty' }),
    file: {
      roles: {
        admins: { users: [] },
        operators: { users: [PEOPLE.guest, PEOPLE.left, 'U0NOBODY01', 'U0EKSAUDIT'] },
        approvers: { users: [PEOPLE.arjun, PEOPLE.left] },
        analysts: { usergroups: ['S0EMPTY001', 'S0GONE0001'] },
      },
      approvals: {
        channel: CHANNELS.approvals,
        rules: [
          { match: { account: 'production' }, required: 2 },
          { match: { action: 'audit-off' }, approvers: { usergroups: ['S0EMPTY001'] } },
        ],
      },
    },
  });
  const results = await slackOf(terminal);
  expect(
    complaints(results.filter(({ check }) => /people|usergroup|approvers|roles/.test(check))),
  ).toMatchInlineSnapshot(`
    "no slack.people: <@U0GUEST001> (\`U0GUEST001\`) is a guest and can do nothing here.
       Replace \`U0GUEST001\` under \`roles\` (or \`approvals.rules\`) in the configuration.
    no slack.people: <@U0LEFT0001> (\`U0LEFT0001\`) is deactivated and can do nothing here.
       Replace \`U0LEFT0001\` under \`roles\` (or \`approvals.rules\`) in the configuration.
    no slack.people: <@U0NOBODY01> (\`U0NOBODY01\`) is not known to Slack and can do nothing here.
       Replace \`U0NOBODY01\` under \`roles\` (or \`approvals.rules\`) in the configuration.
    no slack.people: <@U0EKSAUDIT> (\`U0EKSAUDIT\`) is a bot and can do nothing here.
       Replace \`U0EKSAUDIT\` under \`roles\` (or \`approvals.rules\`) in the configuration.
    warning slack.usergroup: The user group <!subteam^S0EMPTY001> (\`S0EMPTY001\`) has no members.
       Compare \`S0EMPTY001\` with the group’s address in Slack, or name users instead: user groups need a paid plan.
    no slack.usergroup: The user group \`S0GONE0001\` cannot be used (\`no_such_subteam\`).
       Compare \`S0GONE0001\` with the group’s address in Slack, or name users instead: user groups need a paid plan.
    no slack.approvers: \`approvals.rules[0]\` asks for 2 approvers; 1 can be found.
       Name more approvers for \`approvals.rules[0]\`, or ask for fewer.
    no slack.approvers: \`approvals.rules[1]\` asks for 1 approver; 0 can be found.
       Name more approvers for \`approvals.rules[1]\`, or ask for fewer.
    warning slack.roles: Nobody is named in \`roles.admins\`.
       Name users or user groups in \`roles.admins\`, or nobody can use those commands."
  `);
});

test('Socket Mode is tried with its own token', async () => {
  await using terminal = await openTerminal({ env: { SLACK_APP_TOKEN: SECRETS.slackAppToken } });
  const way = (results: Result[]) => results.find(({ check }) => check === 'slack.way');
  expect(way(await slackOf(terminal, false))).toMatchObject({ ok: 'yes' });
  terminal.env.SLACK_APP_TOKEN = 'xapp-wrong';
  expect(way(await slackOf(terminal, false))).toMatchObject({
    ok: 'no',
    what: { en: expect.stringContaining('invalid_auth') },
  });
  delete terminal.env.SLACK_APP_TOKEN;
  delete terminal.env.PUBLIC_URL;
  expect(way(await slackOf(terminal, false))?.fix?.en).toContain('Set `PUBLIC_URL`');
});
