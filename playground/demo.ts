/**
 * `npm run demo`: starts the world and the real bot, acts as the people, prints the conversation and ends by itself.
 * Exit code 0 only if the story came true.
 */
import { parseArgs } from 'node:util';
import { ALERT_BREAKS } from './alert-breaks.ts';
import { BREAKS } from './breaks.ts';
import { Conversation } from './conversation.ts';
import { recordTo } from './record.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { beforeStory, tellStory } from './story.ts';

/** Half an hour of the real world in a minute. */
const SPEED = 30;
/**
 * Slack counts on the wall's clock, however fast the world is, so the bot keeps the pace it keeps in production; and a
 * storm must last until its card's turn has come.
 */
const TIMING = { message_pace: '1s', edit_pace: '1.2s', storm_window: '10s' };

interface Play extends Omit<StageOptions, 'speed'> {
  tell: (stage: Stage, talk: Conversation) => Promise<void>;
}

const STORY: Play = {
  seed: beforeStory,
  // With the whole pack, as whoever configures nothing has it.
  file: { rules: {} },
  tell: ({ world }, talk) => tellStory(world, talk),
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { break: { type: 'string' }, record: { type: 'string' }, help: { type: 'boolean' } },
  });
  const play = values.break === undefined ? STORY : playOf(values.break);
  if (values.help || !play) {
    print('npm run demo                     the whole story');
    print('npm run demo -- --break <link>   what the bot says when one link is broken:');
    for (const [name, { what }] of Object.entries({ ...BREAKS, ...ALERT_BREAKS }))
      print(`  ${name.padEnd(26)} ${what}`);
    return values.help ? 0 : 2;
  }
  const { tell, timing, ...options } = play;
  print('Starting the playground (Slack, AWS, Datadog) and the bot …');
  const stage = await openStage({ speed: SPEED, ...options, timing: { ...TIMING, ...timing } });
  const { world } = stage;
  try {
    await tell(stage, new Conversation(world, print));
    const [effect] = world.time.errors;
    if (effect) throw new Error(`the playground itself failed: ${effect.what}`, { cause: effect.error });
    print(
      `\nThe story came true. Nothing outside this machine was touched.${play === STORY ? ' Try `npm run demo -- --help` for what breaks.' : ''}`,
    );
    return 0;
  } catch (error) {
    print(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    print(`\nThe bot's last log lines:\n${stage.log().slice(-15).join('\n')}`);
    return 1;
  } finally {
    await stage.stop();
    if (values.record) recordTo(values.record, world.door);
    await stage.close();
  }
}

function playOf(name: string): Play | undefined {
  const broken = Object.hasOwn(BREAKS, name) ? BREAKS[name] : undefined;
  if (broken) return { ...(broken.seed && { seed: broken.seed }), tell: ({ world }, talk) => broken.tell(world, talk) };
  const silent = Object.hasOwn(ALERT_BREAKS, name) ? ALERT_BREAKS[name] : undefined;
  return silent && { ...(silent.timing && { timing: silent.timing }), tell: silent.tell };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
