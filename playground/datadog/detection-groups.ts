/**
 * The groups of a detection rule: one per combination of group-by values, each with a memory of its own.
 */

import type { FacetValue } from '../../src/rules/facets.ts';
import { facetValues } from '../../src/rules/facets.ts';
import type { LogEvent } from '../../src/rules/query.ts';
import type { RuleQuery } from './rule.ts';

export interface GroupValues {
  /** Equal for equal values, whatever the fields are called: a query on raw names joins one on standard names. */
  key: string;
  paths: readonly string[];
  /** In the order of the paths; undefined where an optional field is missing. */
  values: readonly (FacetValue | undefined)[];
}

/** A log whose fields hold long arrays would be in as many groups as they have combinations. */
const MOST_GROUPS_OF_ONE_LOG = 20;
/** Below this the idle are not worth looking for. */
const FEW = 1000;

/** Empty when a group-by field is missing and the query does not take it as optional. */
export function groupsOf(event: LogEvent, query: RuleQuery): GroupValues[] {
  const paths = query.groupByFields;
  return combinations(event, paths, query.hasOptionalGroupByFields).map((values) => ({
    key: JSON.stringify(values),
    paths,
    values,
  }));
}

/** Every combination of the fields' values; none when a field that is not optional is missing. */
export function combinations(
  event: LogEvent,
  fields: readonly string[],
  optional = false,
): (FacetValue | undefined)[][] {
  let found: (FacetValue | undefined)[][] = [[]];
  for (const field of fields) {
    const values: (FacetValue | undefined)[] = facetValues(event, field);
    if (values.length === 0 && !optional) return [];
    const next = values.length === 0 ? [undefined] : values;
    found = found.flatMap((before) => next.map((value) => [...before, value])).slice(0, MOST_GROUPS_OF_ONE_LOG);
  }
  return found;
}

/** Group values are chosen by whoever writes the logs, so idle groups are swept before they fill the memory. */
export class Groups<Group> {
  readonly #byKey = new Map<string, Group>();
  readonly #isIdle: (group: Group, nowMs: number) => boolean;
  #sweepAt = FEW;

  constructor(isIdle: (group: Group, nowMs: number) => boolean) {
    this.#isIdle = isIdle;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string, nowMs: number, make: () => Group): Group {
    const known = this.#byKey.get(key);
    if (known) return known;
    if (this.#byKey.size >= this.#sweepAt) this.sweep(nowMs);
    const group = make();
    this.#byKey.set(key, group);
    return group;
  }

  sweep(nowMs: number): void {
    for (const [key, group] of this.#byKey) if (this.#isIdle(group, nowMs)) this.#byKey.delete(key);
    this.#sweepAt = Math.max(FEW, this.#byKey.size * 2);
  }
}
