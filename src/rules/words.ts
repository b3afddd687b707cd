/** What the sentences about detection rules are made of, in both languages. */
import { code, truncate } from '../slack/mrkdwn.ts';
import { oneLine, type Rich } from '../slack/rich-text.ts';

/** Of what people wrote as prose: as much as a dialog takes of it. */
export const PROSE = 1000;

/** Somebody else's words in mrkdwn: in code style, on one line, and never more than twice as long as `limit`. */
export function named(text: string, limit = 80): string {
  const line = truncate(text, limit * 2).replace(/\s+/g, ' ');
  const whole = code(oneLine(line, limit));
  // An escaped `&` is five characters.
  return (whole.length <= limit * 2 ? whole : code(oneLine(line, Math.floor((limit * 2) / 5)))) || '–';
}

/** 2,000: read alike in both languages. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** Our own prose, of a file of the pack: backticks set code in it, everything else stays as it is. */
export function prose(text: string, limit: number): Rich {
  return oneLine(text.trim(), limit)
    .split('`')
    .flatMap((part, i) =>
      part === '' ? [] : [{ type: 'text', text: part, ...(i % 2 === 1 && { style: { code: true } }) }],
    );
}
