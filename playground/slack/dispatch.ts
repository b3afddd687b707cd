/**
 * Delivers one thing to the bot, over HTTP or Socket Mode, and waits for its ack. Commands and interactions are
 * never sent again: without an ack in time the person sees an error.
 */
import { type ClientRequest, request } from 'node:http';
import { isObject, type JsonObject } from './json.ts';
import { signedHeaders } from './signing.ts';
import type { EnvelopeType } from './socket-mode.ts';
import type { Slack } from './state.ts';

export interface Ack {
  /** 0 when there was no answer. Socket Mode has no status; an ack counts as 200. */
  status: number;
  ackMs: number;
  body: string;
  headers: Record<string, string>;
  failure: 'operation_timeout' | 'dispatch_failed' | undefined;
}

export interface Retry {
  num: number;
  reason: string;
}

export async function dispatch(slack: Slack, type: EnvelopeType, payload: JsonObject, retry?: Retry): Promise<Ack> {
  const started = performance.now();
  const answer = slack.eventsUrl
    ? await post(slack, slack.eventsUrl, type, payload, retry)
    : await overSocket(slack, type, payload, retry);
  return { ...answer, ackMs: performance.now() - started };
}

type Answer = Omit<Ack, 'ackMs'>;

const TIMED_OUT: Answer = { status: 0, body: '', headers: {}, failure: 'operation_timeout' };
const NOT_DELIVERED: Answer = { status: 0, body: '', headers: {}, failure: 'dispatch_failed' };

async function overSocket(slack: Slack, type: EnvelopeType, payload: JsonObject, retry?: Retry): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), slack.ackDeadlineMs);
  });
  const acked = slack.socketMode.send(type, payload, retry).then(
    (given): Answer => {
      const body = isObject(given) && Object.keys(given).length > 0 ? JSON.stringify(given) : '';
      return { status: 200, body, headers: {}, failure: undefined };
    },
    () => NOT_DELIVERED,
  );
  const answer = await Promise.race([acked, late]);
  clearTimeout(timer);
  return answer;
}

/** The content type stands bare: receivers compare it exactly, and a charset would be answered 400. */
function encode(type: EnvelopeType, payload: JsonObject): { body: string; contentType: string } {
  if (type === 'events_api') return { body: JSON.stringify(payload), contentType: 'application/json' };
  const fields = type === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
  return { body: new URLSearchParams(fields).toString(), contentType: 'application/x-www-form-urlencoded' };
}

function post(slack: Slack, url: string, type: EnvelopeType, payload: JsonObject, retry?: Retry): Promise<Answer> {
  const { body, contentType } = encode(type, payload);
  const headers = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    Accept: 'application/json,*/*',
    ...signedHeaders(slack.signingSecret, body),
    ...(retry ? { 'X-Slack-Retry-Num': String(retry.num), 'X-Slack-Retry-Reason': retry.reason } : {}),
  };
  return new Promise((resolve) => {
    // No keep-alive: a bot that shuts down must not be held open by its Slack.
    const outgoing = request(url, { method: 'POST', headers, agent: false });
    const timer = setTimeout(() => {
      resolve(TIMED_OUT);
      outgoing.destroy();
    }, slack.ackDeadlineMs);
    receive(outgoing).then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      () => {
        clearTimeout(timer);
        resolve(NOT_DELIVERED);
      },
    );
    outgoing.end(body);
  });
}

function receive(outgoing: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const headers = Object.fromEntries(Object.entries(response.headers).map(([k, v]) => [k, String(v)]));
        const failure = status === 200 ? undefined : 'dispatch_failed';
        resolve({ status, body: Buffer.concat(chunks).toString('utf8'), headers, failure });
      });
    });
  });
}
