/** Tables as aligned columns of a terminal. */

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]/u;

export type Alignment = 'left' | 'center' | 'right';

export function renderTable(rows: string[][], alignments: Alignment[] = []): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  return rows
    .map((row) =>
      widths
        .map((width, column) => align(row[column] ?? '', width, alignments[column] ?? 'left'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns of a terminal: East Asian characters and emoji take two. */
export function displayWidth(value: string): number {
  return [...value].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}

function align(value: string, width: number, alignment: Alignment): string {
  const gap = width - displayWidth(value);
  const before = alignment === 'right' ? gap : alignment === 'center' ? Math.floor(gap / 2) : 0;
  return ' '.repeat(before) + value + ' '.repeat(gap - before);
}
