/**
 * Text for Slack that cannot turn into markup. Names of clusters, people and pods come from outside and may try.
 * https://docs.slack.dev/messaging/formatting-message-text
 */

/** Zero-width and bidirectional controls, which can make a name read as another one. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g;

/** Plain text inside mrkdwn: nothing in it links, mentions or notifies. */
export function plain(text: string): string {
  return text.replace(INVISIBLE, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A name, set in code style on one line. */
export function code(text: string): string {
  const clean = plain(text)
    .replace(/[`\r\n\t]+/g, ' ')
    .trim();
  return clean === '' ? '' : `\`${clean}\``;
}

/** A link with a readable label; the address is ours or the vendor's, never taken from outside. */
export function link(url: string, label: string): string {
  const address = url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('&', '&amp;');
  return `<${address}|${plain(label).replaceAll('|', '/')}>`;
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}

/** Everyone an audience names, for "ask …" sentences in replies only one person sees: a group mention in a channel would notify. */
export function people(audience: { users: readonly string[]; usergroups: readonly string[] }): string {
  return [...audience.users.map(mention), ...audience.usergroups.map((id) => `<!subteam^${id}>`)].join(', ');
}

/** A time in the reader's own zone, with UTC where Slack cannot render it. */
export function time(at: Date): string {
  const fallback = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${fallback}>`;
}

/** Cuts to a limit on a character boundary and says so with an ellipsis. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
