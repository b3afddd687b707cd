/** `/eks-audit rules list` and `show`, and the card approvers read. Pure. */
import type { KnownBlock } from '@slack/types';
import { APPROVAL_ACTIONS } from '../approvals/buttons.ts';
import type { Config, Language } from '../config.ts';
import { ruleUrl } from '../datadog/sites.ts';
import { actions, button, type Content, confirm, content, context, section, sections } from '../slack/blocks.ts';
import { code, mention, plain } from '../slack/mrkdwn.ts';
import { bold, bulleted, lines, oneLine, ordered, preformatted, rich, richBlock } from '../slack/rich-text.ts';
import type { CatalogueRule } from './catalogue.ts';
import type { Difference } from './owned-fields.ts';
import { type RuleFacts, ruleFacts } from './rule-facts.ts';
import type { RuleChange, Wanted } from './store.ts';
import { text } from './text.ts';

export const RULE_ACTIONS = { page: 'rules.page', back: 'rules.back' } as const;

const PAGE = 15;
const CELL = 60;
const QUERY_LIMIT = 1500;
const TERRAFORM_LIMIT = 2800;

export interface RulePage {
  /** What was typed after `rules list`: a page repeats it. */
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
  const turn = (label: string, to: number, id: string) =>
    button(label, `${RULE_ACTIONS.page}.${id}`, { value: JSON.stringify({ typed: typed.slice(0, 500), page: to }) });
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

function cellsOf(rule: CatalogueRule, language: Language): string[] {
  const t = text[language];
  const name = rule.pack ? rule.pack.title[language] : rule.name;
  const tactic = rule.tactics.map((tactic) => tactic.replace(/^TA\d+-/i, '')).join(', ');
  return [
    rule.key,
    name,
    tactic,
    t.severity[rule.severity],
    t.state[rule.state],
    t.origin[rule.origin],
    String(rule.signals),
  ];
}

export function ruleView(
  rule: CatalogueRule,
  { config, terraform }: { config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>; terraform: string | undefined },
  language: Language,
): Content {
  const t = text[language];
  const { pack, existing } = rule;
  const facts = existing ? ruleFacts(existing.wire) : rule.pack ? ruleFacts({ ...packWire(rule) }) : undefined;
  const name = pack ? pack.title[language] : rule.name;
  const head = `*${plain(name)}*\n${[code(rule.key), t.origin[rule.origin], t.state[rule.state], t.severity[rule.severity], t.show.signals(rule.signals)].join(' · ')}`;
  return content(`${name}: ${t.state[rule.state]}`, [
    section(head),
    rule.state === 'missing' ? context(t.show.missing) : undefined,
    ...(facts ? factBlocks(facts, language) : []),
    ...editBlocks(rule, language),
    ...shippedBlocks(rule, language),
    pack
      ? richBlock(
          lines([rich`${bold(t.show.triage)}`]),
          ordered(pack.triage[language].map((step) => rich`${oneLine(step, 500)}`)),
        )
      : undefined,
    pack ? section(`*${t.show.noise}*\n${plain(pack.noise[language])}`) : undefined,
    pack ? context(`${t.show.references}: ${pack.references.map((url) => `<${url}>`).join(' ')}`) : undefined,
    terraform
      ? richBlock(lines([rich`${bold(t.show.terraform)}`]), {
          ...preformatted([], 1),
          elements: [{ type: 'text', text: cut(terraform) }],
        })
      : undefined,
    terraform && terraform.length > TERRAFORM_LIMIT ? context(t.show.terraformCut) : undefined,
    existing
      ? actions('rule-links', [button(t.show.open, 'link.rule', { url: ruleUrl(config, existing.id) })])
      : undefined,
  ]);
}

function cut(terraform: string): string {
  return terraform.length > TERRAFORM_LIMIT ? `${terraform.slice(0, TERRAFORM_LIMIT)}\n…` : terraform;
}

/** What Datadog would be sent, for a rule it does not have. */
function packWire({ pack }: CatalogueRule): Record<string, unknown> {
  if (!pack) return {};
  return {
    queries: Object.entries(pack.queries).map(([name, query]) => ({ name, query, groupByFields: pack.group_by })),
    options: {},
    cases: pack.cases.map(({ name, severity, condition }) => ({ name, status: severity, condition })),
    tags: pack.tags,
  };
}

function factBlocks(facts: RuleFacts, language: Language): (KnownBlock | undefined)[] {
  const t = text[language];
  const cases = facts.cases.map(({ severity, condition, name }) =>
    [t.severity[severity], condition && code(condition), name && plain(name)].filter(Boolean).join(' '),
  );
  return [
    section(`*${facts.queries.length > 1 ? t.show.queries : t.show.query}*`),
    richBlock(
      ...facts.queries.slice(0, 5).map(({ name, query }) => ({
        ...preformatted([], 1),
        elements: [{ type: 'text' as const, text: `${name ? `${name}: ` : ''}${query.slice(0, QUERY_LIMIT)}` }],
      })),
    ),
    section(
      [
        facts.method ? `*${t.show.detection}* ${methodIn(facts, language)}` : undefined,
        facts.keepAlive !== undefined && facts.maxDuration !== undefined
          ? t.show.keeps(t.duration(facts.keepAlive), t.duration(facts.maxDuration))
          : undefined,
        cases.length > 0 ? `*${t.show.cases}* ${cases.join(', ')}` : undefined,
        facts.groupBy.length > 0 ? `*${t.show.groupBy}* ${facts.groupBy.map(code).join(' ')}` : undefined,
        facts.tags.length > 0 ? `*${t.show.tags}* ${facts.tags.slice(0, 20).map(code).join(' ')}` : undefined,
      ]
        .filter(Boolean)
        .join('\n') || t.noDetails,
    ),
  ];
}

export function methodIn(facts: RuleFacts, language: Language): string {
  const t = text[language];
  const fields = (names: readonly string[]) => names.map(code).join(', ');
  switch (facts.method) {
    case 'threshold':
      return facts.distinct.length > 0
        ? t.show.distinct(fields(facts.distinct), t.duration(facts.window ?? 0))
        : t.show.threshold(t.duration(facts.window ?? 0));
    case 'new_value':
      return t.show.newValue(fields(facts.of), t.day(facts.learnDays ?? 0), t.day(facts.forgetDays ?? 0));
    default:
      return t.show.other(code(facts.method ?? ''));
  }
}

function editBlocks({ key, state, edits }: CatalogueRule, language: Language): (KnownBlock | undefined)[] {
  if (state !== 'edited') return [];
  const t = text[language];
  return [
    richBlock(
      lines([rich`${bold(t.show.edited)}`]),
      bulleted(
        edits.slice(0, 10).map((edit) => rich`${t.show.field(edit.path, shown(edit.ours), shown(edit.theirs))}`),
      ),
    ),
    section(t.show.restore(key)),
  ];
}

function shown(value: Difference['ours']): string {
  const said = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return oneLine(said.replace(/\s+/g, ' '), 200);
}

function shippedBlocks({ pack }: CatalogueRule, language: Language): KnownBlock[] {
  if (!pack?.shipped) return [];
  return [context(text[language].show[pack.shipped.relation](pack.shipped.name))];
}

/** What approvers read, and what becomes of it. */
export interface ChangeCard {
  change: Pick<RuleChange, 'kind' | 'state' | 'requested_by' | 'until'> & { wanted: Wanted };
  approvalId: string;
  /** How many approvals are missing, and when the request expires; of an open request only. */
  missing: number;
  expiresAt: Date;
  approvers: readonly string[];
  rejection: { by: string; reason: string } | undefined;
  /** Datadog's page of the rule, where there is one. */
  url: string | undefined;
}

export function changeCard(card: ChangeCard, language: Language): Content {
  const t = text[language];
  const { change, approvalId, approvers, rejection, url } = card;
  const { kind, wanted, until } = change;
  const state = change.state === 'draft' ? 'asked' : change.state;
  const word = t.card.state[state];
  const facts = wanted.payload && ruleFacts({ ...wanted.payload });
  const { preview } = wanted;
  const question = t.card.confirm;
  return content(t.card.fallback(kind, wanted.rule.name, word), [
    section(`*${t.card.title(kind, word)}*`),
    section(`*${t.card.rule}* ${code(wanted.rule.name)}`),
    ...(facts ? factBlocks(facts, language) : []),
    ...sections(
      [
        preview
          ? t.card.preview(preview.signals, preview.events, new Date(preview.from), new Date(preview.to))
          : undefined,
        ...(wanted.advice ?? []).map((advice) => `• ${t.advice(advice)}`),
        kind === 'disable' && until ? t.card.until(until) : undefined,
        kind === 'disable' || kind === 'delete' ? t.card.less : undefined,
      ].filter((line) => line !== undefined),
    ),
    section(`*${t.card.reason}* ${plain(wanted.reason)}`),
    ...sections(
      [
        t.card.requestedBy(mention(change.requested_by)),
        approvers.length > 0 ? t.card.approvedBy(approvers.map(mention).join(', ')) : undefined,
        rejection ? t.card.rejectedBy(mention(rejection.by), rejection.reason) : undefined,
        state === 'asked' ? t.card.waits(card.missing, card.expiresAt) : undefined,
      ].filter((line) => line !== undefined),
    ),
    actions(`rule-change-${approvalId}`, [
      ...(state === 'asked'
        ? [
            button(t.card.approve, APPROVAL_ACTIONS.approve, {
              value: approvalId,
              style: 'primary',
              confirm: confirm(question.title, question.text, question.yes, question.no),
            }),
            button(t.card.reject, APPROVAL_ACTIONS.reject, { value: approvalId, style: 'danger' }),
          ]
        : []),
      url ? button(t.card.open, 'link.rule', { url }) : undefined,
    ]),
  ]);
}
