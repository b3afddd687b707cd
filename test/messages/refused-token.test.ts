/** Slack says no to the bot itself: nothing is lost, and one line of the log says so. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { slackError } from '../../playground/slack/faults.ts';
import { openPosting } from './posting.ts';

const MINUTE_MS = 60_000;

test('a refusal of the token says nothing about the message: it is posted once the token is taken', async () => {
  await using posting = await openPosting();
  const codes = [
    'invalid_auth',
    'not_authed',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'team_access_not_granted',
    'org_login_required',
    'ekm_access_denied',
  ];
  for (const code of codes) {
    posting.world.door.fail({ service: 'slack', operation: 'chat.postMessage', answer: slackError(code), times: 2 });
    const before = posting.calls('chat.postMessage');
    await posting.put({ key: code, channel: CHANNELS.security, text: code });
    await posting.until(() => {
      posting.forward(500);
      return posting.texts('security').includes(code);
    });
    expect(posting.calls('chat.postMessage') - before).toBe(3);
  }
  expect(posting.texts('security')).toEqual(codes);
  expect(posting.errors.map(({ code, msg }) => `${code}: ${msg}`)).toEqual(
    codes.map((code) => `${code}: Slack refuses our token; messages are kept and tried again`),
  );
  expect(posting.texts('admin')).toEqual([]);
});

test('many messages through a long outage: all are tried again and again, one line is logged, none is lost or doubled', async () => {
  await using posting = await openPosting();
  const { slack } = posting.world;
  await posting.put({ key: 'card', channel: CHANNELS.urgent, text: 'as posted' });
  await posting.until(() => posting.texts('urgent').length === 1);

  slack.tokenError = 'token_revoked';
  await posting.put({ key: 'card', channel: CHANNELS.urgent, text: 'as edited' });
  for (let i = 0; i < 5; i++) {
    await posting.put({ key: `a${i}`, channel: CHANNELS.security, text: `a${i}` });
    await posting.put({ key: `b${i}`, channel: CHANNELS.approvals, text: `b${i}` });
  }
  const tries = () => posting.calls('chat.postMessage') + posting.calls('chat.update');
  await posting.until(() => {
    posting.forward(2_000);
    return tries() > 100;
  });
  expect(posting.errors).toHaveLength(1);
  const rows = await posting.db.selectFrom('messages').select(['key', 'failure']).execute();
  expect(rows.filter(({ failure }) => failure)).toEqual([]);
  expect(rows).toHaveLength(11);

  slack.tokenError = undefined;
  posting.forward(MINUTE_MS + 1_000);
  await posting.until(
    () =>
      posting.texts('security').length + posting.texts('approvals').length === 10 &&
      posting.texts('urgent')[0] !== 'as posted',
  );
  expect(posting.texts('security').sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
  expect(posting.texts('approvals').sort()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4']);
  expect(posting.texts('urgent')).toEqual(['as edited']);

  // Another outage is said again.
  posting.forward(10 * MINUTE_MS);
  slack.tokenError = 'token_revoked';
  await posting.put({ key: 'late', channel: CHANNELS.security, text: 'late' });
  await posting.until(() => posting.errors.length === 2);
});

test('a post in doubt is not repeated while the token is refused: it is found when it works again', async () => {
  await using posting = await openPosting({ timing: { http_timeout: '300ms' } });
  const { slack, door } = posting.world;
  door.fail({ service: 'slack', operation: 'chat.postMessage', answer: 'reset', applies: true });
  await posting.put({ key: 'card', channel: CHANNELS.security, text: 'once' });
  await posting.until(() => posting.texts('security').length === 1);
  slack.tokenError = 'invalid_auth';
  posting.forward(1_000);
  await posting.until(() => posting.calls('conversations.history') > 0);
  slack.tokenError = undefined;
  posting.forward(MINUTE_MS);
  await posting.put({ key: 'card', channel: CHANNELS.security, text: 'once, edited' });
  await posting.until(() => posting.texts('security')[0] === 'once, edited');
  expect(posting.calls('chat.postMessage')).toBe(1);
});

test('a message that Slack rejects is told to the admins, and the rejection of that is not', async () => {
  await using posting = await openPosting();
  const { door } = posting.world;
  door.fail({ service: 'slack', operation: 'chat.postMessage', answer: slackError('invalid_blocks'), times: 99 });
  await posting.put({ key: 'card', channel: CHANNELS.security, text: 'broken' });
  await posting.until(() => posting.errors.length >= 2);
  posting.forward(MINUTE_MS);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const rows = await posting.db.selectFrom('messages').select(['key', 'failure']).orderBy('key').execute();
  expect(rows).toEqual([
    { key: 'card', failure: 'invalid_blocks' },
    { key: 'trouble:rejected:card', failure: 'invalid_blocks' },
  ]);
  expect(posting.errors.map(({ message }) => message)).toEqual(['card', 'trouble:rejected:card']);
});
