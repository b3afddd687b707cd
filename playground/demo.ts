/**
 * `npm run demo`: starts the world and the real bot, acts as the people, prints the conversation and ends by itself.
 * Exit code 0 only if the story came true.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acmeConfig, seedAcme } from './acme.ts';
import { startBotProcess } from './bot-process.ts';
import { BREAKS, type Break } from './breaks.ts';
import { Conversation } from './conversation.ts';
import { recordTo } from './record.ts';
import { beforeStory, tellStory } from './story.ts';
import { openWorld } from './world.ts';

/** Half an hour of the real world in a minute. */
const SPEED = 30;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { break: { type: 'string' }, record: { type: 'string' }, help: { type: 'boolean' } },
  });
  const broken: Break | undefined = values.break === undefined ? undefined : BREAKS[values.break];
  if (values.help || (values.break !== undefined && !broken)) {
    print('npm run demo                     the whole story');
    print('npm run demo -- --break <link>   what the bot says when one link is broken:');
    for (const [name, { what }] of Object.entries(BREAKS)) print(`  ${name.padEnd(26)} ${what}`);
    return values.help ? 0 : 2;
  }
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-demo-'));
  const world = await openWorld({ speed: SPEED });
  seedAcme(world);
  if (broken) broken.seed?.(world);
  else beforeStory(world);
  print('Starting the playground (Slack, AWS, Datadog) and the bot …');
  const config = acmeConfig(world, { dataDir: join(dir, 'data') });
  const bot = await startBotProcess(dir, config);
  world.slack.connect({ eventsUrl: `${bot.url}/slack/events` });
  try {
    const talk = new Conversation(world, print);
    if (broken) await broken.tell(world, talk);
    else await tellStory(world, talk);
    const [effect] = world.time.errors;
    if (effect) throw new Error(`the playground itself failed: ${effect.what}`, { cause: effect.error });
    print(
      `\nThe story came true. Nothing outside this machine was touched.${broken ? '' : ' Try `npm run demo -- --help` for what breaks.'}`,
    );
    return 0;
  } catch (error) {
    print(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    print(`\nThe bot's last log lines:\n${bot.log.slice(-15).join('\n')}`);
    return 1;
  } finally {
    await bot.stop();
    if (values.record) recordTo(values.record, world.door);
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
