/** The coverage list says what the routes do, and the routes are what the vendor's SDK calls them. */

import * as metrics from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as eks from '@aws-sdk/client-eks';
import * as lambda from '@aws-sdk/client-lambda';
import * as sts from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { coverage } from '../../playground/aws/coverage.ts';
import { operations } from '../../playground/aws/routes.ts';
import { refusal, startAws } from './aws-world.ts';

const SDKS: Record<string, object> = { eks, logs, lambda, sts, monitoring: metrics };

test('every operation is listed and every listed operation has a route', () => {
  const names = (table: Record<string, object>) =>
    Object.entries(table).flatMap(([service, listed]) => Object.keys(listed).map((name) => `${service} ${name}`));
  expect(names(coverage).sort()).toEqual(names(operations).sort());
});

test('every operation is one of the SDK', () => {
  for (const [service, listed] of Object.entries(operations))
    for (const name of Object.keys(listed)) expect(SDKS[service]).toHaveProperty(`${name}Command`);
});

test('what is not covered is refused by name, not ignored', async () => {
  await using world = await startAws();
  const { name, message } = await refusal(world.clients.eks.send(new eks.ListNodegroupsCommand({ clusterName: 'a' })));
  expect({ name, message }).toEqual({ name: 'UnknownOperationException', message: 'no eks Unknown here' });
});
