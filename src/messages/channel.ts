/**
 * Whether a channel is one that other companies read too: what an audit found is not for them. Asked now and then, and
 * only where the optional scopes channels:read and groups:read let us.
 */
import type { WebClient } from '@slack/web-api';
import type { Clock } from '../clock.ts';

/** Sharing a channel takes two admins and some clicks; noticing within minutes is what can be had. */
const KNOWN_FOR_MS = 10 * 60_000;

export function createChannels(deps: { client: WebClient; clock: Clock }) {
  const known = new Map<string, { at: number; shared: boolean }>();
  return {
    /** False where Slack never told: posting itself finds out about everything but this. */
    async sharedOutside(channel: string): Promise<boolean> {
      if (!/^[CG]/.test(channel)) return false;
      const now = deps.clock.now().getTime();
      const seen = known.get(channel);
      if (seen && now - seen.at < KNOWN_FOR_MS) return seen.shared;
      const shared = await deps.client.conversations.info({ channel }).then(
        ({ channel: info }) => info?.is_ext_shared === true,
        () => seen?.shared ?? false,
      );
      known.set(channel, { at: now, shared });
      return shared;
    },
  };
}
