/** What `POST /slack/events` must refuse, with the status and the line in the log. */
import type { World } from '../../playground/world.ts';
import { click, command, event, form, interaction, JSON_TYPE, type Sent, submission } from './deliver.ts';

const MALFORMED = 'warn a request from Slack was malformed: ';
const UNSIGNED = 'warn a request that claims to be Slack was refused';

export interface Refused {
  what: string;
  send: (world: World) => Sent;
  status: number;
  log: string[];
}

export const REFUSED: Refused[] = [
  {
    what: 'no signature',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-signature': '' } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'another secret’s signature',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-signature': `v0=${'a'.repeat(64)}` } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a signature of another length',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-signature': 'v0=abc' } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a signature that is not ASCII',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-signature': `v0=${'é'.repeat(64)}` } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a timestamp that is no number',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-request-timestamp': 'NaN' } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a negative timestamp',
    send: (world) => ({ body: form(command(world, 'help')), headers: { 'x-slack-request-timestamp': '-1' } }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a request from six minutes ago',
    send: (world) => ({ body: form(command(world, 'help')), skew: -360 }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'a request from six minutes ahead',
    send: (world) => ({ body: form(command(world, 'help')), skew: 360 }),
    status: 401,
    log: [UNSIGNED],
  },
  {
    what: 'payload=null',
    send: () => ({ body: 'payload=null' }),
    status: 400,
    log: [`${MALFORMED}not an object`],
  },
  { what: 'payload=[]', send: () => ({ body: 'payload=[]' }), status: 400, log: [`${MALFORMED}not an object`] },
  {
    what: 'payload="text"',
    send: () => ({ body: 'payload=%22text%22' }),
    status: 400,
    log: [`${MALFORMED}not an object`],
  },
  {
    what: 'a payload that is no JSON',
    send: () => ({ body: 'payload={' }),
    status: 400,
    log: [`${MALFORMED}not an object`],
  },
  {
    what: 'an empty payload',
    send: () => ({ body: 'payload=' }),
    status: 400,
    log: [`${MALFORMED}not an object`],
  },
  {
    what: 'an empty body',
    send: () => ({ body: '' }),
    status: 400,
    log: [`${MALFORMED}neither a command nor an interaction nor an event`],
  },
  {
    what: 'an empty JSON object',
    send: () => ({ body: '{}', type: JSON_TYPE }),
    status: 400,
    log: [`${MALFORMED}neither a command nor an interaction nor an event`],
  },
  {
    what: 'text',
    send: () => ({ body: 'hello', type: 'text/plain' }),
    status: 400,
    log: [`${MALFORMED}unsupported content type`],
  },
  {
    what: 'a multipart form',
    send: () => ({ body: '--x\r\n\r\n--x--', type: 'multipart/form-data; boundary=x' }),
    status: 400,
    log: [`${MALFORMED}unsupported content type`],
  },
  {
    what: 'a content type that is none',
    send: (world) => ({ body: form(command(world, 'help')), type: 'nonsense' }),
    status: 415,
    log: ['warn a malformed HTTP request was refused'],
  },
  {
    what: 'a click on nothing',
    send: (world) => ({ body: interaction(click(world, {}, { actions: [] })) }),
    status: 400,
    log: [`${MALFORMED}actions: Too small: expected array to have >=1 items`],
  },
  {
    what: 'a click without an action id',
    send: (world) => ({ body: interaction(click(world, {})) }),
    status: 400,
    log: [`${MALFORMED}actions.0.action_id: Invalid input: expected string, received undefined`],
  },
  {
    what: 'a click with a null user',
    send: (world) => ({ body: interaction(click(world, { action_id: 'x' }, { user: null })) }),
    status: 400,
    log: [`${MALFORMED}user: Invalid input: expected object, received null`],
  },
  {
    what: 'a click whose channel is a list',
    send: (world) => ({ body: interaction(click(world, { action_id: 'x' }, { channel: ['C1'] })) }),
    status: 400,
    log: [`${MALFORMED}channel: Invalid input: expected object, received array`],
  },
  {
    what: 'a submission without state',
    send: (world) => ({
      body: interaction(submission(world, 'approval.reject', '{}', { view: { id: 'V1', callback_id: 'x' } })),
    }),
    status: 400,
    log: [`${MALFORMED}view.state: Invalid input: expected object, received undefined`],
  },
  {
    what: 'an event without an inner event',
    send: (world) => ({ body: JSON.stringify(event(world, {}, { event: null })), type: JSON_TYPE }),
    status: 400,
    log: [`${MALFORMED}event: Invalid input: expected object, received null`],
  },
  {
    what: 'a command without a user',
    send: (world) => ({ body: form({ ...command(world, 'help'), user_id: '' }) }),
    status: 400,
    log: [`${MALFORMED}user_id: not a user id`],
  },
  {
    what: 'a command with an id that holds NUL',
    send: (world) => ({ body: form({ ...command(world, 'help'), trigger_id: 'a\0b' }) }),
    status: 400,
    log: [`${MALFORMED}trigger_id: not an id`],
  },
  {
    what: 'a command whose answer goes nowhere',
    send: (world) => ({ body: form({ ...command(world, 'help'), response_url: 'nowhere' }) }),
    status: 400,
    log: [`${MALFORMED}response_url: Invalid URL`],
  },
  {
    what: 'bytes that are no UTF-8',
    send: () => ({ body: Buffer.from([0x70, 0x3d, 0xff, 0xfe, 0x80]) }),
    status: 400,
    log: [`${MALFORMED}neither a command nor an interaction nor an event`],
  },
  {
    what: 'nesting 100,000 deep',
    send: () => ({ body: `payload={"type":"block_actions","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }),
    status: 400,
    log: [`${MALFORMED}nested too deeply`],
  },
  {
    what: 'a click on another workspace’s card',
    send: (world) => ({ body: interaction(click(world, { action_id: 'x' }, { team: { id: 'T0OTHER001' } })) }),
    status: 200,
    log: ['warn a request from another workspace was ignored'],
  },
  {
    what: 'a command of another workspace',
    send: (world) => ({ body: form({ ...command(world, 'help'), team_id: 'T0OTHER001' }) }),
    status: 200,
    log: ['warn a request from another workspace was ignored'],
  },
  {
    what: 'more than a mebibyte',
    send: () => ({ body: `payload=${'x'.repeat(1024 * 1024)}` }),
    status: 413,
    log: ['warn a malformed HTTP request was refused'],
  },
];
