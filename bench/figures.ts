/** What is measured, against which limit, and how it is shown. */

export interface Figure {
  name: string;
  unit: 'ms' | 'MB';
  /** The most it may be; the median of the runs is held against it. */
  limit: number;
  runs: number[];
}

export interface Result extends Figure {
  median: number;
  kept: boolean;
}

export function judge(figure: Figure): Result {
  const value = median(figure.runs);
  return { ...figure, median: value, kept: value <= figure.limit };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** By nearest rank: p99 of fifty is the slowest. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

export function table(results: readonly Result[]): string {
  const rows = results.map((r) => [
    r.name,
    `${round(r.median)} ${r.unit}`,
    `${round(Math.min(...r.runs))}–${round(Math.max(...r.runs))}`,
    `≤ ${r.limit} ${r.unit}`,
    r.kept ? 'ok' : 'MISSED',
  ]);
  const all = [['figure', 'median', 'range', 'limit', ''], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
