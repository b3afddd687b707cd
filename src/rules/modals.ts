/** The dialog in which a rule is written: the query, then its detection on real events, then what it would have raised. Pure. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { Config, Language } from '../config.ts';
import { logExplorerUrl } from '../datadog/sites.ts';
import { actions, button, context, section, sections } from '../slack/blocks.ts';
import { type Choice, modal, numberInput, radioInput, selectInput, textInput } from '../slack/inputs.ts';
import { emoji, joined, lines, name, oneLine, preformatted, rich, richBlock } from '../slack/rich-text.ts';
import type { Advice } from './advice.ts';
import type { WouldBeSignal } from './backtest.ts';
import { type Draft, KEEP_ALIVES, METHODS, WINDOWS } from './draft.ts';
import { auditLine } from './event-line.ts';
import { text } from './text.ts';
import { type Tried, valuesOf } from './try-out.ts';

/** Callback ids of the steps; each submission is answered with the next one. */
export const RULE_MODALS = { query: 'rule.query', detail: 'rule.detail', ask: 'rule.ask' } as const;
/** The button that leads to the step before. */
export const BACK = 'rules.back';

/** By field, what is wrong with it. */
export type Errors = Partial<Record<keyof Draft | 'other', string>>;

const EXAMPLES = 3;
const NAMES = 5;
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
/** Slack's own limit of a text input, and of an address. */
export const LONGEST = 3000;
const COMPLAINT = 500;

interface Step {
  /** Of the draft. */
  id: string;
  draft: Draft;
  errors?: Errors;
}

export function queryModal({ id, draft, errors = {} }: Step, language: Language): ModalView {
  const t = text[language].modal;
  const methods = METHODS.map((value) => ({ value, label: t.methods[value], description: t.methodHints[value] }));
  return modal(RULE_MODALS.query, metadata(id), titles(draft, t.tryIt, language), [
    context(t.step(1)),
    textInput('query', 'text', { label: t.query, hint: t.queryHint }, { max: LONGEST, initial: draft.query }),
    wrong(errors.query),
    draft.base?.edit
      ? context(t.methodFixed(t.methods[draft.method]))
      : radioInput('method', 'value', { label: t.method }, methods, draft.method),
  ]);
}

export function detailModal(
  { id, draft, errors = {} }: Step,
  tried: Tried,
  advice: readonly Advice[],
  config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>,
  language: Language,
): ModalView {
  const t = text[language];
  const severities = SEVERITIES.map((value) => ({ value, label: t.severity[value] }));
  const shown = new Set<string>();
  const input = (field: keyof Draft, block: KnownBlock) => {
    shown.add(field);
    return [block, wrong(errors[field])];
  };
  const list = (field: 'groupBy' | 'distinct' | 'of', label: string, hint: string, optional = false) => {
    const initial = draft[field].join(', ');
    return input(
      field,
      textInput(field, 'text', { label, hint }, { optional, multiline: false, max: LONGEST, initial }),
    );
  };
  const number = (
    field: 'moreThan' | 'learnDays' | 'forgetDays',
    label: string,
    [min, max]: [number, number],
    hint?: string,
  ) => input(field, numberInput(field, 'value', { label, ...(hint && { hint }) }, { min, max, initial: draft[field] }));
  const seconds = (field: 'window' | 'keepAlive' | 'maxDuration', label: string, values: readonly number[]) =>
    input(field, selectInput(field, 'value', { label }, durations(values, language), String(draft[field])));
  const m = t.modal;
  const inputs = [
    ...input(
      'name',
      textInput(
        'name',
        'text',
        { label: m.name, hint: m.nameHint },
        { max: 200, multiline: false, initial: draft.name },
      ),
    ),
    ...input('severity', selectInput('severity', 'value', { label: m.severity }, severities, draft.severity)),
    ...(draft.method === 'threshold'
      ? [
          ...number('moreThan', m.moreThan, [0, 1_000_000], m.moreThanHint),
          ...list('distinct', m.distinct, m.distinctHint, true),
          ...seconds('window', m.window, WINDOWS),
        ]
      : [
          ...list('of', m.of, m.ofHint),
          ...number('learnDays', m.learnDays, [0, 30], m.learnHint),
          ...number('forgetDays', m.forgetDays, [1, 30]),
        ]),
    ...list('groupBy', m.groupBy, m.groupByHint, true),
    ...seconds('keepAlive', m.keepAlive, KEEP_ALIVES),
    ...seconds('maxDuration', m.maxDuration, WINDOWS),
  ];
  // What no field of this method is about is still to be read.
  const others = Object.entries(errors).flatMap(([field, message]) => (shown.has(field) ? [] : [wrong(message)]));
  return modal(RULE_MODALS.detail, metadata(id), titles(draft, m.preview, language), [
    context(m.step(2)),
    ...foundBlocks(draft, tried, advice, config, language),
    ...others,
    ...inputs,
    backButton(id, 'query', language),
  ]);
}

export function askModal(
  { id, draft }: Step,
  raised: readonly WouldBeSignal[],
  tried: Tried,
  advice: readonly Advice[],
  language: Language,
): ModalView {
  const t = text[language].modal;
  return modal(RULE_MODALS.ask, metadata(id), titles(draft, t.ask, language), [
    context(t.step(3)),
    section(
      [
        t.raised(raised.length, tried.events.length),
        raised.length > 0 && draft.method === 'new_value' ? t.raisedNewValue : undefined,
      ]
        .filter(Boolean)
        .join(' '),
    ),
    raised.length > 0
      ? richBlock(
          preformatted(
            raised.slice(0, EXAMPLES).map((signal) => signalLine(signal, language)),
            200,
          ),
        )
      : undefined,
    section(t.validated),
    ...sections(advice.map((one) => `• ${text[language].advice(one)}`)),
    draft.message.length > LONGEST
      ? context(t.messageStays)
      : textInput(
          'message',
          'text',
          { label: t.message, hint: t.messageHint },
          { optional: true, max: LONGEST, initial: draft.message },
        ),
    textInput(
      'tags',
      'text',
      { label: t.tags, hint: t.tagsHint },
      { optional: true, multiline: false, max: LONGEST, initial: draft.tags.join(' ') },
    ),
    textInput('reason', 'text', { label: t.reason, hint: t.reasonHint }),
    backButton(id, 'detail', language),
  ]);
}

export function askedModal(channel: string, language: Language): ModalView {
  const t = text[language].modal;
  return modal('rule.asked', '', { title: t.done, close: t.closeDone }, [section(t.asked(channel))]);
}

function foundBlocks(
  draft: Draft,
  tried: Tried,
  advice: readonly Advice[],
  config: Pick<Config, 'DD_SITE' | 'DD_APP_URL'>,
  language: Language,
): (KnownBlock | undefined)[] {
  const t = text[language];
  const [from, to] = [new Date(draft.from), new Date(draft.to)];
  const users = valuesOf(tried, '@usr.name').slice(0, NAMES);
  const url = logExplorerUrl(config, draft.query, from, to);
  return [
    section(t.modal.found(tried.count, from, to)),
    tried.events.length > 0
      ? richBlock(
          preformatted(
            tried.events.slice(0, EXAMPLES).map(({ at, event }) => auditLine(at, event)),
            240,
          ),
        )
      : undefined,
    users.length > 0
      ? richBlock(
          lines([
            t.modal.users(
              joined(
                users.map(({ value, events }) => t.modal.user(name(value, 80), events)),
                t.comma,
              ),
            ),
          ]),
        )
      : undefined,
    ...sections(advice.map((one) => `• ${t.advice(one)}`)),
    url.length <= LONGEST ? actions('rule-logs', [button(t.modal.logs, 'link.logs', { url })]) : undefined,
  ];
}

function signalLine({ at, severity, group, events }: WouldBeSignal, language: Language): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `${when}  ${text[language].severity[severity]}  ${group.join('  ')}  (${events})`;
}

function durations(values: readonly number[], language: Language): Choice[] {
  return values.map((seconds) => ({ value: String(seconds), label: text[language].duration(seconds) }));
}

/** Beside its field. It is Datadog's or the parser's own, and may repeat what was typed. */
function wrong(message: string | undefined): KnownBlock | undefined {
  return message === undefined
    ? undefined
    : richBlock(lines([rich`${emoji('warning')} ${oneLine(message, COMPLAINT)}`]));
}

function backButton(id: string, to: 'query' | 'detail', language: Language): KnownBlock | undefined {
  return actions('rule-back', [button(text[language].modal.back, BACK, { value: JSON.stringify({ id, to }) })]);
}

function titles({ base }: Draft, submit: string, language: Language) {
  const t = text[language].modal;
  return { title: base?.edit ? t.edit : t.create, submit, close: t.close };
}

function metadata(id: string): string {
  return JSON.stringify({ id });
}
