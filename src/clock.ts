/**
 * The one source of time for whatever is decided by time: due dates, leases, expiry, deadlines.
 * Passed in, so that a test can move it for bot and world alike. Signatures and credentials of
 * other parties (Slack, SigV4, STS) stay on wall time and never use it.
 */
export interface Clock {
  now(): Date;
}

export const wallClock: Clock = { now: () => new Date() };
