/**
 * The Datadog stand-in against recorded exchanges with Datadog: each recorded request is sent to it, and its answer
 * must have the recorded status and shape, and for refusals the recorded text.
 */
import { describe, expect, test } from 'vitest';
import type { DatadogWorld } from '../playground/datadog-world.ts';
import { API_KEY, APP_KEY } from '../playground/datadog-world.ts';
import { FREE, MEANT, NOT_ROUTED } from './datadog-exceptions.ts';
import type { Exchange, RecordedExchange } from './datadog-recordings.ts';
import { exchangesOf, operationOf, recordings } from './datadog-recordings.ts';
import { openRecordedWorld } from './datadog-world-of-recordings.ts';
import type { Shape } from './json-shape.ts';
import { deviations, shapeOf } from './json-shape.ts';

interface Answered {
  status: number;
  body: unknown;
}

/** The entries of MEANT that were needed. */
const needed = new Set<string>();

const routed = recordings.filter(({ exchanges }) => exchanges.some((exchange) => operationOf(exchange)));

describe.each(routed)('$file', ({ exchanges }) => {
  test('is answered by the stand-in as Datadog answered it', async () => {
    await using world = await openRecordedWorld();
    const ids = new Map<string, string>();
    for (const exchange of exchanges) {
      const operation = operationOf(exchange);
      if (operation === undefined) continue;
      const answered = await send(world, exchange, ids);
      const { status, body } = exchange.response;
      expect(answered.status, `${operation} answered ${JSON.stringify(answered.body)}`).toBe(status);
      learnIds(ids, body, answered.body);
      expect(unmeant(operation, shapeProblems(operation, exchange, answered.body)), operation).toEqual([]);
      if (status >= 400) expect(answered.body).toEqual(renamed(body, ids));
    }
  });
});

test('recordings the stand-in has no route for are listed, and nothing else is', () => {
  const unrouted = recordings
    .flatMap(({ exchanges }) => exchanges)
    .filter((exchange) => operationOf(exchange) === undefined)
    .map(({ request }) => ({ method: request.method, path: request.url.split('?')[0] ?? '' }));
  const matching = (entry: (typeof NOT_ROUTED)[number]) =>
    unrouted.filter(({ method, path }) => method === entry.method && pattern(entry.path).test(path));
  const listed = new Set(NOT_ROUTED.flatMap(matching));
  expect(
    unrouted.filter((request) => !listed.has(request)),
    'add a route or a reason',
  ).toEqual([]);
  expect(
    NOT_ROUTED.filter((entry) => matching(entry).length === 0),
    'no longer needed',
  ).toEqual([]);
});

test('every deviation that is meant is still there', () => {
  expect(MEANT.filter((entry) => !needed.has(keyOf(entry)))).toEqual([]);
});

async function send({ url }: DatadogWorld, { request }: Exchange, ids: Map<string, string>): Promise<Answered> {
  const body = request.body === null || request.body === undefined ? undefined : renamed(request.body, ids);
  const response = await fetch(`${url}${renamed(request.url, ids)}`, {
    method: request.method,
    headers: { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
}

/** Later requests name what was created in earlier ones; in this world it has another id. */
function learnIds(ids: Map<string, string>, recorded: unknown, answered: unknown): void {
  for (const at of [(body: unknown) => body, (body: unknown) => member(body, 'data')]) {
    const [theirs, ours] = [member(at(recorded), 'id'), member(at(answered), 'id')];
    if (typeof theirs === 'string' && typeof ours === 'string') ids.set(theirs, ours);
  }
}

function renamed<T>(value: T, ids: Map<string, string>): T {
  let text = JSON.stringify(value);
  for (const [theirs, ours] of ids) text = text.replaceAll(theirs, ours);
  return JSON.parse(text) as T;
}

function shapeProblems(operation: string, exchange: RecordedExchange, body: unknown): string[] {
  const recorded = shapeOf([exchange.response.body]);
  return deviations(
    { recorded, newest: newestShape(operation, exchange.response.status), free: FREE },
    shapeOf([body]),
  );
}

/** A rule or an account looks the same whichever call answers it, and not every call was recorded lately. */
const ALSO: Readonly<Record<string, { operation: string; as: (body: unknown) => unknown }>> = {
  GetSecurityMonitoringRule: { operation: 'CreateSecurityMonitoringRule', as: (rule) => rule },
  UpdateSecurityMonitoringRule: { operation: 'CreateSecurityMonitoringRule', as: (rule) => rule },
  ListSecurityMonitoringRules: { operation: 'CreateSecurityMonitoringRule', as: (rule) => ({ data: [rule] }) },
  ListAWSAccounts: { operation: 'CreateAWSAccount', as: (body) => ({ data: [member(body, 'data')] }) },
};

function newestShape(operation: string, status: number): Shape | undefined {
  const newest = (of: string) => exchangesOf(of).findLast(({ response }) => response.status === status)?.response.body;
  const also = ALSO[operation];
  const bodies = [newest(operation), ...(also ? [also.as(newest(also.operation))] : [])];
  return shapeOf(bodies.filter((body) => body !== undefined));
}

function unmeant(operation: string, found: string[]): string[] {
  return found.filter((deviation) => {
    const entry = MEANT.find((meant) => meant.operation === operation && meant.deviation === deviation);
    if (entry) needed.add(keyOf(entry));
    return !entry;
  });
}

function keyOf({ operation, deviation }: { operation: string; deviation: string }): string {
  return `${operation} ${deviation}`;
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
