/** "Did you mean …": the nearest of the known words, when it is near enough to be a slip of the fingers. */

/** Undefined when nothing is within a third of the word's length (at least one edit, save for a single letter). */
export function closest(typed: string, known: readonly string[]): string | undefined {
  if (typed === '') return undefined;
  const limit = typed.length < 2 ? 0 : Math.max(1, Math.floor(typed.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const word of new Set(known)) {
    const [a, b] = [typed.toLowerCase(), word.toLowerCase()];
    // People also stop early: `prdo` means `prod-a` more than it means nothing.
    const distance = Math.min(editDistance(a, b, limit), editDistance(a, b.slice(0, a.length), limit) + 0.5);
    if (Math.floor(distance) <= limit && (!best || distance < best.distance)) best = { word, distance };
  }
  return best?.word;
}

/** Edits, where swapping two neighbouring letters is one; anything above `limit` may come back as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > 100) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, (beforeLast[j - 2] ?? 0) + 1);
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}
