/**
 * The AWS stand-in against AWS's own API models, with the real SDK clients; and the traffic of a whole run when
 * RECORDED_TRAFFIC names a file written by playground/record.ts.
 */
import { beforeAll, expect, test } from 'vitest';
import { coverage } from '../../playground/aws/coverage.ts';
import type { Recorded } from '../../playground/http.ts';
import { type AwsWorld, startAws } from '../playground/aws-world.ts';
import { callEks, callLambda, callLogs, callMetrics, callSts } from './aws-calls.ts';
import { answerProblems, checkRecorded, readTraffic, requestProblems } from './aws-model.ts';
import { callOutsideTheModel, callWithoutAccess } from './aws-refused-calls.ts';

const traffic: Recorded[] = [];

beforeAll(async () => {
  for (const calls of [callEks, callLogs, callLambda, callSts, callMetrics, callWithoutAccess])
    traffic.push(...(await recordedBy(calls)));
});

async function recordedBy(calls: (world: AwsWorld) => Promise<void>): Promise<Recorded[]> {
  await using world = await startAws();
  await calls(world);
  return [...world.door.recorded];
}

test('no request of the SDKs and no answer of the stand-in contradicts AWS’s models', () => {
  expect(checkRecorded(traffic)).toEqual([]);
});

test('every covered operation was checked, in success and in refusal', () => {
  const names = Object.entries(coverage).flatMap(([service, listed]) =>
    Object.keys(listed).map((operation) => `${service} ${operation}`),
  );
  const answered = (succeeded: boolean) =>
    names.filter((name) =>
      traffic.some(({ call, answer }) => {
        const ok = (answer?.status ?? 599) < 300;
        return `${call.service} ${call.operation}` === name && ok === succeeded;
      }),
    );
  expect(answered(true)).toEqual(names);
  // These have no refusal of their own worth provoking.
  const neverRefused = [
    'logs DeleteRetentionPolicy',
    'logs DescribeAccountPolicies',
    'logs PutLogEvents',
    'logs TestMetricFilter',
    'sts GetCallerIdentity',
  ];
  expect(names.filter((name) => !answered(false).includes(name)).sort()).toEqual(neverRefused);
});

test('what the models do not allow is refused, with an error of the models', async () => {
  const refused = await recordedBy(callOutsideTheModel);
  expect(refused.length).toBeGreaterThan(10);
  for (const recorded of refused) {
    const { call, answer } = recorded;
    const what = `${call.service} ${call.operation} ${call.query} ${call.body}`.slice(0, 300);
    expect(requestProblems(recorded), what).not.toEqual([]);
    expect(answer?.status, what).toBeOneOf([400]);
    expect(answerProblems(recorded), what).toEqual([]);
  }
});

const file = process.env.RECORDED_TRAFFIC;
if (file !== undefined) {
  test('the recorded traffic of a whole run keeps to AWS’s models', () => {
    expect(checkRecorded(readTraffic(file))).toEqual([]);
  });
}
