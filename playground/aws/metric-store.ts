/** CloudWatch metrics of one account-region: sums per second on the world's clock, read by GetMetricData. */
export type Dimensions = Record<string, string>;

/** Older points are dropped; CloudWatch itself keeps one-minute points for 15 days. */
const KEPT_SECONDS = 15 * 24 * 3600;

export class MetricStore {
  readonly #series = new Map<string, Map<number, number>>();

  add(namespace: string, name: string, dimensions: Dimensions, value: number, nowMs: number): void {
    const key = seriesKey(namespace, name, dimensions);
    let points = this.#series.get(key);
    if (!points) {
      points = new Map();
      this.#series.set(key, points);
    }
    const second = Math.floor(nowMs / 1000);
    points.set(second, (points.get(second) ?? 0) + value);
    const oldest = points.keys().next().value;
    if (oldest !== undefined && oldest < second - KEPT_SECONDS) points.delete(oldest);
  }

  /** Points in [fromMs, toMs), oldest first; only the exact set of dimensions is the series, as in CloudWatch. */
  points(
    series: { namespace: string; name: string; dimensions: Dimensions },
    fromMs: number,
    toMs: number,
  ): { atMs: number; value: number }[] {
    const points = this.#series.get(seriesKey(series.namespace, series.name, series.dimensions)) ?? new Map();
    return [...points]
      .map(([second, value]) => ({ atMs: second * 1000, value }))
      .filter((point) => point.atMs >= fromMs && point.atMs < toMs)
      .sort((a, b) => a.atMs - b.atMs);
  }

  /** Everything ever counted, for tests. */
  total(namespace: string, name: string, dimensions: Dimensions): number {
    const points = this.#series.get(seriesKey(namespace, name, dimensions)) ?? new Map<number, number>();
    return [...points.values()].reduce((sum, value) => sum + value, 0);
  }
}

function seriesKey(namespace: string, name: string, dimensions: Dimensions): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
