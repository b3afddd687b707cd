/**
 * Says of a recorded AWS call what in it contradicts AWS's own API model: the request our code sent, and the answer
 * the stand-in gave. Both are checked, because a bot tested against a kinder AWS is not tested.
 */
import { readFileSync } from 'node:fs';
import type { Recorded } from '../../playground/http.ts';
import { fromLine } from '../../playground/record.ts';
import { answerProblemsOf } from './aws-answer.ts';
import { requestProblemsOf } from './aws-request.ts';
import type { OperationModel, ServiceModel } from './aws-shapes.ts';
import { shapeNamed } from './aws-shapes.ts';
import { readContract } from './contracts-dir.ts';

/** The model's file by the signing name under which a service is called. */
const MODEL_FILES: Readonly<Record<string, string>> = {
  eks: 'eks',
  lambda: 'lambda',
  logs: 'logs',
  monitoring: 'cloudwatch',
  sts: 'sts',
};

/** Members that the API has and our copy of the model lacks: docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html */
const LEFT_OUT: Readonly<Record<string, Record<string, string[]>>> = { eks: { Cluster: ['endpoint'] } };

const models = new Map<string, ServiceModel>();

interface Modelled {
  file: string;
  model: ServiceModel;
  operation: OperationModel;
}

export function isAwsCall({ call }: Recorded): boolean {
  return call.service in MODEL_FILES || call.service === 'aws';
}

/** What the model does not allow in the request. */
export function requestProblems(recorded: Recorded): string[] {
  const found = modelled(recorded);
  if (typeof found === 'string') return [found];
  return named(recorded, 'request', requestProblemsOf(found.model, found.operation, recorded.call));
}

/** What the model does not allow in the answer; an unanswered call (hung or cut) has none. */
export function answerProblems(recorded: Recorded): string[] {
  const { call, answer } = recorded;
  const found = modelled(recorded);
  if (typeof found === 'string') return [found];
  if (!answer) return [];
  const form = call.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return named(recorded, 'answer', answerProblemsOf(found.file, found.model, found.operation, answer, form));
}

/** Every contradiction in the AWS calls of the traffic; calls of other vendors are passed over. */
export function checkRecorded(traffic: Recorded[]): string[] {
  const calls = traffic.filter(isAwsCall);
  return [...new Set(calls.flatMap((recorded) => [...requestProblems(recorded), ...answerProblems(recorded)]))];
}

/** Traffic written by `recordTo`; a file that is missing, empty or without AWS calls is an error, not a success. */
export function readTraffic(file: string): Recorded[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const traffic = lines.filter((line) => line.trim() !== '').map(fromLine);
  if (!traffic.some(isAwsCall)) throw new Error(`${file} holds no recorded AWS call`);
  return traffic;
}

function modelled({ call }: Recorded): Modelled | string {
  const file = MODEL_FILES[call.service];
  if (file === undefined)
    return `${call.service} ${call.operation}: ${call.method} ${call.path} names no known service`;
  const model = modelIn(file);
  const operation = model.operations[call.operation];
  return operation
    ? { file, model, operation }
    : `${call.service} ${call.operation}: ${call.method} ${call.path} is no operation of the model`;
}

function modelIn(file: string): ServiceModel {
  const known = models.get(file);
  if (known) return known;
  const model = readContract<ServiceModel>(`aws/${file}.json`);
  for (const [name, members] of Object.entries(LEFT_OUT[file] ?? {}))
    for (const member of members)
      shapeNamed(model, name).members = { ...shapeNamed(model, name).members, [member]: { shape: 'String' } };
  models.set(file, model);
  return model;
}

function named({ call }: Recorded, part: 'request' | 'answer', problems: string[]): string[] {
  return problems.map((problem) => `${call.service} ${call.operation} ${part} ${problem}`);
}
