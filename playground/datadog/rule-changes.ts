/**
 * What a PUT may change. A rule of one's own: everything but its detection method. A shipped rule: whether it is
 * enabled, whom it notifies, and tags added to its own.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../http.ts';
import { errors, invalidArguments } from './answers.ts';
import type { Rule, RuleConfiguration } from './rule.ts';
import { configurationOf } from './rule.ts';
import { ruleProblem } from './rule-validation.ts';

type Json = Record<string, unknown>;
type Changes = { changes: Partial<RuleConfiguration> } | Answer;

/** A field that is sent is replaced whole, one that is left out stays. */
export function ruleChanges(rule: Rule, sent: Json): Changes {
  const wanted = configurationOf({ ...rule, ...sent, type: rule.type });
  const problem = ruleProblem(wanted);
  if (problem) return problem;
  if (wanted.options.detectionMethod !== rule.options.detectionMethod) {
    // DataDog/terraform-provider-datadog#3392: such a rule must be made anew; the text is inferred.
    return invalidArguments('Invalid rule configuration', [
      { message: 'Detection method cannot be changed', target: 'detectionMethod' },
    ]);
  }
  return { changes: wanted };
}

export function defaultRuleChanges(rule: Rule, sent: Json): Changes {
  const wanted = configurationOf({ ...rule, ...sent, type: rule.type });
  const ownTags = rule.defaultTags ?? [];
  const untouched = isDeepStrictEqual(withoutFreeFields(wanted), withoutFreeFields(configurationOf(rule)));
  if (!untouched || ownTags.some((tag) => !wanted.tags.includes(tag))) {
    return errors(
      400,
      'Invalid rule configuration',
      'Default rules can only be enabled, disabled, tagged, or have their notifications changed',
    );
  }
  return { changes: { isEnabled: wanted.isEnabled, cases: wanted.cases, tags: wanted.tags } };
}

function withoutFreeFields({ isEnabled: _, tags: __, cases, ...fixed }: RuleConfiguration): unknown {
  return { ...fixed, cases: cases.map(({ notifications: ___, ...ruleCase }) => ruleCase) };
}
