/** Slack's mrkdwn as plain text: references by name, links as `text <url>`, dates by their fallback, entities decoded. */
import type { Workspace } from './workspace.ts';

const REFERENCE = /<([^<>\n]+)>/g;

export function renderMrkdwn(slack: Workspace, source: string): string {
  return decodeEntities(source.replace(REFERENCE, (_, inside: string) => renderReference(slack, inside)));
}

/** Control sequences in this text that would reach somebody, as `@jane`, `@sre`, `@channel`. */
export function mentionsIn(slack: Workspace, source: string): string[] {
  const references = [...source.matchAll(REFERENCE)].map(([, inside = '']) => inside);
  return references
    .filter((inside) => /^(@|!subteam\^|!(here|channel|everyone)\b)/.test(inside))
    .map((inside) => {
      return renderReference(slack, inside);
    });
}

/** Seconds since the epoch as people in UTC read them. */
export function utcTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function userName(slack: Workspace, id: string): string {
  return `@${slack.users.get(id)?.name ?? id}`;
}

export function channelLabel(slack: Workspace, id: string): string {
  const channel = slack.channels.get(id);
  if (channel?.user) return `DM with ${userName(slack, channel.user)}`;
  return `#${channel?.name ?? id}`;
}

export function groupName(slack: Workspace, id: string): string {
  return `@${slack.userGroups.get(id)?.handle ?? id}`;
}

export function renderLink(url: string, label: string): string {
  return label === '' || label === url ? url : `${label} <${url}>`;
}

function renderReference(slack: Workspace, inside: string): string {
  const bar = inside.indexOf('|');
  const target = bar === -1 ? inside : inside.slice(0, bar);
  const label = bar === -1 ? '' : inside.slice(bar + 1);
  if (target.startsWith('@')) return userName(slack, target.slice(1));
  if (target.startsWith('#')) return channelLabel(slack, target.slice(1));
  if (target.startsWith('!subteam^')) return groupName(slack, target.slice('!subteam^'.length));
  if (target.startsWith('!date^')) return label || utcTime(Number(target.split('^')[1]));
  if (target.startsWith('!')) return `@${target.slice(1)}`;
  return renderLink(target, label);
}

function decodeEntities(value: string): string {
  return value.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
