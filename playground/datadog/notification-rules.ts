/**
 * Notification rules for signals: which new signals are sent to which targets, independent of the rules' own cases.
 */
import type { Ids } from './ids.ts';
import type { DatadogUser } from './users.ts';

type Person = { name: string; handle: string };

export interface NotificationRuleAttributes {
  /** Milliseconds since the epoch. */
  created_at: number;
  created_by: Person;
  enabled: boolean;
  modified_at: number;
  modified_by: Person;
  name: string;
  selectors: { severities?: string[]; rule_types?: string[]; query?: string; trigger_source: string };
  /** `@webhook-<name>`, `@slack-…`, `@person@example.com`. */
  targets: string[];
  time_aggregation: number;
  version: number;
}

export interface NotificationRule {
  id: string;
  type: 'notification_rules';
  attributes: NotificationRuleAttributes;
}

export type NotificationRuleSeed = Pick<NotificationRuleAttributes, 'name' | 'selectors' | 'targets'> & {
  enabled?: boolean;
  time_aggregation?: number;
};

export interface NotificationRulesOptions {
  ids: Ids;
  now: () => number;
  /** How long, on the world's clock, a new rule is missing from the list. */
  listLag: () => number;
}

export class NotificationRules {
  readonly all: NotificationRule[] = [];
  readonly #options: NotificationRulesOptions;
  readonly #listedFrom = new Map<string, number>();

  constructor(options: NotificationRulesOptions) {
    this.#options = options;
  }

  listed(): NotificationRule[] {
    const now = this.#options.now();
    return this.all.filter((rule) => (this.#listedFrom.get(rule.id) ?? 0) <= now);
  }

  get(id: string): NotificationRule | undefined {
    return this.all.find((rule) => rule.id === id);
  }

  /** `lag` is how long, on the world's clock, the list does not show it; 0 for one that was always there. */
  create(seed: NotificationRuleSeed, author: DatadogUser, lag = this.#options.listLag()): NotificationRule {
    const now = this.#options.now();
    const person = { name: author.name ?? '', handle: author.handle };
    const rule: NotificationRule = {
      id: this.#options.ids.short(),
      type: 'notification_rules',
      attributes: {
        created_at: now,
        created_by: person,
        enabled: seed.enabled ?? true,
        modified_at: now,
        modified_by: person,
        name: seed.name,
        selectors: seed.selectors,
        targets: seed.targets,
        time_aggregation: seed.time_aggregation ?? 0,
        version: 1,
      },
    };
    this.all.push(rule);
    this.#listedFrom.set(rule.id, now + lag);
    return rule;
  }

  update(rule: NotificationRule, changes: Partial<NotificationRuleSeed>, author: DatadogUser): void {
    Object.assign(rule.attributes, changes);
    rule.attributes.version += 1;
    rule.attributes.modified_at = this.#options.now();
    rule.attributes.modified_by = { name: author.name ?? '', handle: author.handle };
  }

  remove(rule: NotificationRule): void {
    this.all.splice(this.all.indexOf(rule), 1);
  }
}
