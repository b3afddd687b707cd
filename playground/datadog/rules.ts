/**
 * The detection rules of the organisation: Datadog's own, loaded from the start, and those made by people. Names
 * are not unique, so the same request sent twice makes two rules.
 */
import { matches, parseQuery } from '../../src/rules/query.ts';
import type { Ids } from './ids.ts';
import type { Rule, RuleConfiguration } from './rule.ts';
import { SEVERITIES } from './rule.ts';
import { shippedRules } from './shipped-rules.ts';
import type { DatadogUser } from './users.ts';

export interface RulesOptions {
  ids: Ids;
  /** Milliseconds since the epoch on the world's clock. */
  now: () => number;
  /** How long, on that clock, a new rule is missing from lists. */
  listLag: () => number;
}

export class Rules {
  readonly #all: Rule[] = [];
  readonly #options: RulesOptions;
  readonly #listedFrom = new Map<string, number>();
  readonly #defaultIds = new Map<string, string>();

  constructor(options: RulesOptions) {
    this.#options = options;
    for (const { defaultId, configuration } of shippedRules()) {
      const id = `def-000-${options.ids.short().slice(0, 3)}`;
      const rule = this.#build(id, configuration, { number: 0, handle: '', name: '' });
      rule.isDefault = true;
      rule.defaultTags = [...configuration.tags];
      rule.updateAuthorId = 0;
      rule.updatedAt = rule.createdAt;
      this.#all.push(rule);
      this.#defaultIds.set(id, defaultId);
    }
  }

  get all(): readonly Rule[] {
    return this.#all;
  }

  /** A single rule is readable at once; only lists lag. */
  get(id: string): Rule | undefined {
    return this.#all.find((rule) => rule.id === id);
  }

  /** The id in Datadog's documentation, which signals carry as `defaultRuleId`. */
  defaultIdOf(rule: Rule): string | undefined {
    return this.#defaultIds.get(rule.id);
  }

  /** `lag` is how long, on the world's clock, lists do not show it; 0 for one that was always there. */
  create(configuration: RuleConfiguration, author: DatadogUser, lag = this.#options.listLag()): Rule {
    const rule = this.#build(this.#options.ids.short(), configuration, author);
    this.#all.push(rule);
    this.#listedFrom.set(rule.id, this.#options.now() + lag);
    return rule;
  }

  update(rule: Rule, changes: Partial<RuleConfiguration>, author: DatadogUser): void {
    Object.assign(rule, changes);
    rule.version += 1;
    rule.updateAuthorId = author.number;
    rule.updatedAt = this.#options.now();
    rule.updater = { handle: author.handle, name: author.name ?? '' };
  }

  remove(rule: Rule): void {
    this.#all.splice(this.#all.indexOf(rule), 1);
  }

  /** What a list shows now: filtered by type, source, tags and words of the name. */
  listed(query: string, sort: string): Rule[] {
    const wanted = parseQuery(query);
    const now = this.#options.now();
    const descending = sort.startsWith('-');
    const key = SORT_KEYS[sort.replace(/^-/, '')] ?? ((rule: Rule) => rule.name);
    return this.#all
      .filter((rule) => (this.#listedFrom.get(rule.id) ?? 0) <= now)
      .filter((rule) =>
        matches(wanted, { message: rule.name, tags: [...rule.tags, `type:${rule.type}`], attributes: {} }),
      )
      .sort((a, b) => (descending ? compare(key(b), key(a)) : compare(key(a), key(b))));
  }

  #build(id: string, configuration: RuleConfiguration, author: Pick<DatadogUser, 'number' | 'handle' | 'name'>): Rule {
    const { name, isEnabled, queries, options, cases, message, tags, hasExtendedTitle, type, filters, ...carried } =
      structuredClone(configuration);
    return {
      name,
      createdAt: this.#options.now(),
      isDefault: false,
      isPartner: false,
      isEnabled,
      isBeta: false,
      isDeleted: false,
      isDeprecated: false,
      queries,
      options,
      cases,
      message,
      tags,
      hasExtendedTitle,
      type,
      filters,
      ...carried,
      version: 1,
      id,
      blocking: false,
      metadata: { entities: null, sources: null },
      creationAuthorId: author.number,
      creator: { handle: author.handle, name: author.name ?? '' },
      updater: { handle: '', name: '' },
    };
  }
}

const SORT_KEYS: Readonly<Record<string, (rule: Rule) => string | number>> = {
  name: (rule) => rule.name,
  creation_date: (rule) => rule.createdAt,
  update_date: (rule) => rule.updatedAt ?? rule.createdAt,
  enabled: (rule) => Number(rule.isEnabled),
  type: (rule) => rule.type,
  highest_severity: (rule) => Math.max(-1, ...rule.cases.map((ruleCase) => SEVERITIES.indexOf(ruleCase.status))),
  source: (rule) => rule.tags.find((tag) => tag.startsWith('source:')) ?? '',
};

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
