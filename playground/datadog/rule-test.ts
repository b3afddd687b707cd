/**
 * `POST /rules/test`: runs a rule's queries over sample events, to prove a query without waiting for a log.
 */
import type { LogEvent } from '../../src/rules/query.ts';
import { matches, parseQuery } from '../../src/rules/query.ts';
import { tagList } from './intake.ts';
import type { RuleConfiguration } from './rule.ts';
import { list, object, text } from './rule.ts';

const RESERVED = new Set(['ddsource', 'ddtags', 'hostname', 'message', 'service']);

/** For each payload whether it did what was expected of it, in the order sent. */
export function testResults(rule: RuleConfiguration, payloads: unknown): boolean[] {
  return list(payloads).map((sent) => {
    const { expectedResult, index, payload } = object(sent);
    const query = rule.queries[typeof index === 'number' ? index : 0];
    const matched = query !== undefined && matches(parseQuery(query.query), sampleEvent(object(payload)));
    return matched === (expectedResult === true);
  });
}

/** The payload's own fields are attributes as they are: no pipeline runs over a sample. */
function sampleEvent(payload: Record<string, unknown>): LogEvent {
  const source = text(payload.ddsource);
  return {
    message: text(payload.message),
    tags: [...(source ? [`source:${source}`] : []), ...tagList(payload.ddtags)],
    attributes: Object.fromEntries(Object.entries(payload).filter(([name]) => !RESERVED.has(name))),
    source,
    host: text(payload.hostname),
    service: text(payload.service),
  };
}
