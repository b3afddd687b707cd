/** Makes fetch, and with it Slack and Datadog, honour HTTPS_PROXY and NO_PROXY; AWS clients have agents of their own. */
import * as http from 'node:http';
import type { EnvHttpProxyAgent } from 'undici';

export function useProxy(): void {
  if (!hasProxy()) return;
  const { setGlobalProxyFromEnv } = http as unknown as { setGlobalProxyFromEnv?: () => void };
  setGlobalProxyFromEnv?.();
}

/** For a client that brings undici's agent instead of using fetch's, as Socket Mode's WebSocket does. */
export async function proxyAgent(): Promise<EnvHttpProxyAgent | undefined> {
  if (!hasProxy()) return undefined;
  const undici = await import('undici');
  return new undici.EnvHttpProxyAgent();
}

function hasProxy(): boolean {
  return Boolean(process.env.HTTPS_PROXY || process.env.https_proxy);
}
