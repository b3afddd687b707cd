/**
 * Reading JSON of which nothing is promised: any member may be missing or of another type. Only own members count, so
 * that `__proto__` and `constructor` are names like any other.
 */

export type Json = Readonly<Record<string, unknown>>;

/** Before and after it no signal of ours was or will be raised; PostgreSQL and Slack take no wilder dates. */
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2200, 0);

export function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What stands under these names, one inside the other. */
export function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    const holder = object(found);
    if (!holder || !Object.hasOwn(holder, name)) return undefined;
    found = holder[name];
  }
  return found;
}

/** The first of the places that has something readable there. */
export function firstAt<T>(
  places: readonly unknown[],
  path: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const place of places) {
    const found = read(at(place, path));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A text that says something, cut to so many characters. */
export function text(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? cut(value, max) : undefined;
}

/** Also the first text of an array: Kubernetes and AWS keep single values in lists. */
export function firstText(value: unknown, max: number): string | undefined {
  return text(Array.isArray(value) ? value[0] : value, max);
}

/** Never leaves half a character behind. */
export function cut(value: string, max: number): string {
  return value.length <= max ? value : value.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
}

/** An id is whole or worthless; these characters need no care in an address. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-][\w.:=+-]{0,199}$/.test(value) ? value : undefined;
}

/** A count: whole and not negative. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER)
    : undefined;
}

/** ISO 8601 in UTC, from a date-time or from milliseconds; Datadog uses both. */
export function instant(value: unknown): string | undefined {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? millisecondsIn(value) : Number.NaN;
  return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms).toISOString() : undefined;
}

function millisecondsIn(value: string): number {
  if (/^\d{13}$/.test(value)) return Number(value);
  if (value.length > 40 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return Number.NaN;
  // Without a zone JavaScript would take it for the time where the bot runs.
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
}
