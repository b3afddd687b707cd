/**
 * The small language the Block Kit rules are written in. A rule looks at one value and reports problems the way
 * Slack words them, e.g. `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
 */
import { isObject, type Json, type JsonObject, text } from './json.ts';

export type Surface = 'message' | 'attachment' | 'modal' | 'home';

export interface Problem {
  pointer: string;
  message: string;
  code: string;
  constraint?: { type: string; expected: string[]; got: string };
}

export interface Check {
  surface: Surface;
  problems: Problem[];
  /** Some element already took `focus_on_load`, which only one may. */
  focused?: boolean;
}

export type Rule = (value: Json | undefined, pointer: string, check: Check) => void;

export function report(check: Check, pointer: string, message: string, more: Partial<Problem> = {}): void {
  check.problems.push({ pointer, message, code: 'failed_constraint', ...more });
}

/** As it stands in `errors` and, after `[ERROR] `, in response_metadata.messages. */
export function worded(problem: Problem): string {
  return `${problem.message} [json-pointer:${problem.pointer}]`;
}

export function string(max: number, min = 1): Rule {
  return (value, pointer, check) => {
    if (typeof value !== 'string') return report(check, pointer, 'must provide a string');
    const constraint = (expected: number) => ({
      constraint: { type: 'length', expected: [String(expected)], got: String(value.length) },
    });
    if (value.length < min) report(check, pointer, `must be more than ${min - 1} characters`, constraint(min));
    if (value.length > max) report(check, pointer, `must be less than ${max + 1} characters`, constraint(max));
  };
}

export function bool(value: Json | undefined, pointer: string, check: Check): void {
  if (typeof value !== 'boolean') report(check, pointer, 'must provide a boolean');
}

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Rule {
  return (value, pointer, check) => {
    if (typeof value !== 'number') return report(check, pointer, 'must provide a number');
    if (value < min) report(check, pointer, `must be greater than ${min - 1}`);
    if (value > max) report(check, pointer, `must be less than ${max + 1}`);
  };
}

export function oneOf(...allowed: string[]): Rule {
  return (value, pointer, check) => {
    if (typeof value === 'string' && allowed.includes(value)) return;
    const constraint = { type: 'enum', expected: allowed, got: String(value) };
    report(check, pointer, 'must be a valid enum value', { constraint });
  };
}

export function url(max: number): Rule {
  return (value, pointer, check) => {
    string(max)(value, pointer, check);
    if (typeof value === 'string' && value !== '' && !URL.canParse(value))
      report(check, pointer, 'must be a valid URL');
  };
}

export function listOf(rule: Rule, max: number, min = 1): Rule {
  return (value, pointer, check) => {
    if (!Array.isArray(value)) return report(check, pointer, 'must provide an array');
    const constraint = (expected: number) => ({
      constraint: { type: 'items', expected: [String(expected)], got: String(value.length) },
    });
    if (value.length > max) report(check, pointer, `no more than ${max} items allowed`, constraint(max));
    if (value.length < min) report(check, pointer, `no less than ${min} items allowed`, constraint(min));
    for (const [index, item] of value.entries()) rule(item, `${pointer}/${index}`, check);
  };
}

export interface Shape {
  required?: Record<string, Rule>;
  optional?: Record<string, Rule>;
}

/** An object with these fields and no others: Slack refuses additional properties. */
export function shape({ required = {}, optional = {} }: Shape): Rule {
  return (value, pointer, check) => {
    if (!isObject(value)) return report(check, pointer, 'must provide an object');
    for (const [field, rule] of Object.entries(required)) {
      if (value[field] === undefined) {
        report(check, pointer, `missing required field: ${field}`, { code: 'missing_required_field' });
      } else rule(value[field], `${pointer}/${field}`, check);
    }
    for (const [field, rule] of Object.entries(optional)) {
      if (value[field] !== undefined) rule(value[field], `${pointer}/${field}`, check);
    }
    for (const field of Object.keys(value)) {
      if (value[field] === undefined || field in required || field in optional) continue;
      report(check, pointer, `invalid additional property: ${field}`, { code: 'additional_property' });
    }
  };
}

/** Chooses the rule by `type`; a type that is unknown or has no place here is reported as unsupported. */
export function byType(rules: () => Record<string, Rule>): Rule {
  return (value, pointer, check) => {
    if (!isObject(value)) return report(check, pointer, 'must provide an object');
    if (value.type === undefined) {
      return report(check, pointer, 'missing required field: type', { code: 'missing_required_field' });
    }
    const table = rules();
    const rule = Object.hasOwn(table, text(value.type)) ? table[text(value.type)] : undefined;
    if (rule) return rule(value, pointer, check);
    const constraint = { type: 'enum', expected: Object.keys(table), got: text(value.type) };
    report(check, `${pointer}/type`, `unsupported type: ${value.type}`, { code: 'unsupported_type', constraint });
  };
}

/** A value that may take several shapes: any problem inside is preceded by Slack's note about the whole. */
export function anyOf(rule: Rule): Rule {
  return (value, pointer, check) => {
    const inner: Check = { ...check, problems: [] };
    rule(value, pointer, inner);
    if (inner.problems.length === 0) return;
    report(check, pointer, 'failed to match all allowed schemas');
    check.problems.push(...inner.problems);
  };
}

export function all(...rules: Rule[]): Rule {
  return (value, pointer, check) => {
    for (const rule of rules) rule(value, pointer, check);
  };
}

/** A condition over an object's fields; `field` is where the pointer leads. */
export function when(holds: (value: JsonObject) => boolean, message: string, field?: string): Rule {
  return (value, pointer, check) => {
    if (isObject(value) && holds(value)) report(check, field ? `${pointer}/${field}` : pointer, message);
  };
}

export function anything(): void {}
