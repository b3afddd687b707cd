/** The card of a storm: a channel's new groups in one message, from which every one can be reached. Pure. */
import type { Language } from '../config.ts';
import { actions, button, type Content, content, context } from '../slack/blocks.ts';
import { bold, bulleted, emoji, joined, lines, name, type Rich, rich, richBlock } from '../slack/rich-text.ts';
import type { StormCard } from './card.ts';
import { SEVERITIES } from './signal.ts';
import { text } from './text.ts';
import { linkButton } from './views.ts';
import { COLOR_OF_DONE, COLORS, count, sign } from './words.ts';

export const STORM_ACTIONS = { show: 'storm.show', page: 'storm.page', post: 'storm.post' } as const;

const MOST = 3;

export function stormCard(storm: StormCard, language: Language): Content {
  const { storm: t, severity: words } = text[language];
  const over = storm.state === 'over';
  if (over && storm.signals === 0) return emptied(storm, language);
  const title = over ? t.over(storm.signals, storm.groups) : t.raging(storm.signals, storm.groups);
  const worst = SEVERITIES.findLast((severity) => storm.bySeverity[severity] > 0) ?? 'info';
  const period = over && storm.until ? t.lasted(storm.since, storm.until) : t.since(storm.since);
  const counted = SEVERITIES.toReversed()
    .filter((severity) => storm.bySeverity[severity] > 0)
    .map((severity) => rich`${sign(severity)} ${words[severity]} ${count(storm.bySeverity[severity])}`);
  const drawn = content(`${title}.`, [
    richBlock(lines([rich`${emoji(over ? 'sunny' : 'ocean')} ${bold(title)}`])),
    richBlock(lines([period, counted.length > 0 ? rich`${bold(t.severities)} ${joined(counted, ' · ')}` : undefined])),
    top(t.rules, storm.topRules),
    top(t.actors, storm.topActors),
    top(t.clusters, storm.topClusters),
    context(t.next),
    actions(`storm:${storm.stormId}`, [
      button(t.show(storm.signals), STORM_ACTIONS.show, { value: storm.stormId, style: 'primary' }),
      linkButton(t.open, 'link.storm', storm.link),
    ]),
  ]);
  return { ...drawn, color: over ? COLOR_OF_DONE : COLORS[worst] };
}

/** Its signals were routed again when more was known of them. */
function emptied({ stormId, link }: StormCard, language: Language): Content {
  const { storm: t } = text[language];
  const drawn = content(`${t.emptied}.`, [
    richBlock(lines([rich`${emoji('sunny')} ${bold(t.emptied)}`])),
    actions(`storm:${stormId}`, [linkButton(t.open, 'link.storm', link)]),
  ]);
  return { ...drawn, color: COLOR_OF_DONE };
}

function top(label: string, entries: readonly { name: string; signals: number }[]) {
  if (entries.length === 0) return undefined;
  const items: Rich[] = entries.slice(0, MOST).map((entry) => rich`${name(entry.name)} ${count(entry.signals)}`);
  return richBlock(lines([rich`${bold(label)}`]), bulleted(items));
}
