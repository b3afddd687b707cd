/** Addresses of Datadog's web pages. https://docs.datadoghq.com/getting_started/site */
import type { Config } from '../config.ts';

type Site = Pick<Config, 'DD_SITE' | 'DD_APP_URL'>;

/** Sites whose web host is not the site's own name. */
const UI_HOSTS: Record<string, string> = {
  'datadoghq.com': 'app.datadoghq.com',
  'datadoghq.eu': 'app.datadoghq.eu',
  'ddog-gov.com': 'app.ddog-gov.com',
};

/** `https://app.datadoghq.com`, or the organisation's own sub-domain where `DD_APP_URL` names it. */
export function uiUrl(config: Site): string {
  return config.DD_APP_URL ?? `https://${UI_HOSTS[config.DD_SITE] ?? config.DD_SITE}`;
}

/** Log Explorer over a fixed window; without `live=false` the window slides away from what is meant. */
export function logExplorerUrl(
  config: Site,
  query: string,
  from: Date,
  to: Date,
  {
    cols = [],
    event,
  }: { cols?: readonly string[] /** The id of the log to open beside the list. */; event?: string } = {},
): string {
  const params = new URLSearchParams({
    query,
    from_ts: String(from.getTime()),
    to_ts: String(to.getTime()),
    live: 'false',
    ...(cols.length > 0 && { cols: cols.join(',') }),
    ...(event !== undefined && { event }),
  });
  return `${uiUrl(config)}/logs?${params}`;
}

export function signalUrl(config: Site, signalId: string): string {
  return `${uiUrl(config)}/security/signal?${new URLSearchParams({ event: signalId })}`;
}

/** One detection rule. */
export function ruleUrl(config: Site, ruleId: string): string {
  return `${uiUrl(config)}/security/rules/view/${encodeURIComponent(ruleId)}`;
}

/** The signals of a fixed window, the newest first; `paused` is to this page what `live=false` is to the logs. */
export function signalsExplorerUrl(config: Site, query: string, from: Date, to: Date): string {
  const params = new URLSearchParams({
    query,
    column: 'time',
    order: 'desc',
    view: 'signal',
    viz: 'stream',
    start: String(from.getTime()),
    end: String(to.getTime()),
    paused: 'true',
  });
  return `${uiUrl(config)}/security/siem/signals?${params}`;
}
