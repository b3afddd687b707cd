/** Addresses of Datadog's web pages. https://docs.datadoghq.com/getting_started/site */
import type { Config } from '../config.ts';

/** Sites whose web host is not the site's own name. */
const UI_HOSTS: Record<string, string> = {
  'datadoghq.com': 'app.datadoghq.com',
  'datadoghq.eu': 'app.datadoghq.eu',
  'ddog-gov.com': 'app.ddog-gov.com',
};

/** `https://app.datadoghq.com`, or the organisation's own sub-domain where `DD_APP_URL` names it. */
export function uiUrl(config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>): string {
  return config.DD_APP_URL ?? `https://${UI_HOSTS[config.DD_SITE] ?? config.DD_SITE}`;
}

/** Log Explorer over a fixed window; without `live=false` the window slides away from what is meant. */
export function logExplorerUrl(
  config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>,
  query: string,
  from: Date,
  to: Date,
): string {
  const params = new URLSearchParams({
    query,
    from_ts: String(from.getTime()),
    to_ts: String(to.getTime()),
    live: 'false',
  });
  return `${uiUrl(config)}/logs?${params}`;
}
