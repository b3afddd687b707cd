/**
 * Owns @datadog/datadog-api-client in a thread of its own: importing it stalls a thread for seconds. Opens and closes
 * clients, and answers a call with the JSON Datadog sent: the client's own objects turn unknown values into
 * `UnparsedObject` without an error and hide fields it does not know, so they are not used.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import module from 'node:module';
import { parentPort } from 'node:worker_threads';
import { useProxy } from '../proxy.ts';
import { loadModelsLazily } from './lazy-models.ts';
import type { CallRequest, CallResult, ClientOptions, DatadogApi, Order } from './protocol.ts';

module.enableCompileCache();
loadModelsLazily();
// The main thread's setting does not reach the fetch of this one.
useProxy();
const require = module.createRequire(import.meta.url);
const PACKAGES = '@datadog/datadog-api-client/dist/packages';

/** Where each API class lives; deep imports load a third of what the package's front door does. */
const APIS: Record<DatadogApi, string> = {
  authentication: 'datadog-api-client-v1/apis/AuthenticationApi',
  aws: 'datadog-api-client-v2/apis/AWSIntegrationApi',
  keys: 'datadog-api-client-v2/apis/KeyManagementApi',
  logs: 'datadog-api-client-v2/apis/LogsApi',
  security: 'datadog-api-client-v2/apis/SecurityMonitoringApi',
  users: 'datadog-api-client-v2/apis/UsersApi',
  webhooks: 'datadog-api-client-v1/apis/WebhooksIntegrationApi',
};

/** What one HTTP exchange really was, whatever the client makes of it. */
interface Exchange {
  status?: number;
  body?: string;
  resetSeconds?: number;
}

type Method = (param?: unknown) => Promise<unknown>;

const PRELOAD: readonly DatadogApi[] = ['security', 'logs', 'aws', 'webhooks', 'keys'];
const exchanges = new AsyncLocalStorage<Exchange>();
const clients = new Map<number, Client>();

type Client = (name: DatadogApi) => Record<string, Method>;

function openClient(options: ClientOptions): Client {
  const configuration = createConfiguration(options);
  const instances = new Map<DatadogApi, Record<string, Method>>();
  return (name) => {
    const known = instances.get(name);
    if (known) return known;
    const made = new (classOf(name))(configuration);
    instances.set(name, made);
    return made;
  };
}

function classOf(name: DatadogApi): new (configuration: unknown) => Record<string, Method> {
  const path = APIS[name];
  return require(`${PACKAGES}/${path}`)[path.slice(path.lastIndexOf('/') + 1)];
}

function createConfiguration(options: ClientOptions): unknown {
  const client = require(`${PACKAGES}/datadog-api-client-common/index`);
  const { logger } = require('@datadog/datadog-api-client/dist/logger');
  logger.setLevel('silent');
  const made = client.createConfiguration({
    authMethods: { apiKeyAuth: options.apiKey, appKeyAuth: options.appKey },
    // One base for every operation, so that DD_SITE in the environment cannot redirect any of them.
    baseServer: new client.BaseServerConfiguration(options.baseUrl, {}),
    enableRetry: false,
    fetch: recordingFetch(options.timeoutMs),
  });
  // Content packs are the best evidence that Cloud SIEM is on, and the client calls them unstable.
  made.unstableOperations['v2.getContentPacksStates'] = true;
  return made;
}

function recordingFetch(timeoutMs: number) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const body = await response.text();
    const exchange = exchanges.getStore();
    if (exchange) {
      exchange.status = response.status;
      exchange.body = body;
      const reset = Number(
        response.headers.get('x-ratelimit-reset') ?? response.headers.get('retry-after') ?? Number.NaN,
      );
      if (Number.isFinite(reset)) exchange.resetSeconds = reset;
    }
    const empty = response.status === 204 || response.status === 304;
    return new Response(empty ? null : body, { status: response.status, headers: response.headers });
  };
}

async function call(request: CallRequest): Promise<CallResult> {
  const exchange: Exchange = {};
  try {
    await exchanges.run(exchange, async () => {
      const client = clients.get(request.client);
      if (!client) throw new Error('the Datadog client was closed');
      const api = client(request.api);
      const method = api[request.method];
      if (!method) throw new Error(`the Datadog client has no ${request.api}.${request.method}`);
      await method.call(api, request.param);
    });
  } catch (error) {
    // Whatever the client says of an answer, the exchange tells what happened; without one, nothing was answered.
    if (exchange.status === undefined)
      return { id: request.id, outcome: 'failed', name: (error as Error).name, message: (error as Error).message };
  }
  return {
    id: request.id,
    outcome: 'answered',
    status: exchange.status ?? 0,
    body: exchange.body ?? '',
    resetSeconds: exchange.resetSeconds,
  };
}

parentPort?.on('message', async (order: Order) => {
  if (order.order === 'open') clients.set(order.client, openClient(order.options));
  else if (order.order === 'close') clients.delete(order.client);
  else parentPort?.postMessage(await call(order));
});

// Loading now, while nobody waits, instead of at the first call.
for (const name of PRELOAD) classOf(name);
// A bot that is killed would leave nothing of what was compiled, and its successor would take a second longer.
module.flushCompileCache();
