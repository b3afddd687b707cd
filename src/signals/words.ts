/** Numbers, people and signs that every text about signals shares, whatever the language. */
import { code, mention } from '../slack/mrkdwn.ts';
import { emoji, type Leaf, name, oneLine, who } from '../slack/rich-text.ts';
import type { Taken } from './card.ts';
import type { Severity } from './signal.ts';

/** In Slack by user id, from Datadog by the name shown there. */
export type By = Taken['by'];

/** Beside the word, never instead of it. */
const SIGNS: Record<Severity, string> = {
  critical: 'rotating_light',
  high: 'red_circle',
  medium: 'large_orange_circle',
  low: 'large_blue_circle',
  info: 'information_source',
};

/** The bar beside a card. */
export const COLORS: Record<Severity, string> = {
  critical: '#B00020',
  high: '#E03E2F',
  medium: '#F2A33A',
  low: '#3B82C4',
  info: '#7A8794',
};
/** Nothing is left to do. */
export const COLOR_OF_DONE = '#9AA0A6';

export function sign(severity: Severity): Leaf {
  return emoji(SIGNS[severity]);
}

export function signInMrkdwn(severity: Severity): string {
  return `:${SIGNS[severity]}:`;
}

export function person(by: By): Leaf {
  return 'userId' in by ? who(by.userId) : name(by.name);
}

/** For sentences that are mrkdwn: errors and answers. */
export function personInMrkdwn(by: By): string {
  return 'userId' in by && who(by.userId).type === 'user'
    ? mention(by.userId)
    : named('userId' in by ? by.userId : by.name);
}

/** A name in mrkdwn: in code style, cut, on one line. */
export function named(text: string, limit = 120): string {
  return code(oneLine(text, limit)) || '–';
}

/** 2,000: read alike in both languages. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
