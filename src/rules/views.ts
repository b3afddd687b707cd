/** `/eks-audit rules list` and `show`. Pure. */
import type { KnownBlock } from '@slack/types';
import type { Config, Language } from '../config.ts';
import { ruleUrl } from '../datadog/sites.ts';
import { actions, button, type Content, content, context, section } from '../slack/blocks.ts';
import { link } from '../slack/mrkdwn.ts';
import { bold, lines, name, oneLine, ordered, type Rich, rich, richBlock } from '../slack/rich-text.ts';
import type { CatalogueRule } from './catalogue.ts';
import { compileRule } from './compile.ts';
import { differenceBlocks, factBlocks, verbatim } from './fact-blocks.ts';
import type { PackRule } from './pack.ts';
import { ruleFacts } from './rule-facts.ts';
import { text } from './text.ts';
import { count, prose } from './words.ts';

const PAGE = 15;
const CELL = 60;
const TITLE = 200;
const STEPS = 8;
const STEP = 400;
const NOISE = 700;
const REFERENCES = 6;
/** Slack refuses a message a little above this many characters (slackapi/bolt-js#2867). */
const MESSAGE_LIMIT = 11_000;
const TERRAFORM_LIMIT = 2800;
/** Less of it helps nobody. */
const TERRAFORM_LEAST = 400;
/** What a button carries at most. https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const VALUE_LIMIT = 2000;

export interface RulePage {
  /** The command that made the list; a page is the same command once more. */
  typed: string;
  page: number;
  all: number;
}

/** As a table; the first column is what people type. */
export function ruleList(rules: readonly CatalogueRule[], { typed, page, all }: RulePage, language: Language): Content {
  const t = text[language];
  const title = t.list.title(rules.length, all);
  if (rules.length === 0) return content(title, [section(`*${title}*`), section(t.list.none)]);
  const pages = Math.ceil(rules.length / PAGE);
  const at = Math.min(Math.max(1, page), pages);
  const rows = rules.slice((at - 1) * PAGE, at * PAGE).map((rule) => cellsOf(rule, language));
  const raw = (cell: string) => ({ type: 'raw_text' as const, text: oneLine(cell, CELL) });
  const table: KnownBlock = { type: 'table', rows: [[...t.list.columns], ...rows].map((row) => row.map(raw)) };
  const turn = (label: string, to: number, id: string) => {
    const value = `${typed.replace(PAGE_FLAG, '')} --page ${to}`;
    return value.length <= VALUE_LIMIT ? button(label, `command.run.${id}`, { value }) : undefined;
  };
  return content(title, [
    section(`*${title}*${pages > 1 ? ` · ${t.list.page(at, pages)}` : ''}`),
    table,
    actions('rules-pages', [
      at > 1 ? turn(t.list.previous, at - 1, '0') : undefined,
      at < pages ? turn(t.list.next, at + 1, '1') : undefined,
    ]),
    context(t.list.hint),
  ]);
}

/** As the parser reads it, dashes for hyphens included. */
const PAGE_FLAG = /\s(?:--|[—–]+)page(?:=|\s+)\S+/g;

function cellsOf(rule: CatalogueRule, language: Language): string[] {
  const t = text[language];
  const tactic = rule.tactics.map((tactic) => tactic.replace(/^TA\d+-/i, '')).join(', ');
  return [
    rule.key,
    titleOf(rule, language),
    tactic,
    t.severity[rule.severity],
    t.state[rule.state],
    t.origin[rule.origin],
    count(rule.signals),
  ];
}

function titleOf({ pack, name }: CatalogueRule, language: Language): string {
  return pack ? pack.title[language] : name;
}

export function ruleView(
  rule: CatalogueRule,
  { config, terraform }: { config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>; terraform: string | undefined },
  language: Language,
): Content {
  const t = text[language];
  const { pack, existing, key } = rule;
  const title = titleOf(rule, language);
  const wire = existing?.wire ?? (pack && { ...compileRule(pack) });
  const words = [t.origin[rule.origin], t.state[rule.state], t.severity[rule.severity], t.show.signals(rule.signals)];
  const blocks = [
    richBlock(lines([rich`${bold(title, TITLE)}`, rich`${name(key, TITLE)} · ${words.join(' · ')}`])),
    existing ? undefined : section(t.show.missing),
    ...(wire ? factBlocks(ruleFacts(wire), language) : []),
    ...editBlocks(rule, language),
    ...(pack ? packBlocks(pack, language) : []),
  ];
  return content(t.show.fallback(title, t.state[rule.state]), [
    ...blocks,
    ...terraformBlocks(terraform, MESSAGE_LIMIT - charactersIn(blocks), language),
    existing
      ? actions('rule-links', [button(t.show.open, 'link.rule', { url: ruleUrl(config, existing.id) })])
      : undefined,
  ]);
}

/** Where Datadog has it otherwise than our pack: because people edited it, or because the pack went on. */
function editBlocks(rule: CatalogueRule, language: Language): (KnownBlock | undefined)[] {
  const { key, edits, outdated } = rule;
  const t = text[language].show;
  if (edits.length === 0) return [];
  return [
    differenceBlocks(outdated ? t.outdated : t.edited, edits, t.field, language),
    section(outdated ? t.update : t.restore(key)),
  ];
}

function packBlocks({ shipped, triage, noise, references }: PackRule, language: Language): (KnownBlock | undefined)[] {
  const t = text[language].show;
  const steps = triage[language].slice(0, STEPS).map((step): Rich => prose(step, STEP));
  return [
    shipped ? section(t[shipped.relation](shipped.name)) : undefined,
    richBlock(lines([rich`${bold(t.triage)}`]), ordered(steps)),
    richBlock(lines([rich`${bold(t.noise)}`, prose(noise[language], NOISE)])),
    context(
      t.references(
        references
          .slice(0, REFERENCES)
          .map((url) => link(url, url))
          .join(' '),
      ),
    ),
  ];
}

function terraformBlocks(terraform: string | undefined, room: number, language: Language): (KnownBlock | undefined)[] {
  if (terraform === undefined) return [];
  const t = text[language].show;
  const limit = Math.min(TERRAFORM_LIMIT, room);
  if (limit < TERRAFORM_LEAST) return [context(t.terraformLeftOut)];
  return [
    richBlock(lines([rich`${bold(t.terraform)}`]), verbatim(terraform, limit)),
    terraform.length > limit ? context(t.terraformCut) : undefined,
  ];
}

/** Every string under a `text`: what Slack seems to count. */
function charactersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value)
    .map(([key, inner]) => (key === 'text' && typeof inner === 'string' ? inner.length : charactersIn(inner)))
    .reduce((sum, length) => sum + length, 0);
}
