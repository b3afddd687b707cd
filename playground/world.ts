/**
 * The world: Slack, AWS and Datadog on one clock, joined by cause and effect. EKS writes audit events only while audit
 * is on, a filter delivers only where it matches and may invoke, the Forwarder ships to Datadog's intake, an enabled
 * rule that matches raises a signal, and a webhook that is right delivers it.
 */
import type { Clock } from '../src/clock.ts';
import { awsService } from './aws/routes.ts';
import { Aws } from './aws/state.ts';
import { datadogService } from './datadog/routes.ts';
import { Datadog } from './datadog/state.ts';
import { Door } from './http.ts';
import { slackService } from './slack/routes.ts';
import { Slack } from './slack/state.ts';
import { WorldTime } from './time.ts';

export const SECRETS = {
  slackBotToken: 'xoxb-playground-bot-token',
  slackSigningSecret: 'playground-signing-secret',
  slackAppToken: 'xapp-playground-app-token',
  datadogApiKey: 'playground-datadog-api-key',
  datadogAppKey: 'playground-datadog-app-key',
  awsSecretKey: 'playground-aws-secret-key',
  webhookToken: 'playground-webhook-token-0123456789',
} as const;

export interface World extends AsyncDisposable {
  time: WorldTime;
  door: Door;
  aws: Aws;
  datadog: Datadog;
  slack: Slack;
  urls: { aws: string; datadog: string; slack: string };
  close(): Promise<void>;
}

/** Opens an empty world; `speed` divides every delay of the real one. */
export async function openWorld(options: { speed?: number; clock?: Clock } = {}): Promise<World> {
  const time = new WorldTime(options);
  const door = new Door();
  const datadog = new Datadog({ time });
  const aws = new Aws({ time, ship: (batch) => datadog.intake(batch) });
  const slack = new Slack({
    time,
    signingSecret: SECRETS.slackSigningSecret,
    botToken: SECRETS.slackBotToken,
    appToken: SECRETS.slackAppToken,
  });
  const [awsUrl, datadogUrl, slackUrl] = await Promise.all([
    door.open(awsService(aws)),
    door.open(datadogService(datadog)),
    door.open(slackService(slack)),
  ]);
  slack.publicUrl = slackUrl;
  const close = async () => {
    time.stop();
    await datadog.close();
    await slack.close();
    await door.close();
  };
  return {
    time,
    door,
    aws,
    datadog,
    slack,
    urls: { aws: awsUrl, datadog: datadogUrl, slack: slackUrl },
    close,
    [Symbol.asyncDispose]: close,
  };
}
