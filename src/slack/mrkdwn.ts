/**
 * Text for Slack that cannot turn into markup. Names of clusters, people and pods come from outside and may try.
 * https://docs.slack.dev/messaging/formatting-message-text
 */

/**
 * What cannot be seen and can make a name read as another one: zero-width and bidirectional controls, fillers, tags,
 * halves of surrogate pairs. Not what belongs to an emoji or to a variant of a Chinese character before it.
 * https://www.unicode.org/reports/tr36/#Invisible_Characters
 */
const UNSEEN =
  /(?!(?<=\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}]?)[\uFE0F\u200D])(?!(?<=\p{Script=Han})[\u{E0100}-\u{E01EF}])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cc}]/gu;

/** Spelled out, not removed: without it, `ad[U+200B]min` would be shown as somebody else, who exists. */
export function visible(text: string): string {
  return text.replace(
    UNSEEN,
    (unseen) => `[U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

/** Plain text inside mrkdwn: nothing in it links, mentions or notifies. Asterisks and emoji codes still format. */
export function plain(text: string): string {
  return text
    .split(/([\n\r\t]+)/)
    .map((part, i) => (i % 2 === 1 ? part : visible(part)))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
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

/** A channel by its id, or the person whose direct messages are meant. */
export function channelLink(id: string): string {
  return /^[UW]/.test(id) ? mention(id) : `<#${id}>`;
}

/** Everyone an audience names, for "ask …" sentences in replies only one person sees: a group mention in a channel would notify. */
export function people(audience: { users: readonly string[]; usergroups: readonly string[] }): string {
  return [...audience.users.map(mention), ...audience.usergroups.map((id) => `<!subteam^${id}>`)].join(', ');
}

/** A time in the reader's own zone, with UTC where Slack cannot render it. */
export function time(at: Date): string {
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${utc(at)}>`;
}

/** Where no reader's zone is known. */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Cuts to a limit on a character boundary and says so with an ellipsis. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
