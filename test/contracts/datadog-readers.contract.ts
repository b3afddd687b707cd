/**
 * The bot's own Datadog functions read what Datadog really answered, and send nothing Datadog was never seen to know:
 * its client drops members it does not know without a word.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatadogError } from '../../src/datadog/client.ts';
import { inRepository } from './contracts-dir.ts';
import { object, READERS } from './datadog-readers.ts';
import type { Exchange } from './datadog-recordings.ts';
import { exchangesOf } from './datadog-recordings.ts';
import type { Replay } from './datadog-replay.ts';
import { startReplay } from './datadog-replay.ts';

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(async () => {
  await replay[Symbol.asyncDispose]();
});

/** `datadog.call('security', 'createSecurityMonitoringRule', …)`: the operations named anywhere in `src/`. */
function calledOperations(): string[] {
  const files = readdirSync(inRepository('src'), { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );
  const sources = files.map((file) => readFileSync(join(inRepository('src'), file), 'utf8'));
  const methods = sources.flatMap((source) => [...source.matchAll(/\.call\(\s*'\w+',\s*'(\w)(\w+)'/g)]);
  return [...new Set(methods.map(([, first = '', rest = '']) => first.toUpperCase() + rest))].sort();
}

test('every operation the bot calls and a recording shows is read here', () => {
  const called = calledOperations();
  expect(called.length).toBeGreaterThan(15);
  const recorded = called.filter((operation) => exchangesOf(operation).length > 0);
  expect(
    recorded.filter((operation) => !READERS[operation]),
    'add them to datadog-readers.ts',
  ).toEqual([]);
  expect(
    Object.keys(READERS).filter((operation) => !called.includes(operation)),
    'no longer called',
  ).toEqual([]);
});

describe.each(Object.entries(READERS))('%s', (operation, reader) => {
  const known = knownPaths(operation);
  const cases = exchangesOf(operation).map(
    (exchange) => [exchange.response.status, exchange.recording, exchange] as const,
  );

  test('has recordings', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  test.each(cases)('the recorded %i of "%s" is understood', async (status, _, recorded) => {
    const exchange = reader.adapt?.(recorded) ?? recorded;
    replay.answerWith(exchange, reader.others?.(exchange));
    if (status < 400) await reader.read(replay.datadog, exchange);
    else await expectFailure(reader.read(replay.datadog, exchange), exchange, reader.swallows ?? []);
    const own = replay.sent.filter((sent) => sent.operation === operation);
    expect(own.length).toBeGreaterThan(0);
    for (const sent of own) {
      const unknown = pathsIn(sent.body).filter((path) => !known.has(path) && !reader.documented?.includes(path));
      expect(unknown, 'members Datadog was never seen to know').toEqual([]);
    }
  });
});

async function expectFailure(read: Promise<void>, { response }: Exchange, swallows: readonly number[]): Promise<void> {
  if (swallows.includes(response.status)) return expect(read).resolves.toBeUndefined();
  const error = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DatadogError);
  const { status, reasons } = error as DatadogError;
  expect(status).toBe(response.status);
  for (const text of errorTexts(response.body)) expect(reasons.join('\n')).toContain(text);
}

function errorTexts(body: unknown): string[] {
  const { errors, error } = object(body);
  const { message, details } = object(error);
  return [errors, message, details]
    .flat()
    .flatMap((item) => (typeof item === 'string' ? [item] : [object(item).detail, object(item).message]))
    .filter((text) => typeof text === 'string');
}

/** Operations on the same thing take the same members, but not every recording names all of them. */
const ALIKE: readonly (readonly string[])[] = [
  [
    'CreateSecurityMonitoringRule',
    'UpdateSecurityMonitoringRule',
    'ValidateSecurityMonitoringRule',
    'TestSecurityMonitoringRule',
    'GetSecurityMonitoringRule',
  ],
  ['CreateSecurityMonitoringSuppression', 'ValidateSecurityMonitoringSuppression'],
  ['CreateWebhooksIntegration', 'UpdateWebhooksIntegration'],
  ['CreateWebhooksIntegrationCustomVariable', 'UpdateWebhooksIntegrationCustomVariable'],
];

/** What Datadog was sent or answered in any recording of the operation or of one like it. */
function knownPaths(operation: string): Set<string> {
  const alike = ALIKE.find((group) => group.includes(operation)) ?? [operation];
  const bodies = alike.flatMap(exchangesOf).flatMap(({ request, response }) => [request.body, response.body]);
  // The test of a rule has the rule inside.
  return new Set(bodies.flatMap((body) => [...pathsIn(body), ...pathsIn(object(body).rule)]));
}

/** `data.attributes.targets[]`: every path of members in the value. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [at, ...pathsIn(inner, at)];
  });
}
