/** From a shell in a pod to an alert people act on, as the demo tells it; and what the bot says when the alert does not come. */
import { expect, test } from 'vitest';
import { ALERT_BREAKS } from '../../playground/alert-breaks.ts';
import { beforeAlert, tellAlert, tellStorm } from '../../playground/alert-story.ts';
import { enablesProdA } from '../../playground/breaks.ts';
import { Conversation } from '../../playground/conversation.ts';
import { openStage, type Stage, type StageOptions } from '../../playground/stage.ts';
import { freshDatabase } from '../db/fresh.ts';

const SPEED = 200;

/** Tells it, and returns what was printed; its failure comes with the last of it and the bot's log. */
async function play(
  options: Omit<StageOptions, 'speed' | 'env'>,
  tell: (stage: Stage, talk: Conversation) => Promise<void>,
): Promise<string> {
  await using database = await freshDatabase();
  const { DATA_DIR, DATABASE_URL } = database.config;
  await using stage = await openStage({
    speed: SPEED,
    ...options,
    env: { DATA_DIR, ...(DATABASE_URL && { DATABASE_URL }) },
    seed(world) {
      world.aws.backgroundEveryMs = 60_000;
      // They count on the wall's clock, which is 200 times too slow for this world.
      world.slack.limits.perChannel = false;
      world.slack.limits.perMethod = false;
      options.seed?.(world);
    },
  });
  const printed: string[] = [];
  try {
    await tell(stage, new Conversation(stage.world, (line) => printed.push(line)));
  } catch (error) {
    throw new Error([String(error), ...printed.slice(-25), ...stage.log().slice(-10)].join('\n'));
  }
  expect(stage.world.time.errors).toEqual([]);
  return printed.join('\n');
}

test('a shell in a pod becomes an alert that is taken, looked into and archived, and a storm one card', async () => {
  // The webhook is to be first, which in this fast world only a slow poller makes sure of.
  const timing = { signals_poll: '30s' };
  const printed = await play({ seed: beforeAlert, timing }, async ({ world }, talk) => {
    await enablesProdA(talk);
    await tellAlert(world, talk);
    await tellStorm(world, talk);
  });
  expect(printed).not.toContain('{{');
}, 60_000);

for (const [name, { what, timing, tell }] of Object.entries(ALERT_BREAKS)) {
  test(`broken: ${what}, until it is mended (--break ${name})`, async () => {
    await play(timing ? { timing } : {}, tell);
  }, 60_000);
}
