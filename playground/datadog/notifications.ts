/**
 * Whom a signal is announced to: the handles of the case that fired, and of every notification rule that selects it.
 * Each is a source of its own, so that a handle named by two is notified twice [inferred].
 */
import { matches, parseQuery } from '../../src/rules/query.ts';
import type { NotificationRule } from './notification-rules.ts';
import type { Signal } from './signal.ts';
import { signalAsEvent } from './signal-shapes.ts';
import { ruleTypeOf } from './webhook-variables.ts';

const WEBHOOK = /^@webhook-(.+)$/;

/** The names of the webhooks to call, one for each time. Other handles (Slack, e-mail) lead nowhere here. */
export function webhooksFor(signal: Signal, rules: readonly NotificationRule[]): string[] {
  const sources = [
    signal.ruleCase.notifications,
    ...rules.filter((rule) => selects(rule, signal)).map(({ attributes }) => attributes.targets),
  ];
  return sources.flatMap((handles) => [...new Set(handles)].flatMap((handle) => WEBHOOK.exec(handle)?.[1] ?? []));
}

export function selects({ attributes }: NotificationRule, signal: Signal): boolean {
  const { enabled, selectors } = attributes;
  const { severities = [], rule_types: types = [], query = '' } = selectors;
  return (
    enabled &&
    selectors.trigger_source === 'security_signals' &&
    (types.length === 0 || types.includes(ruleTypeOf(signal))) &&
    (severities.length === 0 || severities.includes(signal.severity)) &&
    matches(parseQuery(query), signalAsEvent(signal))
  );
}
