/** What is measured, against which limit, and how it is shown. */

export interface Figure {
  name: string;
  unit: 'ms' | 'MB' | '×' | '/s' | '';
  /** The median of the runs is held against it. */
  limit: number;
  /** Whether the limit is the most or the least it may be. */
  bound: 'most' | 'least';
  runs: number[];
}

export interface Result extends Figure {
  median: number;
  kept: boolean;
}

export function judge(figure: Figure): Result {
  const value = median(figure.runs);
  return { ...figure, median: value, kept: figure.bound === 'most' ? value <= figure.limit : value >= figure.limit };
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
    `${shown(r.median)} ${r.unit}`,
    `${shown(Math.min(...r.runs))}–${shown(Math.max(...r.runs))}`,
    `${r.bound === 'most' ? '≤' : '≥'} ${r.limit} ${r.unit}`,
    r.kept ? 'ok' : 'MISSED',
  ]);
  const all = [['figure', 'median', 'range', 'limit', ''], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

function shown(value: number): string {
  if (Number.isInteger(value) || value >= 10) return value.toFixed(0);
  return value.toFixed(value < 1 ? 2 : 1);
}
