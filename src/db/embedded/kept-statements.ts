/**
 * Lets the engine parse and plan a statement once instead of each time, which is two thirds of what a short one costs
 * there: what is asked again is a named statement (https://node-postgres.com/features/queries#prepared-statements).
 */

/** A plan takes some tens of kilobytes. Lists of values make many texts of one statement, and most are asked once. */
const MOST_KEPT = 300;
const MOST_SEEN = 1_000;

/**
 * Returns the name a statement is kept under, or nothing for one that is not. A statement whose columns change after it
 * was kept fails: only migrations do that, which ask nothing of a table before and after they change it.
 */
export function nameStatements(): (text: string) => string | undefined {
  /** Texts asked once so far. */
  const seen = new Set<string>();
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known || names.size >= MOST_KEPT) return known;
    if (!seen.has(text)) {
      if (seen.size >= MOST_SEEN) seen.clear();
      seen.add(text);
      return undefined;
    }
    seen.delete(text);
    const name = `kept${names.size}`;
    names.set(text, name);
    return name;
  };
}
