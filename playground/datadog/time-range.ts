/**
 * The `from` and `to` of a search: date math (`now-4h`), ISO 8601 with a zone, or milliseconds written as a string.
 */

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Milliseconds since the epoch; undefined for a text that is no moment. */
export function moment(text: string, nowMs: number): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const math = /^now(?:([+-])(\d+)([smhdw]))?$/.exec(text);
  if (math) {
    const [, sign, amount, unit] = math;
    if (!sign) return nowMs;
    const distance = Number(amount) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
    return sign === '-' ? nowMs - distance : nowMs + distance;
  }
  const hasZone = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const parsed = Date.parse(text);
  return hasZone && !Number.isNaN(parsed) ? parsed : undefined;
}

/** `5m`, `1h`: the interval of a time series, in milliseconds. */
export function intervalMs(text: string): number | undefined {
  const match = /^(\d+)([smhdw])$/.exec(text);
  const unit = UNITS_MS[match?.[2] ?? ''];
  return match && unit ? Number(match[1]) * unit : undefined;
}

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** The last 15 minutes where nothing is said; the name of the unreadable field otherwise. */
export function timeRange(from: unknown, to: unknown, nowMs: number): TimeRange | 'from' | 'to' {
  const fromMs = moment(String(from ?? 'now-15m'), nowMs);
  const toMs = moment(String(to ?? 'now'), nowMs);
  if (fromMs === undefined) return 'from';
  if (toMs === undefined) return 'to';
  return { fromMs, toMs };
}
