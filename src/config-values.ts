/**
 * The kinds of value the configuration is made of, each with the words a person reads when another one stands there:
 * what would be right, what is written, and what was perhaps meant.
 */
import { z } from 'zod';
import { closest } from './closest.ts';

/** What a person reads beside the key: what would be right, and what stands there. Never used for secrets. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `missing; expected ${what}` : `expected ${what}, got ${shown(input)}`);
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, {
    error: (issue) => {
      const meant = typeof issue.input === 'string' ? closest(issue.input, values) : undefined;
      return `${expected(listed(values))(issue)}${meant ? `; did you mean ${meant}?` : ''}`;
    },
  });
}

export function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('');
}

/** A text of a certain form. `error` takes the place of everything zod would say of it. */
export function textLike(pattern: RegExp, what: string) {
  const error = expected(what);
  return z.string({ error }).regex(pattern, { error });
}

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds from `250ms`, `30s`, `15m`, `24h` or `90d`. */
export const durationSchema = textLike(
  /^\d+(\.\d+)?(ms|s|m|h|d)$/,
  'a duration such as 30s, 15m, 24h or 90d',
).transform((text) => Number.parseFloat(text) * MS[text.replace(/^[\d.]+/, '') as keyof typeof MS]);

export const duration = (standard: string) => durationSchema.prefault(standard);

const slackId = (kind: string, letters: string) =>
  textLike(new RegExp(`^[${letters}][A-Z0-9]{1,20}$`), `a Slack ${kind} id such as ${letters[0]}01ABCDEF`);
export const channelId = slackId('channel', 'CGD');
export const userId = slackId('user', 'UW');
export const usergroupId = slackId('user group', 'S');
