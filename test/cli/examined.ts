/** Parts of doctor's examination against a terminal's world, and what they complain about. */
import { pino } from 'pino';
import { createAws } from '../../src/aws/clients.ts';
import { loadConfig } from '../../src/config.ts';
import { createDatadog } from '../../src/datadog/client.ts';
import { examineAws } from '../../src/doctor/aws.ts';
import { examineDatadog } from '../../src/doctor/datadog.ts';
import type { Result } from '../../src/doctor/result.ts';
import { examineSlack } from '../../src/doctor/slack.ts';
import { chosenRules } from '../../src/rules/chosen.ts';
import { createWebClient } from '../../src/slack/app.ts';
import type { Terminal } from './terminal.ts';

/** What is not as it should be, with the remedy, one after the other. */
export function complaints(results: readonly Result[]): string {
  const wrong = results.filter(({ ok }) => ok !== 'yes');
  return wrong.map(({ check, ok, what, fix }) => `${ok} ${check}: ${what.en}\n   ${fix?.en ?? ''}`).join('\n');
}

export async function slackOf(terminal: Terminal, heard = true): Promise<Result[]> {
  const config = loadConfig(terminal.env);
  const client = createWebClient(config, pino({ level: 'silent' }), (text) => text);
  return examineSlack({ config, client, heard });
}

export async function awsOf(terminal: Terminal): Promise<Result[]> {
  const config = loadConfig(terminal.env);
  const aws = createAws(config);
  const results = await examineAws({ config, aws });
  aws.close();
  return results.filter(({ check }) => check !== 'aws.writes');
}

export async function datadogOf(terminal: Terminal): Promise<Result[]> {
  const config = loadConfig(terminal.env);
  const datadog = createDatadog(config);
  const pack = await chosenRules(config);
  const results = await examineDatadog({ config, datadog, pack });
  await datadog.close();
  return results;
}
