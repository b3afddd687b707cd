/**
 * One sample of a signal, the audit event as Datadog indexed it, and the cluster it came from. The names are those of
 * Datadog's Kubernetes audit pipeline where it ran, else those of the event itself, which is also read from the log's
 * text. No attribute names the cluster: it is in the name of the log group, its account beside it, the Region only in
 * the Forwarder's ARN.
 */
import { at, count, firstAt, firstText, identifier, instant, type Json, list, object, text } from './json.ts';
import type { Sample, SignalCluster } from './signal.ts';

/** Datadog cuts a log at 1 MB. */
const LARGEST_MESSAGE = 1_000_000;

const LOG_GROUP = /^\/aws\/eks\/([0-9A-Za-z][\w-]{0,99})\/cluster$/;

export function readSample(value: unknown, max: number): Sample {
  const content = at(value, ['content']);
  const places = attributesOf(content);
  const find = <T>(read: (found: unknown) => T | undefined, ...paths: string[][]): T | undefined => {
    for (const path of paths) {
      const found = firstAt(places, path, read);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const word = (found: unknown) => text(found, max);
  const first = (found: unknown) => firstText(found, max);
  return {
    eventId: identifier(at(value, ['eventId'])),
    at: sampleTime(value) ?? find(instant, ['stageTimestamp'], ['requestReceivedTimestamp']),
    cluster: clustersIn(places[0], at(content, ['host']))[0],
    actor: {
      name: find(word, ['usr', 'name'], ['usr', 'id'], ['user', 'username']),
      arn: find(first, ['user', 'extra', 'canonicalArn'], ['user', 'extra', 'arn']),
      session: find(first, ['user', 'extra', 'sessionName']),
    },
    verb: find(word, ['http', 'method'], ['verb']),
    object: {
      resource: find(word, ['objectRef', 'resource']),
      subresource: find(word, ['objectRef', 'subresource']),
      namespace: find(word, ['objectRef', 'namespace']),
      name: find(word, ['objectRef', 'name']),
    },
    status: find(httpStatus, ['http', 'status_code'], ['responseStatus', 'code']),
    ip: find(first, ['network', 'client', 'ip'], ['sourceIPs']),
    userAgent: find(word, ['http', 'useragent'], ['userAgent']),
  };
}

export function sampleTime(value: unknown): string | undefined {
  return instant(at(value, ['content', 'timestamp']));
}

/** The clusters of a sample, without the trouble of reading the rest of it. */
export function sampleClusters(value: unknown): SignalCluster[] {
  const content = at(value, ['content']);
  return clustersIn(indexed(content), at(content, ['host']));
}

/**
 * The clusters named by attributes of a log, or by those of many logs that Datadog put into their signal, where one
 * value has become a list. `host` is the log group, too.
 */
export function clustersIn(attributes: unknown, host?: unknown): SignalCluster[] {
  const awslogs = at(attributes, ['aws', 'awslogs']);
  const named = clusterNames(at(awslogs, ['logGroup']));
  const names = named.length > 0 ? named : clusterNames(host);
  const accountId = only(at(awslogs, ['owner']), accountIn);
  const region = only(at(attributes, ['aws', 'invoked_function_arn']), regionIn);
  return names.map((name) => ({ name, accountId, region }));
}

export function clusterNames(logGroups: unknown): string[] {
  return several(logGroups).flatMap((logGroup) => {
    const name = typeof logGroup === 'string' ? LOG_GROUP.exec(logGroup)?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
}

export function accountIn(owner: unknown): string | undefined {
  // An account id that went through a JSON number has lost its leading zeros.
  const digits = typeof owner === 'number' ? String(owner).padStart(12, '0') : owner;
  return typeof digits === 'string' && /^\d{12}$/.test(digits) ? digits : undefined;
}

function regionIn(arn: unknown): string | undefined {
  const region = typeof arn === 'string' ? arn.split(':', 4)[3] : undefined;
  return region !== undefined && /^[a-z]{2}(-[a-z]{1,12}){1,3}-\d{1,2}$/.test(region) ? region : undefined;
}

/** Of several accounts or Regions none can be said to be a cluster's. */
function only(value: unknown, read: (item: unknown) => string | undefined): string | undefined {
  const found = new Set(several(value).map(read));
  const [first] = found;
  return found.size === 1 ? first : undefined;
}

/** The log's attributes, and after them those of the event in its text where the pipeline did not run. */
function attributesOf(content: unknown): [Json | undefined, ...Json[]] {
  const attributes = indexed(content);
  const isAudit = ['usr', 'user', 'verb', 'objectRef'].some((name) => at(attributes, [name]) !== undefined);
  const event = isAudit ? undefined : parsed(at(content, ['message']));
  return event ? [attributes, event] : [attributes];
}

function indexed(content: unknown): Json | undefined {
  return object(at(content, ['custom'])) ?? object(at(content, ['attributes']));
}

function parsed(message: unknown): Json | undefined {
  if (typeof message !== 'string' || message.length > LARGEST_MESSAGE || !message.trimStart().startsWith('{')) {
    return undefined;
  }
  try {
    return object(JSON.parse(message));
  } catch {
    return undefined;
  }
}

function httpStatus(value: unknown): number | undefined {
  const status = count(typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value);
  return status !== undefined && status >= 100 && status <= 599 ? status : undefined;
}

function several(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? list(value).slice(0, 100) : [value];
}
