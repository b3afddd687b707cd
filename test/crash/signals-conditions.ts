/**
 * What can be wrong around the bot while signals come, and a table of runs in which every two of these things meet at
 * least once: all of them in all combinations would take hours and find little more.
 */

export const FACTORS = {
  slack: ['well', '429', '500', 'late'],
  doorbells: ['once', 'tripled', 'lost'],
  history: ['readable', 'unreadable'],
  datadog: ['well', '429'],
  database: ['embedded', 'postgres', 'replicas'],
} as const;

export type Factor = keyof typeof FACTORS;
export type Conditions = { [F in Factor]: (typeof FACTORS)[F][number] };

/** A run: its circumstances, how many signals come, what else happens. */
export interface Row {
  name: string;
  conditions: Conditions;
  signals: number;
  /** Wall milliseconds between two signals. */
  everyMs: number;
  /** Every kind of boundary must have been met. */
  everywhere?: boolean;
  /** So many signals come to one channel at once, which folds them. */
  storm?: number;
  /** Wall milliseconds for which Slack answers nobody, beginning in the middle of the run. */
  slackAwayMs?: number;
}

const CALM: Conditions = {
  slack: 'well',
  doorbells: 'once',
  history: 'readable',
  datadog: 'well',
  database: 'embedded',
};

export const ROWS: readonly Row[] = [
  { name: 'everywhere', conditions: CALM, signals: 500, everyMs: 240, everywhere: true },
  { name: 'storm', conditions: CALM, signals: 20, everyMs: 250, storm: 60 },
  {
    name: 'slack-away',
    conditions: { ...CALM, database: 'replicas' },
    signals: 90,
    everyMs: 400,
    slackAwayMs: 30_000,
  },
  ...allPairs().map((conditions) => ({
    name: Object.values(conditions).join('-'),
    conditions,
    signals: 45,
    everyMs: 330,
  })),
];

/** Greedy: each row is the one of all that has the most pairs nobody had before. */
export function allPairs(): Conditions[] {
  const every = combinations();
  const open = new Set(every.flatMap(pairsOf));
  const rows: Conditions[] = [];
  while (open.size > 0) {
    const news = (row: Conditions) => pairsOf(row).filter((pair) => open.has(pair)).length;
    const best = every.reduce((a, b) => (news(b) > news(a) ? b : a));
    for (const pair of pairsOf(best)) open.delete(pair);
    rows.push(best);
  }
  return rows;
}

export function combinations(): Conditions[] {
  let rows: Partial<Conditions>[] = [{}];
  for (const [factor, values] of Object.entries(FACTORS))
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [factor]: value })));
  return rows as Conditions[];
}

/** Every two values that meet in a row. */
export function pairsOf(conditions: Conditions): string[] {
  const values = Object.entries(conditions).map(([factor, value]) => `${factor}=${value}`);
  return values.flatMap((value, i) => values.slice(i + 1).map((other) => `${value} ${other}`));
}
