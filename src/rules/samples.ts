/**
 * What the rules of a pack are tested with: events a rule must and must not match, and for rules that remember or
 * count, sequences with the signals they must raise. The second document of a rule's file.
 */
import type { z } from 'zod';
import type { RuleSeverity } from '../datadog/rules.ts';
import { auditLogEvent } from './audit-event.ts';
import {
  PackError,
  type PackRule,
  type PackSource,
  packSources,
  RECOMMENDED_PACK,
  readRule,
  readYaml,
} from './pack.ts';
import { samplesSchema } from './pack-schema.ts';
import type { LogEvent } from './query.ts';

type Json = Record<string, unknown>;
type SamplesFile = z.infer<typeof samplesSchema>;

/** An audit event that a rule must or must not match, complete. */
export interface Sample {
  it: string;
  /** The log source it arrives under. */
  source: string;
  event: Json;
}

export interface Sequence {
  it: string;
  /** In their order; `at` is milliseconds since the rule began to watch. */
  events: { at: number; source: string; event: Json }[];
  signals: RuleSeverity[];
}

export interface TestedRule {
  rule: PackRule;
  match: Sample[];
  no_match: Sample[];
  sequences: Sequence[];
}

/** Every rule of a directory with its samples. Throws `PackError` with every mistake of every file. */
export function loadTestedRules(directory: string | URL = RECOMMENDED_PACK): TestedRule[] {
  const problems: string[] = [];
  const tested = packSources(directory).flatMap((source) => readTestedRule(source, problems) ?? []);
  if (problems.length > 0) throw new PackError(problems);
  return tested;
}

/** Both documents of one file, or nothing and a line for every mistake. */
export function readTestedRule(source: PackSource, problems: string[]): TestedRule | undefined {
  const rule = readRule(source, problems);
  const samples = source.samples.trim()
    ? readYaml(source.samples, samplesSchema, `${source.where}: samples`, problems)
    : problems.push(`${source.where}: has no samples; write them below a line of three hyphens`) && undefined;
  if (!rule || !samples) return undefined;
  const complete = { rule, ...completed(samples) };
  problems.push(...missingSequences(complete).map((problem) => `${source.where}: samples.sequences: ${problem}`));
  return complete;
}

/** A sample as Cloud SIEM sees it. */
export function logOf({ event, source }: Pick<Sample, 'event' | 'source'>): LogEvent {
  return auditLogEvent(event, { source });
}

/** Whether one event alone says nothing about the rule. */
export function isStateful({ detection, cases }: PackRule): boolean {
  if (detection.method === 'new_value' || detection.distinct) return true;
  return cases.some(({ condition = '' }) => !/^\s*\S+\s*>\s*0\s*$/.test(condition));
}

function missingSequences({ rule, sequences }: TestedRule): string[] {
  if (!isStateful(rule)) return [];
  return [
    ...(sequences.some(({ signals }) => signals.length > 0)
      ? []
      : ['this rule counts or remembers; write a sequence that raises a signal']),
    ...(sequences.some(({ signals }) => signals.length === 0)
      ? []
      : ['this rule counts or remembers; write a sequence that raises none']),
  ];
}

function completed({ match, no_match, sequences }: SamplesFile): Omit<TestedRule, 'rule'> {
  const first = match[0]?.event ?? {};
  const complete = ({ it, source, event, change }: SamplesFile['match'][number]): Sample => ({
    it,
    source,
    event: merged(event ?? first, change ?? {}),
  });
  return {
    match: match.map(complete),
    no_match: no_match.map(complete),
    sequences: sequences.map(({ it, events, signals }) => ({
      it,
      signals,
      events: events
        .flatMap(({ at, times, every, source, event, change }) =>
          Array.from({ length: times }, (_, i) => ({
            at: at + i * every,
            source,
            event: numbered(merged(event ?? first, change ?? {}), i + 1),
          })),
        )
        .sort((a, b) => a.at - b.at),
    })),
  };
}

/** Objects merge, everything else replaces, null removes. The inputs stay as they are. */
function merged(base: Json, change: Json): Json {
  const result: Json = structuredClone(base);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else if (isObject(value)) result[key] = merged(isObject(result[key]) ? result[key] : {}, value);
    else result[key] = structuredClone(value);
  }
  return result;
}

function numbered(event: Json, n: number): Json {
  return JSON.parse(JSON.stringify(event).replaceAll('{n}', String(n))) as Json;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
