/** Makes fetch, and with it Slack and Datadog, honour HTTPS_PROXY and NO_PROXY; AWS clients have agents of their own. */
import * as http from 'node:http';
import { EnvHttpProxyAgent } from 'undici';

export function useProxy(): void {
  if (!hasProxy()) return;
  const { setGlobalProxyFromEnv } = http as unknown as { setGlobalProxyFromEnv?: () => void };
  setGlobalProxyFromEnv?.();
}

/** For a client that brings undici's agent instead of using fetch's, as Socket Mode's WebSocket does. */
export function proxyAgent(): EnvHttpProxyAgent | undefined {
  return hasProxy() ? new EnvHttpProxyAgent() : undefined;
}

function hasProxy(): boolean {
  return Boolean(process.env.HTTPS_PROXY || process.env.https_proxy);
}
