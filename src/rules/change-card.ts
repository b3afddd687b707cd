/** What approvers read before a rule is changed, and what becomes of it. Pure. */
import { APPROVAL_ACTIONS } from '../approvals/buttons.ts';
import type { Language } from '../config.ts';
import { actions, button, type Content, confirm, content, section, sections } from '../slack/blocks.ts';
import { bold, joined, lines, name, rich, richBlock, said, when, who } from '../slack/rich-text.ts';
import { differenceBlocks, factBlocks, verbatim } from './fact-blocks.ts';
import { ruleFacts } from './rule-facts.ts';
import type { RuleChange, Wanted } from './store.ts';
import { text } from './text.ts';
import { PROSE } from './words.ts';

const NAME = 200;
const MESSAGE = 600;
/** Of all advice together: the first is what matters most. */
const ADVICE = 2000;

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
  const { kind, wanted } = change;
  const state = change.state === 'draft' ? 'asked' : change.state;
  const word = t.card.state[state];
  const question = t.card.confirm;
  return content(t.card.fallback(kind, wanted.rule.name, word), [
    section(`*${t.card.title(kind, word)}*`),
    richBlock(lines([rich`${bold(t.card.rule)} ${name(wanted.rule.name, NAME)}`])),
    ...wantedBlocks(wanted, language),
    ...sections(effects(change, state, language)),
    richBlock(
      lines([
        wanted.reason.trim() === '' ? undefined : rich`${bold(t.card.reason)} ${said(wanted.reason, PROSE)}`,
        t.card.requestedBy(who(change.requested_by)),
        approvers.length > 0 ? t.card.approvedBy(joined(approvers.map(who), ', ')) : undefined,
        rejection ? t.card.rejectedBy(who(rejection.by), said(rejection.reason, PROSE)) : undefined,
        state === 'asked' ? t.card.waits(card.missing, when(card.expiresAt)) : undefined,
      ]),
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

/** What Datadog will be sent: what is new in it first, then the whole. */
function wantedBlocks({ payload, differences, preview, advice = [] }: Wanted, language: Language) {
  const t = text[language];
  const changed = differenceBlocks(t.card.changes, differences ?? [], t.card.change, language);
  const facts = payload ? factBlocks(ruleFacts({ ...payload }), language) : [];
  const message = payload?.message.trim()
    ? richBlock(lines([rich`${bold(t.card.message)}`]), verbatim(payload.message.trim(), MESSAGE))
    : undefined;
  const tried = preview
    ? t.card.preview(preview.signals, preview.events, new Date(preview.from), new Date(preview.to))
    : undefined;
  const advised: string[] = [];
  for (const one of advice.map((a) => `• ${t.advice(a)}`))
    if (advised.join('').length + one.length <= ADVICE) advised.push(one);
  return [changed, ...facts, message, ...sections([...(tried ? [tried] : []), ...advised])];
}

/** Of what is not done yet, or is so now: what it means for those who watch. */
function effects(
  { kind, until }: ChangeCard['change'],
  state: ChangeCard['change']['state'],
  language: Language,
): string[] {
  const { card } = text[language];
  const open = state === 'asked' || state === 'approved';
  if (kind === 'delete' && open) return [card.gone];
  if (kind !== 'disable' || !(open || state === 'active')) return [];
  return [...(until ? [card.until(until)] : []), card.less];
}
