/** What passes between the bot and the thread that owns the Datadog client: plain values only. */
export type DatadogApi = 'authentication' | 'aws' | 'keys' | 'logs' | 'security' | 'users' | 'webhooks';

export interface WorkerOptions {
  baseUrl: string;
  apiKey: string;
  appKey: string;
  timeoutMs: number;
  preload: DatadogApi[];
}

export interface CallRequest {
  id: number;
  api: DatadogApi;
  method: string;
  param: unknown;
}

export type CallResult =
  | { id: number; outcome: 'answered'; status: number; body: string; resetSeconds: number | undefined }
  /** No answer came: time-out, network, or a request the client refused to build. */
  | { id: number; outcome: 'failed'; name: string; message: string };
