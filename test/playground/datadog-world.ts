/**
 * A Datadog organisation behind a Door for the tests of the stand-in, with a clock they move, and the configuration
 * of Datadog's own client for it.
 */

import { logger } from '@datadog/datadog-api-client/dist/logger.js';
import { createConfiguration } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js';
import { BaseServerConfiguration } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js';
import type { IntakeEntry } from '../../playground/datadog/intake.ts';
import { datadogService } from '../../playground/datadog/routes.ts';
import { Datadog } from '../../playground/datadog/state.ts';
import { Door } from '../../playground/http.ts';
import { WorldTime } from '../../playground/time.ts';

// It reports every use of an unstable operation, which some tests are about.
logger.setLevel('silent');

export const START = Date.parse('2026-11-23T08:00:00.000Z');
export const API_KEY = 'api-key-of-the-organisation';
export const APP_KEY = 'application-key-of-the-bot';
export const OWNER = 'eks-audit@example.com';

export type DatadogWorld = Awaited<ReturnType<typeof openDatadog>>;

export async function openDatadog(options: { speed?: number; site?: string } = {}) {
  let now = START;
  const time = new WorldTime({ clock: { now: () => new Date(now) }, speed: options.speed ?? 1 });
  const datadog = new Datadog({ time, ...(options.site && { site: options.site }) });
  datadog.addApiKey(API_KEY);
  datadog.addUser({ email: OWNER, name: 'EKS audit', serviceAccount: true });
  datadog.addApplicationKey({ key: APP_KEY, owner: OWNER });
  const door = new Door();
  const url = await door.open(datadogService(datadog));
  return {
    datadog,
    door,
    time,
    url,
    /** Lets so much time pass that everything due by then has happened. */
    pass(ms: number) {
      now += ms;
      time.catchUp();
    },
    configuration(keys: { apiKey?: string; appKey?: string } = {}) {
      return createConfiguration({
        authMethods: { apiKeyAuth: keys.apiKey ?? API_KEY, appKeyAuth: keys.appKey ?? APP_KEY },
        baseServer: new BaseServerConfiguration(url, {}),
      });
    },
    async [Symbol.asyncDispose]() {
      time.stop();
      await datadog.close();
      await door.close();
    },
  };
}

/** What the client throws for an answer that is no success, so that tests can look at it. */
export async function failureOf(promise: Promise<unknown>): Promise<{ code: number; body: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: number; body: unknown };
  }
  throw new Error('The call succeeded');
}

/** An audit event as the Forwarder (4.6.0 and later) ships it. */
export function auditEntry(audit: Record<string, unknown>, over: Partial<IntakeEntry> = {}): IntakeEntry {
  return {
    message: JSON.stringify({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', ...audit }),
    timestamp: START,
    id: '38000000000000000000000000000000000000000000000000000001',
    aws: {
      awslogs: {
        logGroup: '/aws/eks/prod/cluster',
        logStream: 'kube-apiserver-audit-4ddc5b2b1c3b',
        owner: '111122223333',
      },
      invoked_function_arn: 'arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder',
    },
    ddsource: 'cloudwatch',
    ddsourcecategory: 'aws',
    ddtags: 'env:test,forwardername:datadogforwarder,forwarder_version:5.4.11',
    service: 'cloudwatch',
    host: '/aws/eks/prod/cluster',
    ...over,
  };
}

export function execBy(username: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    auditID: '0c5f3a3e-9f2e-4a4c-8a2b-2f6b1a1f0001',
    stage: 'ResponseComplete',
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/pods/web-0/exec?command=sh&stdin=true',
    user: { username, groups: ['system:authenticated'] },
    sourceIPs: ['203.0.113.7'],
    objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
    responseStatus: { code: 101 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...over,
  };
}
