/** Requests to `POST /slack/events` made by hand: whatever a test wants to send, signed as Slack signs or not. */
import { createHmac, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import { SECRETS, type World } from '../../playground/world.ts';

export const FORM = 'application/x-www-form-urlencoded';
export const JSON_TYPE = 'application/json';

export interface Sent {
  body: string | Buffer;
  type?: string | undefined;
  /** Seconds off the present. */
  skew?: number;
  headers?: Record<string, string>;
}

export async function deliver(
  server: FastifyInstance,
  { body, type = FORM, skew = 0, headers = {} }: Sent,
): Promise<{ status: number; body: string }> {
  const timestamp = Math.floor(Date.now() / 1000) + skew;
  const answer = await server.inject({
    method: 'POST',
    url: '/slack/events',
    payload: body,
    headers: {
      ...(type ? { 'content-type': type } : {}),
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': signatureOf(timestamp, body),
      ...headers,
    },
  });
  return { status: answer.statusCode, body: answer.body };
}

/** Over the bytes: a body need not be UTF-8. */
export function signatureOf(timestamp: number, body: string | Buffer): string {
  const hmac = createHmac('sha256', SECRETS.slackSigningSecret).update(`v0:${timestamp}:`).update(body);
  return `v0=${hmac.digest('hex')}`;
}

export const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
export const interaction = (payload: unknown): string => form({ payload: JSON.stringify(payload) });

export function command(world: World, text: string, fields: Record<string, string> = {}): Record<string, string> {
  const { slack } = world;
  return {
    token: 'verification-token',
    team_id: slack.team.id,
    channel_id: CHANNELS.platform,
    user_id: PEOPLE.olivia,
    command: '/eks-audit',
    text,
    response_url: slack.publicUrl + slack.permits.newResponseUrl('commands', PEOPLE.olivia, CHANNELS.platform).path,
    trigger_id: newTrigger(),
    ...fields,
  };
}

export function click(
  world: World,
  action: Record<string, unknown>,
  fields: Record<string, unknown> = {},
  by: string = PEOPLE.arjun,
) {
  const { slack } = world;
  return {
    type: 'block_actions',
    team: { id: slack.team.id },
    user: { id: by, team_id: slack.team.id },
    trigger_id: newTrigger(),
    container: { type: 'message', message_ts: '1769220161.503009', channel_id: CHANNELS.approvals },
    channel: { id: CHANNELS.approvals },
    response_url: slack.publicUrl + slack.permits.newResponseUrl('actions', by, CHANNELS.approvals).path,
    actions: [{ type: 'button', block_id: 'b', ...action }],
    ...fields,
  };
}

export function submission(world: World, callbackId: string, metadata: string, fields: Record<string, unknown> = {}) {
  const { slack } = world;
  return {
    type: 'view_submission',
    team: { id: slack.team.id },
    user: { id: PEOPLE.arjun, team_id: slack.team.id },
    trigger_id: newTrigger(),
    view: {
      id: 'V0VIEW0001',
      callback_id: callbackId,
      private_metadata: metadata,
      state: { values: { reason: { text: { type: 'plain_text_input', value: 'because' } } } },
    },
    ...fields,
  };
}

export function event(world: World, inner: Record<string, unknown>, fields: Record<string, unknown> = {}) {
  return {
    type: 'event_callback',
    team_id: world.slack.team.id,
    event_id: `Ev${randomUUID()}`,
    event: inner,
    ...fields,
  };
}

function newTrigger(): string {
  return `1.2.${randomUUID()}`;
}
