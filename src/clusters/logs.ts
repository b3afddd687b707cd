/** `/eks-audit logs prod-a [query]`: the last audit events of a cluster as a table, with the Log Explorer link. */
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import type { Datadog } from '../datadog/client.ts';
import { type LogEntry, searchLogs } from '../datadog/logs.ts';
import { logExplorerUrl } from '../datadog/sites.ts';
import { UserError } from '../errors.ts';
import { parseQuery, QuerySyntaxError } from '../rules/query.ts';
import { type Content, content, context, section } from '../slack/blocks.ts';
import { code, link, plain, truncate } from '../slack/mrkdwn.ts';
import { type Cluster, fullName } from './cluster.ts';
import { auditQuery } from './query.ts';
import { text } from './text.ts';

const WINDOW_MS = 60 * 60_000;
const SHOWN = 10;
/** Slack shows about this many characters in one line of a wide window. */
const CELL = 60;

export async function logs(
  deps: { datadog: Datadog; config: Config; clock: Clock },
  cluster: Cluster,
  typed: string,
  language: Language,
): Promise<Content> {
  const corrected = typed.replaceAll('kubernetes.aduit', 'kubernetes.audit');
  const query = [auditQuery(cluster), corrected && `(${checked(corrected)})`].filter(Boolean).join(' ');
  const to = deps.clock.now();
  const from = new Date(to.getTime() - WINDOW_MS);
  const entries = await searchLogs(deps.datadog, query, from, to, SHOWN);
  return logsView(entries, cluster, logExplorerUrl(deps.config, query, from, to), corrected !== typed, language);
}

/** Pure. Events are shown as preformatted text: nothing an attacker wrote becomes markup. */
export function logsView(
  entries: readonly LogEntry[],
  cluster: Cluster,
  url: string,
  corrected: boolean,
  language: Language,
): Content {
  const t = text[language];
  const title = entries.length === 0 ? t.noLogs(fullName(cluster)) : t.logs(fullName(cluster), entries.length);
  const lines = entries.map((entry) => truncate(row(entry), 200).replaceAll('`', "'"));
  return content(title, [
    section(`*${title}*`),
    lines.length > 0 ? section(`\`\`\`${truncate(plain(lines.join('\n')), 2900)}\`\`\``) : undefined,
    corrected ? context(t.misspelled) : undefined,
    section(link(url, 'Log Explorer')),
  ]);
}

function row({ at, attributes }: LogEntry): string {
  const get = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], attributes);
  const cell = (path: string) => truncate(String(get(path) ?? '-'), CELL);
  const object = ['objectRef.namespace', 'objectRef.resource', 'objectRef.subresource', 'objectRef.name']
    .map(get)
    .filter(Boolean)
    .join('/');
  return [
    at.toISOString().slice(11, 19),
    cell('usr.name'),
    cell('http.method'),
    truncate(object || '-', CELL),
    cell('http.status_code'),
  ].join('  ');
}

function checked(query: string): string {
  try {
    parseQuery(query);
    return query;
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    const { message } = error;
    throw new UserError((language) => `${text[language].badQuery} ${code(query)}: ${plain(message)}`);
  }
}
