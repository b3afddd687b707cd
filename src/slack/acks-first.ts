/**
 * Work begins when the deliveries of a moment are all acknowledged: Slack gives up on an acknowledgement after three
 * seconds, while nobody notices that an answer comes a few milliseconds later.
 */

/** No delivery for so long means that the moment is over. */
const QUIET_MS = 25;
/** Under a steady stream of deliveries work begins all the same. */
const AT_MOST_MS = 250;

/** To be called at every delivery; `begin` follows when it is quiet. */
export function acksFirst(begin: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  return () => {
    const now = performance.now();
    if (timer === undefined) since = now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        timer = undefined;
        begin();
      },
      Math.min(QUIET_MS, Math.max(0, since + AT_MOST_MS - now)),
    );
  };
}
