import { describe, expect, test } from 'vitest';
import { type Delivery, type Parsed, parseHttpBody, parseObject } from '../../src/slack/deliveries.ts';

const TEAM = 'T0ACME0001';
const command = {
  token: 'verification',
  team_id: TEAM,
  channel_id: 'C0PLATFORM',
  user_id: 'U0OLIVIA01',
  command: '/eks-audit',
  text: 'list',
  response_url: 'https://hooks.slack.com/commands/T/1/x',
  trigger_id: '1.2.abc',
};
const click = {
  type: 'block_actions',
  token: 'verification',
  team: { id: TEAM },
  user: { id: 'U0ARJUN001', team_id: TEAM },
  trigger_id: '1.2.abc',
  container: { type: 'message', message_ts: '1.2', channel_id: 'C1' },
  channel: { id: 'C1' },
  response_url: 'https://hooks.slack.com/actions/T/1/x',
  actions: [{ type: 'button', action_id: 'approval.approve', value: 'x' }],
};
const submission = {
  type: 'view_submission',
  team: { id: TEAM },
  user: { id: 'U0ARJUN001', team_id: TEAM },
  trigger_id: '1.2.abc',
  view: { id: 'V1', callback_id: 'approval.reject', private_metadata: '{}', state: { values: {} } },
};
const event = { type: 'event_callback', team_id: TEAM, event_id: 'Ev1', event: { type: 'subteam_members_changed' } };

function form(fields: Record<string, string>): Parsed {
  return parseHttpBody('application/x-www-form-urlencoded', Buffer.from(new URLSearchParams(fields).toString()));
}

function delivered(parsed: Parsed): Omit<Delivery, 'body'> {
  if (parsed.what !== 'delivery') throw new Error(JSON.stringify(parsed));
  const { body: _, ...rest } = parsed.delivery;
  return rest;
}

describe('what Slack sends is recognised', () => {
  test('a command', () => {
    expect(delivered(form(command))).toEqual({
      kind: 'command',
      id: '1.2.abc',
      teamId: TEAM,
      userId: 'U0OLIVIA01',
      name: '/eks-audit',
    });
  });

  test('a click, in the form and over Socket Mode', () => {
    const expected = { kind: 'action', id: '1.2.abc', teamId: TEAM, userId: 'U0ARJUN001', name: 'approval.approve' };
    expect(delivered(form({ payload: JSON.stringify(click) }))).toEqual(expected);
    expect(delivered(parseObject(click))).toEqual(expected);
  });

  test('a submission', () => {
    expect(delivered(parseObject(submission))).toMatchObject({ kind: 'submission', name: 'approval.reject' });
  });

  test('an event, also one that names no user', () => {
    const json = parseHttpBody('application/json', Buffer.from(JSON.stringify(event)));
    expect(delivered(json)).toEqual({
      kind: 'event',
      id: 'Ev1',
      teamId: TEAM,
      userId: '',
      name: 'subteam_members_changed',
    });
  });

  test('the check of the address and of the certificate', () => {
    expect(parseObject({ type: 'url_verification', challenge: 'abc' })).toEqual({
      what: 'challenge',
      challenge: 'abc',
    });
    expect(form({ ssl_check: '1', token: 'x' })).toEqual({ what: 'ignored', reason: 'ssl_check' });
  });
});

test('the body is kept as it came, without the old verification token', () => {
  const parsed = parseObject({ ...click, extra: { kept: true } });
  const body = parsed.what === 'delivery' ? parsed.delivery.body : {};
  expect(body).toMatchObject({ extra: { kept: true }, actions: click.actions });
  expect(body).not.toHaveProperty('token');
});

describe('the workspace of a delivery is where the app is installed', () => {
  const foreign = { id: 'U0FAYE0001', team_id: 'T0OTHER001' };
  const table: [what: string, value: unknown, team: string][] = [
    ['a person of another company in a shared channel', { ...click, user: foreign }, TEAM],
    ['an installation on the whole organisation', { ...click, team: null }, TEAM],
    ['a foreign installation', { ...click, team: { id: 'T0OTHER001' } }, 'T0OTHER001'],
    [
      'a modal opened by a person of another company',
      {
        ...submission,
        team: { id: 'T0OTHER001' },
        user: foreign,
        view: { ...submission.view, app_installed_team_id: TEAM },
      },
      TEAM,
    ],
    ['nothing said at all', { ...click, team: null, user: { id: 'U0ARJUN001' } }, ''],
  ];
  for (const [what, value, team] of table) test(what, () => expect(delivered(parseObject(value)).teamId).toBe(team));
});

describe('what is not for us is ignored', () => {
  for (const type of [
    'view_closed',
    'shortcut',
    'message_action',
    'block_suggestion',
    'app_rate_limited',
    'dialog_submission',
  ])
    test(type, () => expect(parseObject({ type })).toEqual({ what: 'ignored', reason: `type ${type}` }));
});

describe('nonsense is malformed, with the reason', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const table: [what: string, value: unknown, reason: string][] = [
    ['null', null, 'not an object'],
    ['a list', [], 'not an object'],
    ['a number', 7, 'not an object'],
    ['an empty object', {}, 'neither a command nor an interaction nor an event'],
    ['a type that is no text', { type: 1 }, 'neither a command nor an interaction nor an event'],
    ['no actions', { ...click, actions: [] }, 'actions: Too small: expected array to have >=1 items'],
    ['a user who is a text', { ...click, user: 'U1' }, 'user: Invalid input: expected object, received string'],
    ['a user id in small letters', { ...click, user: { id: 'u1' } }, 'user.id: not a user id'],
    ['a trigger with a space', { ...click, trigger_id: 'a b' }, 'trigger_id: not an id'],
    ['an endless trigger', { ...click, trigger_id: 'a'.repeat(257) }, 'trigger_id: not an id'],
    [
      'an action id longer than Slack allows',
      { ...click, actions: [{ type: 'button', action_id: 'a'.repeat(256) }] },
      'actions.0.action_id: Too big: expected string to have <=255 characters',
    ],
    ['a response_url that is none', { ...click, response_url: 'javascript:alert(1)' }, 'response_url: Invalid URL'],
    [
      'metadata longer than Slack allows',
      { ...submission, view: { ...submission.view, private_metadata: 'x'.repeat(3001) } },
      'view.private_metadata: Too big: expected string to have <=3000 characters',
    ],
    [
      'a state that is a list',
      { ...submission, view: { ...submission.view, state: { values: [] } } },
      'view.state.values: Invalid input: expected record, received array',
    ],
    ['61 levels', { ...click, deep: deep(60) }, 'nested too deeply'],
  ];
  for (const [what, value, reason] of table)
    test(what, () => expect(parseObject(value)).toEqual({ what: 'malformed', reason }));

  test('60 levels are fine', () => expect(delivered(parseObject({ ...click, deep: deep(59) })).kind).toBe('action'));

  const bodies: [type: string | undefined, body: string, reason: string][] = [
    [undefined, 'payload={}', 'unsupported content type'],
    ['text/plain', 'payload={}', 'unsupported content type'],
    ['application/json', '{', 'not an object'],
    ['application/x-www-form-urlencoded', 'payload={', 'not an object'],
    ['application/x-www-form-urlencoded', '%', 'neither a command nor an interaction nor an event'],
    ['APPLICATION/JSON; charset=utf-8', '{}', 'neither a command nor an interaction nor an event'],
  ];
  for (const [type, body, reason] of bodies)
    test(`${type}: ${body}`, () =>
      expect(parseHttpBody(type, Buffer.from(body))).toEqual({ what: 'malformed', reason }));
});
