/** One group of signals on one line, wherever many are listed, and how many lines a message takes. Pure. */
import type { Language } from '../config.ts';
import { bold, joined, lengthOf, linked, name, type Rich, rich, when } from '../slack/rich-text.ts';
import type { GroupLine } from './card.ts';
import { text } from './text.ts';
import { sign } from './words.ts';

/**
 * All characters of a message together; more is refused with `msg_blocks_too_long` from about 11,340 on.
 * https://github.com/slackapi/bolt-js/issues/2509
 */
export const LINES_BUDGET = 8000;
/** Nobody reads further, and a rich_text section takes a limited number of leaves. */
const MOST_LINES = 40;
const SHORT = 80;
const TITLE = 150;
const MOST_CLUSTERS = 3;

export function groupLine(line: GroupLine, language: Language): Rich {
  const t = text[language];
  const parts: Rich[] = [
    rich`${sign(line.severity)} ${bold(t.severity[line.severity])} ${bold(line.title.trim() || t.unnamed, TITLE)}`,
    clustersOf(line, language),
    ...(line.actor === undefined ? [] : [t.list.by(name(line.actor, SHORT))]),
    rich`${t.signals(line.signals)}${t.between}${t.state[line.state]}`,
    t.list.last(when(line.lastSeen)),
    rich`${linked(line.permalink ?? line.link, line.permalink ? t.list.message : t.list.open)}`,
  ];
  return joined(parts, ' · ');
}

/** As many as fit, in order; the first always does. */
export function fitting(sentences: readonly Rich[], budget = LINES_BUDGET): Rich[] {
  let used = 0;
  const end = sentences.findIndex((sentence, i) => {
    used += lengthOf(sentence) + 1;
    return i > 0 && used > budget;
  });
  return sentences.slice(0, end < 0 ? MOST_LINES : Math.min(end, MOST_LINES));
}

function clustersOf({ clusters }: GroupLine, language: Language): Rich {
  const t = text[language];
  if (clusters.length === 0) return rich`${t.noCluster}`;
  if (clusters.length > MOST_CLUSTERS) return rich`${t.severalClusters(clusters.length)}`;
  return joined(
    clusters.map((cluster) => name(cluster, SHORT)),
    t.between,
  );
}
