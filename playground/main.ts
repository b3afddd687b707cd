/**
 * `npm run playground`: Acme's world and the real bot, left running, for typing and clicking as anybody in a terminal:
 *
 *     olivia /eks-audit enable prod-a
 *     arjun click Approve
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { acmeConfig, CHANNELS, PEOPLE, seedAcme } from './acme.ts';
import { startBotProcess } from './bot-process.ts';
import type { TimelineEntry } from './slack/model.ts';
import { openWorld } from './world.ts';

const dir = mkdtempSync(join(tmpdir(), 'eks-audit-playground-'));
const world = await openWorld({ speed: 10 });
seedAcme(world);
const bot = await startBotProcess(dir, acmeConfig(world, { dataDir: join(dir, 'data') }));
world.slack.connect({ eventsUrl: `${bot.url}/slack/events` });
let shown = 0;
/** The last message with buttons that each person could see. */
const clickable = new Map<string, TimelineEntry>();

print(`People: ${Object.keys(PEOPLE).join(', ')}. The world runs ten times as fast as the real one. Ctrl+C ends it.`);
print('Type "olivia /eks-audit help", then "arjun click Approve" when a card appears.');
const watching = setInterval(show, 100);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void act(line).catch((error) => print(`✗ ${error.message}`)));
lines.on('close', () => void end());
process.on('SIGINT', () => void end());

async function act(line: string): Promise<void> {
  const [who = '', ...rest] = line.trim().split(/\s+/);
  const user = PEOPLE[who as keyof typeof PEOPLE];
  if (!user) return print(`Start with one of: ${Object.keys(PEOPLE).join(', ')}`);
  const said = rest.join(' ');
  if (said.startsWith('/')) return void (await world.slack.slash(user, CHANNELS.platform, said));
  const [verb, ...label] = rest;
  const target = clickable.get(user) ?? clickable.get('everyone');
  if (verb !== 'click' || !target) return print('Type a command ("/eks-audit …") or "click <button>".');
  await world.slack.click(user, target, label.join(' '), { confirm: 'accept' });
}

function show(): void {
  for (; shown < world.slack.timeline.length; shown++) {
    const entry = world.slack.timeline[shown];
    if (!entry) continue;
    const text = world.slack.render(entry);
    if (/\[[^\]]+\]\s*$/.test(text)) clickable.set(entry.message?.ephemeralFor ?? 'everyone', entry);
    print(`\n${text}`);
  }
}

async function end(): Promise<void> {
  clearInterval(watching);
  lines.close();
  await bot.stop();
  await world.close();
  rmSync(dir, { recursive: true, force: true });
  process.exit(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
