/** The three things `setup` prints, apart from their making, which takes longer to load. */
export const PARTS = ['slack', 'aws', 'datadog'] as const;
export type SetupPart = (typeof PARTS)[number];

export function isPart(word: string): word is SetupPart {
  return (PARTS as readonly string[]).includes(word);
}
