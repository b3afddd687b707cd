/** What approvers read before a suppression: what it hides, until when, and why. Pure. */
import { APPROVAL_ACTIONS } from '../approvals/buttons.ts';
import type { Language } from '../config.ts';
import { actions, button, type Content, confirm, content } from '../slack/blocks.ts';
import { bold, bulleted, lines, name, oneLine, type Rich, rich, richBlock, said, when } from '../slack/rich-text.ts';
import type { SuppressionPreview } from './card.ts';
import { text } from './text.ts';

const MOST_EXAMPLES = 3;
const EXAMPLE = 200;

export interface SuppressionCard {
  approvalId: string;
  /** `refused`: approved, and Datadog would not have it. */
  state: 'open' | 'approved' | 'rejected' | 'expired' | 'refused';
  requestedBy: string;
  /** Nobody or no cluster in particular: all of them. */
  scope: { rule: string; actor: string | undefined; cluster: string | undefined };
  preview: SuppressionPreview;
  until: Date;
  reason: string;
  /** How many approvals are missing, and when the request expires. */
  missing: number;
  expiresAt: Date;
  /** Whose approval counts, by user id. */
  approvers: readonly string[];
  rejection: { by: string; reason: string } | undefined;
}

export function suppressionCard(card: SuppressionCard, language: Language): Content {
  const t = text[language];
  const { scope, preview, state, approvers, rejection, approvalId } = card;
  const { counted } = t.modal.suppress;
  const labelled = (label: string, words: Rich) => rich`${bold(label)} ${words}`;
  const question = t.suppression.confirm;
  return content(t.suppression.fallback(scope.rule, card.until, t.suppression.state[state]), [
    richBlock(lines([rich`${bold(t.suppression.title(t.suppression.state[state]))}`])),
    richBlock(
      lines([
        labelled(t.suppression.rule, rich`${name(scope.rule)}`),
        labelled(
          t.suppression.actor,
          scope.actor === undefined ? rich`${t.suppression.anyActor}` : rich`${name(scope.actor)}`,
        ),
        labelled(
          t.suppression.cluster,
          scope.cluster === undefined ? rich`${t.suppression.anyCluster}` : rich`${name(scope.cluster)}`,
        ),
        labelled(t.suppression.until, rich`${when(card.until)}`),
        labelled(t.suppression.effect, rich`${counted(preview.hidden, preview.hidden + preview.kept, preview.days)}`),
        labelled(t.suppression.reason, rich`${said(card.reason)}`),
      ]),
    ),
    ...exampleBlocks(preview, language),
    richBlock(lines([rich`${t.suppression.warning}`])),
    richBlock(
      lines([
        t.suppression.requestedBy(card.requestedBy),
        approvers.length > 0 ? t.suppression.approvedBy(approvers) : undefined,
        rejection ? t.suppression.rejectedBy(rejection.by, rejection.reason) : undefined,
        state === 'open' ? t.suppression.waits(card.missing, card.expiresAt) : undefined,
      ]),
    ),
    state === 'open'
      ? actions(`approval-${approvalId}`, [
          button(t.suppression.approve, APPROVAL_ACTIONS.approve, {
            value: approvalId,
            style: 'primary',
            confirm: confirm(question.title, question.text, question.yes, question.no),
          }),
          button(t.suppression.reject, APPROVAL_ACTIONS.reject, { value: approvalId, style: 'danger' }),
        ])
      : undefined,
  ]);
}

/** Signals it would have hidden, and what it would have left. */
export function exampleBlocks({ hiddenExamples, keptExamples }: SuppressionPreview, language: Language) {
  const t = text[language].modal.suppress;
  return [examples(t.hidden, hiddenExamples), examples(t.kept, keptExamples)];
}

function examples(label: string, titles: readonly string[]) {
  if (titles.length === 0) return undefined;
  const items = titles.slice(0, MOST_EXAMPLES).map((title) => rich`${oneLine(title, EXAMPLE)}`);
  return richBlock(lines([rich`${bold(label)}`]), bulleted(items));
}
