/** Users, user groups, scopes and files through the real WebClient. */
import { expect, test } from 'vitest';
import { beyondMethods, coverage } from '../../playground/slack/coverage.ts';
import { methods } from '../../playground/slack/routes.ts';
import { errorOf, openSlack } from './slack-world.ts';

test('auth.test names team, user and bot, and the scopes stand in a header', async () => {
  await using world = await openSlack();
  const answer = await world.client.auth.test();
  expect(answer).toMatchObject({
    team_id: world.slack.team.id,
    user_id: world.slack.bot.userId,
    bot_id: world.slack.bot.id,
  });
  expect(answer.response_metadata?.scopes).toContain('chat:write');
});

test('users.info tells locale on request, e-mail by scope, and what kind of person it is', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const jane = (await client.users.info({ user: 'U0JANE0001', include_locale: true })).user;
  expect(jane).toMatchObject({ locale: 'ja-JP', tz: 'Asia/Tokyo', tz_offset: 32400, deleted: false, is_bot: false });
  expect(jane?.profile?.email).toBe('jane@acme.example');
  expect((await client.users.info({ user: 'U0JANE0001' })).user).not.toHaveProperty('locale');
  slack.scopes.delete('users:read.email');
  expect((await client.users.info({ user: 'U0JANE0001' })).user?.profile).not.toHaveProperty('email');
  slack.addUser({ id: 'U0GUEST001', name: 'guest', isRestricted: true, isUltraRestricted: true });
  slack.addUser({ id: 'U0OTHER001', name: 'other', teamId: 'T0OTHER', isStranger: true });
  const flags = async (user: string) => (await client.users.info({ user })).user;
  expect(await flags('U0GUEST001')).toMatchObject({ is_restricted: true, is_ultra_restricted: true });
  expect(await flags('U0OTHER001')).toMatchObject({ is_stranger: true, team_id: 'T0OTHER' });
  expect(await errorOf(client.users.info({ user: 'U0NOBODY00' }))).toBe('user_not_found');
});

test('a missing scope is named with what was granted', async () => {
  await using world = await openSlack();
  world.slack.scopes.delete('users:read');
  const failed = world.client.users.info({ user: 'U0JANE0001' });
  await expect(failed).rejects.toMatchObject({
    data: { error: 'missing_scope', needed: 'users:read', provided: expect.stringContaining('chat:write') },
  });
  world.slack.scopes.delete('channels:read');
  expect(await errorOf(world.client.conversations.info({ channel: 'C0AUDIT001' }))).toBe('missing_scope');
});

test('people are found by e-mail, deactivated ones are not', async () => {
  await using world = await openSlack();
  const find = () => world.client.users.lookupByEmail({ email: 'Jane@acme.example' });
  expect((await find()).user?.id).toBe('U0JANE0001');
  world.slack.user('@jane').deleted = true;
  expect(await errorOf(find())).toBe('users_not_found');
});

test('user groups have members, can be disabled, and need a paid plan', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const members = () => client.usergroups.users.list({ usergroup: 'S0SRE00001' });
  expect((await members()).users).toEqual(['U0OMAR0001']);
  expect((await client.usergroups.list({ include_users: true })).usergroups?.[0]).toMatchObject({
    handle: 'sre',
    users: ['U0OMAR0001'],
  });
  const group = slack.userGroups.get('S0SRE00001');
  if (group) group.disabled = true;
  expect(await errorOf(members())).toBe('no_such_subteam');
  slack.planUpgradeRequired = true;
  expect(await errorOf(members())).toBe('plan_upgrade_required');
});

test('a direct message cannot be opened with bots, strangers or the deactivated', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const open = (users: string) => errorOf(client.conversations.open({ users }));
  expect(await open('U0JANE0001')).toBe('ok');
  expect(await open(slack.bot.userId)).toBe('cannot_dm_bot');
  slack.user('@omar').deleted = true;
  expect(await open('U0OMAR0001')).toBe('user_disabled');
  slack.user('@jane').isStranger = true;
  expect(await open('U0JANE0001')).toBe('user_not_visible');
});

test('files.uploadV2 of the SDK puts a file into a channel, once', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const upload = { channel_id: 'C0AUDIT001', filename: 'report.csv', content: 'a,b\n1,2\n', initial_comment: 'Report' };
  await client.filesUploadV2(upload);
  const entry = await slack.nextMessage('#audit');
  expect(slack.render(entry)).toBe('#audit, @eks-audit\nReport\n[file: report.csv]');
  const [file] = [...slack.uploads.values()];
  expect(file?.bytes?.toString()).toBe('a,b\n1,2\n');
  const again = client.files.completeUploadExternal({ files: [{ id: file?.id as string, title: 'again' }] });
  expect(await errorOf(again)).toBe('file_not_found');
  await expect(client.filesUploadV2({ ...upload, channel_id: 'C0OPS00001' })).rejects.toThrow('not_in_channel');
});

test('a reaction is given once', async () => {
  await using world = await openSlack();
  const { ts } = await world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x' });
  const react = () => world.client.reactions.add({ channel: 'C0AUDIT001', timestamp: ts as string, name: 'eyes' });
  await react();
  expect(await errorOf(react())).toBe('already_reacted');
  expect(world.slack.unread('#audit').map((entry) => entry.kind)).toEqual(['post', 'reaction']);
});

test('the coverage list says exactly what the routes have', () => {
  const covered = Object.entries(coverage).filter(([, { status }]) => status !== 'missing');
  expect(covered.map(([method]) => method).sort()).toEqual(Object.keys(methods).sort());
  const noted = [...Object.values(coverage), ...Object.values(beyondMethods)].filter((c) => c.status === 'partial');
  expect(noted.every((c) => c.note)).toBe(true);
});
