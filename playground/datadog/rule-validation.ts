/**
 * The checks Datadog makes on a rule before it stores it. The older ones answer `{"errors":[…]}`, the newer ones on
 * options `{"error":{…details}}`; texts marked "inferred" follow the form of the recorded ones.
 */
import { parseQuery } from '../../src/rules/query.ts';
import type { Answer } from '../http.ts';
import type { InvalidArgument } from './answers.ts';
import { errors, invalidArguments } from './answers.ts';
import type { RuleConfiguration, RuleOptions } from './rule.ts';
import { labelOf, object, SEVERITIES } from './rule.ts';
import { conditionProblem } from './rule-condition.ts';

const HEADLINE = 'Invalid rule configuration';

export const METHODS = [
  'threshold',
  'new_value',
  'anomaly_detection',
  'impossible_travel',
  'hardcoded',
  'third_party',
  'anomaly_threshold',
  'sequence_detection',
];
const TYPES = ['log_detection', 'workload_security', 'workload_activity', 'application_security', 'api_security'];

/** Minutes. The server's list for `keepAlive` is recorded and ends at 360 although the client's enum goes on. */
const KEEP_ALIVES = [0, 1, 5, 10, 15, 30, 60, 120, 180, 360];
const DURATIONS = [...KEEP_ALIVES, 720, 1440];

/** Undefined for a rule that may be stored. */
export function ruleProblem(rule: RuleConfiguration): Answer | undefined {
  // Recorded: a rule with several faults is told of the first one only, where the newer checks tell all of theirs.
  const [older] = olderProblems(rule);
  if (older) return errors(400, HEADLINE, older);
  const newer = newerProblems(rule);
  return newer.length > 0 ? invalidArguments(HEADLINE, newer) : undefined;
}

function olderProblems(rule: RuleConfiguration): string[] {
  const problems: string[] = [];
  const method = rule.options.detectionMethod;
  if (rule.queries.some((query) => query.query.trim() === '')) problems.push('Query filter cannot be empty');
  // Inferred from here on, except for the two sentences on new-value rules.
  if (rule.name === '') problems.push('Rule name cannot be empty');
  if (rule.queries.length === 0) problems.push('Rule must have at least one query');
  if (rule.cases.length === 0 && method !== 'third_party') problems.push('Rule must have at least one case');
  for (const { query } of rule.queries) {
    if (!isQuery(query)) problems.push(`Query filter is invalid: ${query}`);
  }
  if (!TYPES.includes(rule.type)) problems.push(`Invalid rule type: ${rule.type}`);
  for (const { status } of rule.cases) {
    if (!SEVERITIES.some((severity) => severity === status)) problems.push(`Invalid case status: ${status}`);
  }
  return [...problems, ...(method === 'new_value' ? newValueProblems(rule) : conditionProblems(rule))];
}

function newValueProblems(rule: RuleConfiguration): string[] {
  const problems: string[] = [];
  // DataDog/terraform-provider-datadog#1347; 0 has been accepted since (recorded in December 2025).
  if ((rule.options.evaluationWindow ?? 0) !== 0) {
    problems.push('Invalid evaluation window. New value rules do not use evaluation window and it should be omitted.');
  }
  // DataDog/terraform-provider-datadog#1394: a named query is refused; the sentence is inferred.
  if (rule.queries.some((query) => query.name !== '')) problems.push('New value rules cannot have named queries');
  for (const query of rule.queries) {
    const count = query.metrics?.length ?? 0;
    if (query.aggregation !== 'new_value') problems.push('New value rules must use the new_value aggregation');
    if (count < 1 || count > 5) problems.push('New value rules must have between 1 and 5 metrics');
  }
  if (rule.cases.some((ruleCase) => ruleCase.condition)) problems.push('New value rules cannot have a case condition');
  return problems;
}

function conditionProblems(rule: RuleConfiguration): string[] {
  if (rule.options.detectionMethod !== 'threshold') return [];
  const labels = rule.queries.map(labelOf);
  return rule.cases.flatMap((ruleCase) => conditionProblem(ruleCase.condition ?? '', labels) ?? []);
}

export function isQuery(text: string): boolean {
  try {
    parseQuery(text);
    return true;
  } catch {
    return false;
  }
}

function newerProblems(rule: RuleConfiguration): InvalidArgument[] {
  const { options } = rule;
  const scheduling = rule.schedulingOptions;
  const problems = [...durationProblems(options), ...newValueOptionProblems(options)];
  if (!METHODS.includes(options.detectionMethod)) {
    problems.push({ message: `Unknown detection method: ${options.detectionMethod}`, target: 'detectionMethod' });
  }
  if (scheduling !== undefined && !object(scheduling).rrule) {
    problems.push({
      message: 'The RRULE schedule is invalid for scheduled rules',
      target: 'schedulingOptions.rrule',
    });
  }
  return problems;
}

function durationProblems(options: RuleOptions): InvalidArgument[] {
  const { evaluationWindow, keepAlive, maxSignalDuration } = options;
  const problems: InvalidArgument[] = [];
  if (keepAlive !== undefined && maxSignalDuration !== undefined && maxSignalDuration < keepAlive) {
    problems.push({
      message: 'Max signal duration must be greater than or equal to keep alive',
      target: 'maxSignalDuration',
    });
  }
  if (keepAlive !== undefined && evaluationWindow !== undefined && keepAlive < evaluationWindow) {
    problems.push({ message: 'Keep alive must be greater than or equal to evaluation window', target: 'keepAlive' });
  }
  problems.push(...notAllowed('Keep alive', 'keepAlive', keepAlive, KEEP_ALIVES));
  problems.push(...notAllowed('Max signal duration', 'maxSignalDuration', maxSignalDuration, DURATIONS));
  problems.push(...notAllowed('Evaluation window', 'evaluationWindow', evaluationWindow, DURATIONS));
  return problems;
}

function notAllowed(what: string, target: string, seconds: number | undefined, minutes: number[]): InvalidArgument[] {
  if (seconds === undefined || minutes.includes(seconds / 60)) return [];
  return [{ message: `${what} is not in allowed durations: ${minutes.join(', ')} (in minutes)`, target }];
}

function newValueOptionProblems(options: RuleOptions): InvalidArgument[] {
  if (options.detectionMethod !== 'new_value') return [];
  const { forgetAfter, learningDuration } = options.newValueOptions ?? {};
  const problems: InvalidArgument[] = [];
  if (forgetAfter !== undefined && (forgetAfter < 1 || forgetAfter > 30)) {
    problems.push({ message: 'Forget after must be between 1 and 30 days', target: 'newValueOptions.forgetAfter' });
  }
  if (learningDuration !== undefined && (learningDuration < 0 || learningDuration > 30)) {
    problems.push({
      message: 'Learning duration must be between 0 and 30 days',
      target: 'newValueOptions.learningDuration',
    });
  }
  return problems;
}
