/**
 * The story the demo tells: prod-a comes under audit, raises alerts people act on, and leaves again. Each wait is a claim
 * that must come true.
 */
import { loadPack } from '../src/rules/pack.ts';
import { ACCOUNT, FORWARDER, FORWARDER_SEED, REGION } from './acme.ts';
import { beforeAlert, tellAlert, tellStorm } from './alert-story.ts';
import type { Conversation } from './conversation.ts';
import { tellRules } from './rules-story.ts';
import type { World } from './world.ts';

const PROD_A = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`;
const GROUP = '/aws/eks/prod-a/cluster';

/** Acme has no Forwarder in this Region yet. */
export function beforeStory(world: World): void {
  world.aws.removeFunction(FORWARDER);
  beforeAlert(world);
}

export async function tellStory(world: World, talk: Conversation): Promise<void> {
  const { aws, datadog } = world;
  const filters = () => aws.logGroup(ACCOUNT, REGION, GROUP)?.filters.map((f) => f.filterName) ?? [];
  const auditOn = () => aws.cluster(PROD_A)?.logging.includes('audit') ?? false;
  const pack = (await loadPack()).rules.map(({ id }) => `eks-audit-id:${id}`);
  const packRules = () => datadog.rules.all.filter(({ tags }) => tags.some((tag) => pack.includes(tag))).length;

  talk.scene('Olivia, an operator, looks at the fleet and at one cluster.');
  await talk.types('olivia', '/eks-audit list');
  await talk.tells('olivia', '2 clusters');
  await talk.types('olivia', '/eks-audit status prdo');
  await talk.tells('olivia', 'Did you mean');
  await talk.types('olivia', '/eks-audit status prod-a');
  await talk.tells('olivia', 'There is no Datadog Forwarder');

  talk.scene('She asks for prod-a. Something only a person can do is missing, so that comes first.');
  await talk.types('olivia', '/eks-audit enable prod-a');
  await talk.tells('olivia', 'has to be done by hand first');
  await talk.tells('olivia', 'quickcreate');
  await talk.expects(
    'nothing was asked, switched on or billed',
    () => !world.door.writes.some((w) => !w.startsWith('slack')),
  );

  talk.scene('A colleague installs the Forwarder from that link; the bot notices.');
  aws.addForwarder(FORWARDER_SEED);
  const card = await talk.posts('approvals', '[Approve]');
  await talk.tells('olivia', 'is in place');

  talk.scene('Nobody approves their own request.');
  await talk.clicks('olivia', 'Approve', card);
  await talk.tells('olivia', 'somebody else must approve');
  await talk.expects('audit logs are still off', () => !auditOn());

  talk.scene('Arjun, an approver, reads the plan and approves. One message shows the progress.');
  await talk.clicks('arjun', 'Approve', card);
  await talk.tells('arjun', 'Approved');
  await talk.posts('approvals', 'is under audit');
  await talk.tells('olivia', 'is under audit');
  await talk.expects('exactly one filter sends the audit events', () => filters().length === 1);
  await talk.expects('Datadog has events of this cluster', () =>
    datadog.logs.indexed.some((log) => log.event.host === GROUP),
  );
  await talk.expects(
    `the ${pack.length} detection rules of the pack exist, each once`,
    () => packRules() === pack.length,
  );

  talk.scene('Asked again, there is nothing to do.');
  await talk.types('olivia', '/eks-audit enable prod-a');
  await talk.tells('olivia', 'Nothing to do');

  talk.scene('What happens in the cluster, as Datadog has it.');
  await talk.types('ana', '/eks-audit logs prod-a');
  await talk.tells('ana', 'audit events');

  await tellAlert(world, talk);
  await tellStorm(world, talk);
  await tellRules(world, talk);

  talk.scene('Later prod-a is to leave. Aiko, an approver in Tokyo, approves.');
  await talk.types('olivia', '/eks-audit disable prod-a');
  await talk.tells('olivia', 'waiting for approval');
  const farewell = await talk.posts('approvals', 'Take out of audit');
  await talk.clicks('aiko', 'Approve', farewell);
  await talk.tells('aiko', '承認しました');
  await talk.posts('approvals', 'is out of audit');
  await talk.tells('olivia', 'is out of audit');
  await talk.expects('our filter is gone', () => filters().length === 0);
  await talk.expects('audit logs stay on: switching them off is a request of its own', () => auditOn());
  await talk.expects('rules stay, because staging uses them', () => packRules() === pack.length);

  talk.scene('And what was done stays on record.');
  await talk.types('olivia', '/eks-audit runs prod-a');
  await talk.tells('olivia', 'newest first');
}
