/** Makes fetch, and with it Slack and Datadog, honour HTTPS_PROXY and NO_PROXY; AWS clients have agents of their own. */
import * as http from 'node:http';

export function useProxy(): void {
  if (!process.env.HTTPS_PROXY && !process.env.https_proxy) return;
  const { setGlobalProxyFromEnv } = http as unknown as { setGlobalProxyFromEnv?: () => void };
  setGlobalProxyFromEnv?.();
}
