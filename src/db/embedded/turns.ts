/** The one connection of the embedded engine goes from hand to hand; whom Slack or Datadog waits for comes first. */
export interface Turns {
  /** Resolves when it is this one's turn, which lasts until `give`. */
  take(line: 'front' | 'back'): Promise<void>;
  give(): void;
}

export function createTurns(): Turns {
  const lines: Record<'front' | 'back', (() => void)[]> = { front: [], back: [] };
  let taken = false;
  return {
    async take(line) {
      if (taken) await new Promise<void>((resolve) => lines[line].push(resolve));
      taken = true;
    },
    give() {
      const next = lines.front.shift() ?? lines.back.shift();
      // It stays taken in between, or somebody could come before whoever was called.
      if (next) next();
      else taken = false;
    },
  };
}
