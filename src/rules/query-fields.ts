/**
 * Finds the values a field has in a log. Every field can have several (tags repeat, arrays count by element), and a
 * field's test succeeds if it succeeds for one of them.
 */
import { type EventTest, type Field, type LogEvent, RESERVED_FIELDS } from './query-tree.ts';

/** Gets a string, number, boolean or object; never null, undefined or an array. An object only exists. */
export type ValueTest = (value: unknown) => boolean;

/**
 * Keys may contain dots themselves (`authorization.k8s.io/decision`), so a path is tried in every division; a key of
 * more dots than this is not found.
 */
const MAX_SEGMENTS_IN_KEY = 16;
/** Arrays in arrays, and objects under `*:`. Datadog keeps 20 levels; deeper JSON is hostile. */
const MAX_LEVELS = 100;

export function fieldTest(field: Field, test: ValueTest): EventTest {
  switch (field.kind) {
    case 'message':
      return (event) => event.message !== '' && test(event.message);
    case 'everything':
      return (event) => anywhere(event, test);
    case 'attribute':
      return attributeTest(field.path, test);
    case 'calculated':
      // Calculated fields behave like attributes; a log carries one under its own "#name".
      return (event) => {
        const key = `#${field.name}`;
        return Object.hasOwn(event.attributes, key) && anyElement(event.attributes[key], test, 0);
      };
    case 'reserved':
      return reservedTest(field.name, test);
    case 'tag':
      return tagTest(field.key, test);
  }
}

/** A value that the log as a whole has, and then its tag: search answers carry `source` only as a tag. */
function reservedTest(name: (typeof RESERVED_FIELDS)[number], test: ValueTest): EventTest {
  if (name === 'tags') return (event) => event.tags.some(test);
  const inTags = tagTest(name, test);
  const property = name === 'trace_id' ? 'traceId' : name;
  return (event) => {
    const value = event[property];
    return (value !== undefined && value !== '' && test(value)) || inTags(event);
  };
}

/** A tag without a value exists, and is nothing else: like an object, it equals and compares with nothing. */
const NO_VALUE: object = Object.freeze({});

function tagTest(key: string, test: ValueTest): EventTest {
  const start = `${key}:`;
  return (event) => {
    for (const tag of event.tags) {
      if (tag.startsWith(start) ? test(tag.slice(start.length)) : tag === key && test(NO_VALUE)) return true;
    }
    return false;
  };
}

interface Step {
  readonly key: string;
  /** The segment after this key. */
  readonly next: number;
}

function attributeTest(path: string, test: ValueTest): EventTest {
  const segments = path.split('.');
  const steps = segments.map((_, index) => stepsFrom(segments, index));
  return (event) => anyAt(event.attributes, steps, 0, test, 0);
}

function stepsFrom(segments: readonly string[], index: number): readonly Step[] {
  const steps: Step[] = [];
  let key = '';
  for (let next = index + 1; next <= Math.min(segments.length, index + MAX_SEGMENTS_IN_KEY); next++) {
    key = next === index + 1 ? (segments[index] ?? '') : `${key}.${segments[next - 1]}`;
    steps.push({ key, next });
  }
  return steps;
}

function anyAt(
  value: unknown,
  steps: readonly (readonly Step[])[],
  index: number,
  test: ValueTest,
  level: number,
): boolean {
  if (typeof value !== 'object' || value === null) return index === steps.length && isPresent(value) && test(value);
  if (level > MAX_LEVELS) return false;
  if (Array.isArray(value)) return value.some((element) => anyAt(element, steps, index, test, level + 1));
  const candidates = steps[index];
  if (!candidates) return isPresent(value) && test(value);
  for (const { key, next } of candidates) {
    if (Object.hasOwn(value, key) && anyAt((value as Record<string, unknown>)[key], steps, next, test, level + 1)) {
      return true;
    }
  }
  return false;
}

function anyElement(value: unknown, test: ValueTest, level: number): boolean {
  if (!Array.isArray(value)) return isPresent(value) && test(value);
  return level <= MAX_LEVELS && value.some((element) => anyElement(element, test, level + 1));
}

/** Datadog indexes neither null nor an empty object, so neither makes an attribute exist. */
function isPresent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && value !== null;
  for (const _ in value) return true;
  return false;
}

function anywhere(event: LogEvent, test: ValueTest): boolean {
  if (test(event.message)) return true;
  for (const name of RESERVED_FIELDS) {
    if (name === 'tags') continue;
    const value = event[name === 'trace_id' ? 'traceId' : name];
    if (value !== undefined && test(value)) return true;
  }
  return anyLeaf(event.attributes, test);
}

/** With a list instead of recursion: logs are as deep as their sender likes. */
function anyLeaf(root: unknown, test: ValueTest): boolean {
  const left: { value: unknown; level: number }[] = [{ value: root, level: 0 }];
  for (let item = left.pop(); item; item = left.pop()) {
    const { value, level } = item;
    if (typeof value !== 'object') {
      if (isPresent(value) && test(value)) return true;
    } else if (value !== null && level <= MAX_LEVELS) {
      for (const inner of Object.values(value)) left.push({ value: inner, level: level + 1 });
    }
  }
  return false;
}
