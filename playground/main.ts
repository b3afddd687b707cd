/**
 * `npm run playground`: Acme's world and the real bot, left running, for typing and clicking as anybody in a terminal:
 *
 *     olivia /eks-audit enable prod-a
 *     arjun click Approve
 *     exec prod-a
 *     ana click Take it
 */
import { createInterface } from 'node:readline';
import { ACCOUNT, CHANNELS, PEOPLE, REGION } from './acme.ts';
import { clusterArn } from './aws/arn.ts';
import { execIntoPod } from './aws/audit-actions.ts';
import type { TimelineEntry } from './slack/model.ts';
import { openStage } from './stage.ts';

/** Slack counts on the wall's clock, so the bot keeps the pace it keeps in production. */
const stage = await openStage({ speed: 10, timing: { message_pace: '1s', edit_pace: '1.2s' } });
const { world } = stage;
let shown = 0;
/** The last message with buttons that each person could see. */
const clickable = new Map<string, TimelineEntry>();

print(`People: ${Object.keys(PEOPLE).join(', ')}. The world runs ten times as fast as the real one. Ctrl+C ends it.`);
print('Type "olivia /eks-audit enable prod-a", then "arjun click Approve" when a card appears;');
print('"exec prod-a" opens a shell in a pod of the cluster.');
const watching = setInterval(show, 100);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void act(line).catch((error) => print(`✗ ${error.message}`)));
lines.on('close', () => void end());
process.on('SIGINT', () => void end());

async function act(line: string): Promise<void> {
  const [who = '', ...rest] = line.trim().split(/\s+/);
  if (who === 'exec') return opensShell(rest[0] ?? 'prod-a');
  const user = PEOPLE[who as keyof typeof PEOPLE];
  if (!user) return print(`Start with one of: ${Object.keys(PEOPLE).join(', ')}, or with exec.`);
  const said = rest.join(' ');
  if (said.startsWith('/')) return void (await world.slack.slash(user, CHANNELS.platform, said));
  const [verb, ...label] = rest;
  const target = clickable.get(user) ?? clickable.get('everyone');
  if (verb !== 'click' || !target) return print('Type a command ("/eks-audit …") or "click <button>".');
  await world.slack.click(user, target, label.join(' '), { confirm: 'accept' });
}

/** What an alert is made of, if audit logs, filter, Forwarder, rule and webhook are all right. */
function opensShell(cluster: string): void {
  const found = world.aws.cluster(clusterArn(REGION, ACCOUNT, cluster));
  if (!found) print(`There is no cluster ${cluster}.`);
  else if (found.record(execIntoPod())) print(`Jane opens a shell in ${cluster}.`);
  else print(`Jane opens a shell in ${cluster}; no audit log is written.`);
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
  await stage.close();
  process.exit(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
