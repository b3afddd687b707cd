/**
 * The second half of the demo's story: somebody opens a shell in a pod of the cluster that is under audit now, and what
 * follows from it reaches people who act on it. Then forty alerts at once.
 */
import { ACCOUNT, PEOPLE, REGION } from './acme.ts';
import { execIntoPod } from './aws/audit-actions.ts';
import type { Conversation } from './conversation.ts';
import type { Signal } from './datadog/signal.ts';
import type { TimelineEntry } from './slack/model.ts';
import type { World } from './world.ts';

const PROD_A = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`;
export const EXEC_RULE = 'Command executed in a pod (exec)';
const STORM_RULE = 'Secrets of all namespaces listed by a new actor';
const STORM_SIGNALS = 40;
/** With 40 of them less than a minute of the world. */
const STORM_EVERY_MS = 1_000;
/** Five posts at most: so many cards, then one for all the others. */
const MOST_POSTS = 5;

/** Ana has an account in Datadog too, so that she can be assigned there. */
export function beforeAlert({ slack, datadog }: World): void {
  datadog.addUser({ email: slack.user(PEOPLE.ana).email, name: 'Ana' });
}

/** `kubectl exec` by this person, and the audit event EKS writes of it, if it does. */
export function runsExec({ aws }: World, talk: Conversation, session: string): void {
  const pod = 'api-7c9d8b6f5-x2x4q';
  talk.does(`${session}, in a terminal`, `kubectl --context prod-a --namespace payments exec -it ${pod} -- sh`);
  aws.cluster(PROD_A)?.record(execIntoPod({ by: { session }, pod, command: ['sh'] }));
}

export async function tellAlert(world: World, talk: Conversation): Promise<void> {
  const { datadog } = world;
  talk.scene('Somebody opens a shell in a pod. Audit log, Forwarder, Datadog’s rule and webhook make an alert of it.');
  runsExec(world, talk, 'jane.doe@example.com');
  const card = await talk.posts('security', EXEC_RULE);
  const signal = await theSignal(world, talk, 'jane.doe-example.com');
  await talk.expects('Datadog rang the bot, and was thanked', () =>
    datadog.sender.deliveries.some(({ signalId, status }) => signalId === signal.id && status === 202),
  );

  talk.scene('Ana, an analyst, takes it. Datadog knows at once whose it is.');
  await talk.clicks('ana', 'Take it', card);
  await talk.tells('ana', 'You took 1 signal');
  await talk.posts('security', 'is working on it', 'took the signal in Slack');
  await talk.expects('in Datadog it is under review, assigned to Ana', () => {
    const { state, assignee } = signal.triage;
    return state === 'under_review' && assignee?.name === 'Ana';
  });

  talk.scene('She looks at what happened around it.');
  await talk.clicks('ana', 'Show events', card);
  await talk.posts('security', 'payments/pods/exec');

  talk.scene('It was Jane, for a ticket. Ana archives it and says so.');
  await talk.clicks('ana', 'Archive…', card);
  const dialog = await talk.dialog('ana', 'This acts on the open signal');
  await talk.fillsIn('ana', dialog, {
    Reason: 'Testing or maintenance',
    Comment: 'Jane restarted a stuck worker, OPS-1234.',
  });
  await talk.tells('ana', 'Archived 1 signal');
  await talk.posts('security', 'archived the signal in Slack', 'It is archived');
  await talk.expects('Datadog has the reason and the comment, with her name', () => {
    const { state, archiveReason, archiveComment = '' } = signal.triage;
    const named = archiveComment.includes('OPS-1234') && archiveComment.includes('by ana');
    return state === 'archived' && archiveReason === 'testing_or_maintenance' && named;
  });

  talk.scene('Every alert has a receipt.');
  await talk.types('ana', `/eks-audit where ${signal.id}`);
  const receipt = await talk.tells('ana', 'Received from Datadog’s webhook');
  await talk.expects('it tells the whole way, from the webhook to the archive', () =>
    ['Read from Datadog', 'Posted in', 'took it in Slack', 'archived in Slack'].every((said) =>
      world.slack.render(receipt).includes(said),
    ),
  );
}

export async function tellStorm(world: World, talk: Conversation): Promise<void> {
  const { datadog, time, slack } = world;
  const security = (entry: TimelineEntry) => slack.channel('#security').id === entry.channel;
  const from = slack.timeline.length;
  const since = () => slack.timeline.slice(from).filter(security);
  talk.scene(`A stolen key tries one cluster after the other: ${STORM_SIGNALS} alerts in less than a minute.`);
  for (let i = 1; i <= STORM_SIGNALS; i++)
    time.later(i * STORM_EVERY_MS, 'a signal of the storm', () => {
      const cluster = `edge-${String(i).padStart(2, '0')}`;
      datadog.raiseSignal({ rule: STORM_RULE, action: 'secrets', severity: 'medium', cluster, user: 'ci-deployer' });
    });
  const card = await talk.posts('security', 'Signal storm');
  await talk.posts('security', 'The signal storm is over');
  const posts = since().filter(({ kind, message }) => kind === 'post' && !message?.threadTs);
  await talk.expects(`${posts.length} messages for ${STORM_SIGNALS} alerts`, () => posts.length <= MOST_POSTS);

  talk.scene('Nothing is left out: the card leads to every one of them.');
  const shown = slack.findMessage(card.message?.channel ?? '', card.message?.ts ?? '');
  const [, label = ''] = /\[(Show all \d+)\]/.exec(shown ? slack.render(shown) : '') ?? [];
  await talk.clicks('ana', label, card);
  const first = await talk.dialog('ana', 'Page 1 of 2');
  const reached = [...posts.map((entry) => slack.render(entry)), slack.render(first)];
  await talk.turnsPage('ana', 'Next', first);
  reached.push(slack.render(await talk.dialog('ana', 'Page 2 of 2')));
  await talk.closes('ana');
  const clusters = new Set(reached.join('\n').match(/edge-\d\d/g));
  await talk.expects(`all ${STORM_SIGNALS} clusters can be reached`, () => clusters.size === STORM_SIGNALS);

  talk.scene('The storm is over: the next alert has its own message again.');
  runsExec(world, talk, 'bob@example.com');
  await talk.posts('security', EXEC_RULE);
  await theSignal(world, talk, 'bob-example.com');
  await talk.types('ana', '/eks-audit signals');
  await talk.tells('ana', 'open signal groups');
}

/** The signal about this person: one, however many rules and webhooks there are. */
async function theSignal({ datadog }: World, talk: Conversation, session: string): Promise<Signal> {
  const about = () => datadog.signals.filter(({ entities }) => entities.some((name) => name.endsWith(session)));
  await talk.expects(`Datadog raised one signal about ${session}`, () => about().length === 1);
  const [signal] = about();
  if (!signal) throw new Error(`no signal about ${session}`);
  return signal;
}
