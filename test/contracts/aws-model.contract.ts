/** The checker itself: it finds what contradicts the models, else "no problems" would prove nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Answer, Call, Recorded } from '../../playground/http.ts';
import { recordTo } from '../../playground/record.ts';
import { startAws } from '../playground/aws-world.ts';
import { callEks, callLambda, callLogs, callMetrics, callSts } from './aws-calls.ts';
import { checkRecorded, readTraffic } from './aws-model.ts';

const traffic: Recorded[] = [];

beforeAll(async () => {
  for (const calls of [callEks, callLogs, callLambda, callSts, callMetrics]) {
    await using world = await startAws();
    await calls(world);
    traffic.push(...world.door.recorded);
  }
});

function succeeded(operation: string): Recorded {
  const found = traffic.find(({ call, answer }) => call.operation === operation && (answer?.status ?? 599) < 300);
  if (!found) throw new Error(`no ${operation} succeeded`);
  return found;
}

function refused(operation: string, code: string): Recorded {
  const found = traffic.find(
    ({ call, answer }) =>
      call.operation === operation && JSON.stringify([answer?.headers, String(answer?.body)]).includes(code),
  );
  if (!found) throw new Error(`no ${operation} was refused with ${code}`);
  return found;
}

function withCall(recorded: Recorded, over: Partial<Call>): string[] {
  return checkRecorded([{ ...recorded, call: { ...recorded.call, ...over } }]);
}

function withAnswer(recorded: Recorded, over: Partial<Answer>): string[] {
  return checkRecorded([{ ...recorded, answer: { status: 200, ...recorded.answer, ...over } }]);
}

/** The body with one text in it replaced, which must be there. */
function changed(body: string | Buffer | undefined, from: string, to: string): string {
  const text = String(body);
  if (!text.includes(from)) throw new Error(`${text} does not contain ${from}`);
  return text.replace(from, to);
}

function bodySent(recorded: Recorded, from: string, to: string): string[] {
  return withCall(recorded, { body: Buffer.from(changed(recorded.call.body, from, to)) });
}

function bodyAnswered(recorded: Recorded, from: string, to: string): string[] {
  return withAnswer(recorded, { body: changed(recorded.answer?.body, from, to) });
}

test('values outside an answer’s shape are found by their path', () => {
  const cluster = succeeded('DescribeCluster');
  expect(bodyAnswered(cluster, '"ACTIVE"', '"HAPPY"')[0]).toMatch(/\$\.cluster\.status: "HAPPY" is none of CREATING/);
  expect(bodyAnswered(cluster, '"version":', '"versions":')).toEqual([
    'eks DescribeCluster answer $.cluster.versions: the model knows no such member',
  ]);
  expect(bodyAnswered(cluster, '"enabled":false', '"enabled":"no"')).toEqual([
    'eks DescribeCluster answer $.cluster.logging.clusterLogging[0].enabled: boolean wanted, not "no"',
  ]);
  expect(bodyAnswered(cluster, '"createdAt":', '"createdAt":1000')[0]).toMatch(/are these milliseconds/);
  const functions = succeeded('ListFunctions');
  expect(bodyAnswered(functions, '"arm64"', '"sparc"')[0]).toMatch(/Architectures\[0\]: "sparc" is none of x86_64/);
  expect(bodyAnswered(functions, '"FunctionArn":"arn:', '"FunctionArn":"urn:')[0]).toMatch(/does not match arn:/);
  const groups = succeeded('DescribeLogGroups');
  expect(bodyAnswered(groups, '"storedBytes":0', '"storedBytes":0.5')[0]).toMatch(/storedBytes: long wanted, not 0\.5/);
});

test('values outside a request’s shape are found by their path', () => {
  const update = succeeded('UpdateClusterConfig');
  expect(bodySent(update, '"audit"', '"audits"')[0]).toMatch(/\$\.logging\.clusterLogging\[0\]\.types\[0\]: "audits"/);
  expect(bodySent(update, '"logging"', '"loging"')[0]).toMatch(/\$\.loging: the model knows no such member/);
  const put = succeeded('PutSubscriptionFilter');
  expect(bodySent(put, '"destinationArn"', '"destination"')).toEqual([
    'logs PutSubscriptionFilter request $.destinationArn: required, but missing',
    'logs PutSubscriptionFilter request $.destination: the model knows no such member',
  ]);
  expect(bodySent(succeeded('PutRetentionPolicy'), '90', '"90"')[0]).toMatch(/retentionInDays: integer wanted/);
  expect(bodySent(succeeded('AssumeRole'), 'RoleSessionName=run-42', 'RoleSessionName=r')[0]).toMatch(/at least 2/);
  expect(bodySent(succeeded('AssumeRole'), '&Tags.member.1.Key', '&Tags.member.1.Name')).toEqual([
    'sts AssumeRole request form field Tags.member.1.Name: the model knows no such parameter',
    'sts AssumeRole request $.Tags[0].Key: required, but missing',
  ]);
});

test('verb, path, query, target and content type belong to the contract', () => {
  const cluster = succeeded('DescribeCluster');
  expect(withCall(cluster, { method: 'POST' })).toEqual(['eks DescribeCluster request POST instead of GET']);
  expect(withCall(cluster, { path: '/cluster/prod-a' })).toEqual([
    'eks DescribeCluster request path /cluster/prod-a is not /clusters/{name}',
    'eks DescribeCluster request $.name: required, but missing',
  ]);
  const list = succeeded('ListClusters');
  expect(withCall(list, { query: new URLSearchParams('maxResults=many&page=2') })).toEqual([
    'eks ListClusters request query page: the model knows no such parameter',
    'eks ListClusters request $.maxResults: integer wanted, not "many"',
  ]);
  const groups = succeeded('DescribeLogGroups');
  const headers = {
    ...groups.call.headers,
    'content-type': 'application/json',
    'x-amz-target': 'Logs.DescribeLogGroups',
  };
  expect(withCall(groups, { headers })).toEqual([
    'logs DescribeLogGroups request content type application/json is not application/x-amz-json-1.1',
    'logs DescribeLogGroups request x-amz-target Logs.DescribeLogGroups is not Logs_20140328.DescribeLogGroups',
  ]);
  expect(withCall(cluster, { operation: 'Unknown' })[0]).toMatch(/is no operation of the model/);
  expect(withCall(cluster, { service: 'aws' })[0]).toMatch(/names no known service/);
  expect(withAnswer(groups, { headers: { 'content-type': 'application/json' } })[0]).toMatch(/content type/);
  expect(withAnswer(succeeded('AddPermission'), { status: 200 })[0]).toMatch(/status 200 instead of 201/);
});

test('an error must be one the operation has, under its status and with its members', () => {
  const missing = refused('DescribeCluster', 'ResourceNotFoundException');
  expect(withAnswer(missing, { status: 400 })).toEqual([
    'eks DescribeCluster answer ResourceNotFoundException under status 400 instead of 404',
  ]);
  expect(bodyAnswered(missing, '"clusterName"', '"cluster"')[0]).toMatch(/\$error\.cluster: the model knows no such/);
  expect(bodyAnswered(missing, '"message"', '"Message"')[0]).toMatch(/\$error\.Message: the model knows no such/);
  const full = refused('PutSubscriptionFilter', 'LimitExceededException');
  expect(bodyAnswered(full, 'LimitExceededException', 'QuotaExceededException')).toEqual([
    'logs PutSubscriptionFilter answer QuotaExceededException is neither declared by PutSubscriptionFilter nor a common error of logs',
  ]);
  expect(withAnswer(full, { body: '<html>' })).toEqual([
    'logs PutSubscriptionFilter answer the body is not JSON: <html>',
  ]);
  const denied = refused('AssumeRole', 'AccessDenied');
  expect(bodyAnswered(denied, 'AccessDenied', 'AccessDeniedException')[0]).toMatch(/is neither declared by AssumeRole/);
  expect(bodyAnswered(denied, '<Code>', '<Kode>')[0]).toMatch(/the body is not XML: <\/Code> closes <Kode>/);
});

test('XML answers are read against the model too', () => {
  const assumed = succeeded('AssumeRole');
  expect(bodyAnswered(assumed, 'xmlns="https:', 'xmlns="http:')[0]).toMatch(/^sts AssumeRole answer xmlns http:/);
  expect(bodyAnswered(assumed, '<Expiration>', '<Expiration>on ')[0]).toMatch(/Expiration: timestamp wanted/);
  const body = String(assumed.answer?.body).replaceAll('AccessKeyId>', 'KeyId>');
  expect(withAnswer(assumed, { body })).toEqual([
    'sts AssumeRole answer $.Credentials.AccessKeyId: required, but missing',
    'sts AssumeRole answer $.Credentials.KeyId: the model knows no such member',
  ]);
});

test('recorded traffic is the same after a file, and a file without it is an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'traffic-'));
  try {
    const file = join(folder, 'traffic.jsonl');
    recordTo(file, { recorded: [...traffic, { ...succeeded('DescribeCluster'), answer: { status: 599 } }] });
    const read = readTraffic(file);
    expect(read).toHaveLength(traffic.length + 1);
    expect(read[0]?.call).toEqual(traffic[0]?.call);
    expect(String(read[0]?.answer?.body)).toBe(String(traffic[0]?.answer?.body));
    expect(checkRecorded(read)).toEqual(['eks DescribeCluster answer an error without a code']);
    writeFileSync(file, '\n');
    expect(() => readTraffic(file)).toThrow('holds no recorded AWS call');
    expect(() => readTraffic(join(folder, 'missing'))).toThrow('ENOENT');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
