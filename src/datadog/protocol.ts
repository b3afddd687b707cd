/** What passes between the bot and the thread that owns the Datadog client: plain values only. */
export type DatadogApi = 'authentication' | 'aws' | 'keys' | 'logs' | 'security' | 'users' | 'webhooks';

/** Whom a client asks, and as whom. */
export interface ClientOptions {
  baseUrl: string;
  apiKey: string;
  appKey: string;
  timeoutMs: number;
}

export interface CallRequest {
  id: number;
  client: number;
  api: DatadogApi;
  method: string;
  param: unknown;
}

/** To the thread. */
export type Order =
  | { order: 'open'; client: number; options: ClientOptions }
  | { order: 'close'; client: number }
  | ({ order: 'call' } & CallRequest);

export type CallResult =
  | { id: number; outcome: 'answered'; status: number; body: string; resetSeconds: number | undefined }
  /** No answer came: time-out, network, or a request the client refused to build. */
  | { id: number; outcome: 'failed'; name: string; message: string };
