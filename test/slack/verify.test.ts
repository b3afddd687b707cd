import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Verdict, verifySignature } from '../../src/slack/verify.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
/** The example of https://docs.slack.dev/authentication/verifying-requests-from-slack */
const EXAMPLE = {
  timestamp: '1531420618',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};
const THEN = Number(EXAMPLE.timestamp) * 1000;

function verdict(change: {
  headers?: Record<string, string | string[] | undefined>;
  body?: string;
  nowMs?: number;
}): Verdict {
  const headers = {
    'x-slack-request-timestamp': EXAMPLE.timestamp,
    'x-slack-signature': EXAMPLE.signature,
    ...change.headers,
  };
  return verifySignature(SECRET, headers, Buffer.from(change.body ?? EXAMPLE.body), change.nowMs ?? THEN);
}

test('Slack’s own example is valid', () => {
  expect(verdict({})).toBe('valid');
});

describe('a request is', () => {
  const table: [what: string, change: Parameters<typeof verdict>[0], expected: Verdict][] = [
    ['valid five minutes later', { nowMs: THEN + 300_000 }, 'valid'],
    ['valid five minutes before, clocks differ', { nowMs: THEN - 300_000 }, 'valid'],
    ['stale after that', { nowMs: THEN + 301_000 }, 'stale'],
    ['stale when it comes from the future', { nowMs: THEN - 301_000 }, 'stale'],
    ['wrongly signed with one byte changed', { body: EXAMPLE.body.replace('T1DC', 'T1DD') }, 'wrong-signature'],
    ['wrongly signed with something appended', { body: `${EXAMPLE.body}&x=1` }, 'wrong-signature'],
    [
      'wrongly signed with a cut signature',
      { headers: { 'x-slack-signature': EXAMPLE.signature.slice(0, -1) } },
      'wrong-signature',
    ],
    [
      'wrongly signed in capitals',
      { headers: { 'x-slack-signature': EXAMPLE.signature.toUpperCase() } },
      'wrong-signature',
    ],
    [
      'wrongly signed under another version',
      { headers: { 'x-slack-signature': EXAMPLE.signature.replace('v0', 'v1') } },
      'wrong-signature',
    ],
    ['wrongly signed with an empty signature', { headers: { 'x-slack-signature': '' } }, 'wrong-signature'],
    ['unsigned without a signature', { headers: { 'x-slack-signature': undefined } }, 'unsigned'],
    ['unsigned with two of them', { headers: { 'x-slack-signature': ['a', 'b'] } }, 'unsigned'],
    ['unsigned without a timestamp', { headers: { 'x-slack-request-timestamp': undefined } }, 'unsigned'],
    ['unsigned with a timestamp in words', { headers: { 'x-slack-request-timestamp': 'now' } }, 'unsigned'],
    ['unsigned with an exponent', { headers: { 'x-slack-request-timestamp': '1e9' } }, 'unsigned'],
    [
      'unsigned with a timestamp of many digits',
      { headers: { 'x-slack-request-timestamp': '9'.repeat(400) } },
      'unsigned',
    ],
  ];
  for (const [what, change, expected] of table) test(what, () => expect(verdict(change)).toBe(expected));
});

test('the raw bytes are signed, not what they decode to', () => {
  const body = Buffer.from([0x61, 0xff, 0x00, 0xfe]);
  const hmac = createHmac('sha256', SECRET).update('v0:1531420618:').update(body);
  const headers = { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': `v0=${hmac.digest('hex')}` };
  expect(verifySignature(SECRET, headers, body, THEN)).toBe('valid');
  expect(verifySignature(SECRET, headers, Buffer.from(body.toString('utf8')), THEN)).toBe('wrong-signature');
});
