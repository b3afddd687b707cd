/**
 * The runbook's two rules, written in Slack: who opens a shell for the first time, and more shells in an hour than
 * anybody needs. Each is tried on what happened in the cluster, and is in Datadog only after somebody else's approval.
 */
import { ACCOUNT, REGION } from './acme.ts';
import { execIntoPod } from './aws/audit-actions.ts';
import type { Conversation } from './conversation.ts';
import type { Rule } from './datadog/rule.ts';
import type { World } from './world.ts';

/** As the runbook has it, its typing error included. */
const RUNBOOK = 'source:kubernetes.aduit @objectRef.resource:pods @objectRef.subresource:exec @http.method:create';
/** `kubectl` of today opens a shell by the other verb. */
const BOTH_VERBS =
  'source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)';
const PROD_A = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`;
const SHARED_NAME = 'kubernetes-admin';
const NEW_PERSON = 'Somebody new opens a shell in a pod';
const MANY_SHELLS = 'More shells in an hour than anybody needs';

export async function tellRules(world: World, talk: Conversation): Promise<void> {
  talk.scene(
    'Two more shells: a pipeline with a name of its own each time, and a colleague under the name all admins share.',
  );
  await moreShells(world, talk);

  talk.scene('The runbook’s first rule: a new value of the user. Olivia pastes the query as it stands there.');
  await talk.types('olivia', `/eks-audit rules export ${RUNBOOK}`);
  const query = await talk.dialog('olivia', 'Step 1 of 3');
  await talk.fillsIn('olivia', query, { 'What is to raise a signal?': 'Something never seen before (new value)' });
  const tooFew = await talk.dialog('olivia', '`@http.method:(create OR get)`');

  talk.scene('Tried on real events, it misses how kubectl opens a shell today. She goes back and takes both verbs.');
  await talk.turnsPage('olivia', 'Back', tooFew);
  const again = await talk.dialog('olivia', 'Step 1 of 3');
  await talk.fillsIn('olivia', again, { Query: BOTH_VERBS });
  const detail = await talk.dialog('olivia', 'It learns for 7 days');
  await talk.expects('it says what such a rule misses: shared names, and names with a session in them', () =>
    ['is a name several people share', 'is new with every session', 'User Exec into a Pod'].every((said) =>
      world.slack.render(detail).includes(said),
    ),
  );
  await talk.fillsIn('olivia', detail, { 'Name of the rule': NEW_PERSON, Severity: 'high' });
  const ask = await talk.dialog('olivia', 'Datadog accepts this rule');
  await talk.fillsIn('olivia', ask, { 'Why?': 'The runbook asks for it' });
  const newValue = await approved(world, talk, NEW_PERSON);
  await talk.expects(
    'it is in Datadog, on, and learns the users of each cluster',
    () => newValue().options.detectionMethod === 'new_value' && newValue().queries[0]?.metrics?.[0] === '@usr.name',
  );

  talk.scene('The second one: she looks at events in the Log Explorer and pastes the page’s address.');
  await talk.types('olivia', `/eks-audit rules export ${logExplorer(world)}`);
  const pasted = await talk.dialog('olivia', 'Step 1 of 3');
  await talk.fillsIn('olivia', pasted, { 'What is to raise a signal?': 'So many events (threshold)' });
  const counted = await talk.dialog('olivia', 'Step 2 of 3');
  await talk.fillsIn('olivia', counted, {
    'Name of the rule': MANY_SHELLS,
    'More than how many?': '10',
    Within: '1 hour',
    'A signal ends after this time without a match': '1 hour',
  });
  const preview = await talk.dialog('olivia', 'Datadog accepts this rule');
  await talk.fillsIn('olivia', preview, { 'Why?': 'The runbook asks for it' });
  const threshold = await approved(world, talk, MANY_SHELLS);
  await talk.expects(
    'it is in Datadog, on, and counts over an hour',
    () => threshold().options.detectionMethod === 'threshold' && threshold().options.evaluationWindow === 3600,
  );
}

async function moreShells({ aws, datadog }: World, talk: Conversation): Promise<void> {
  const older = execIntoPod({ legacy: true });
  const user = { username: SHARED_NAME, groups: ['system:masters', 'system:authenticated'] };
  aws.cluster(PROD_A)?.record(execIntoPod({ by: { session: 'pipeline-4711' } }));
  aws.cluster(PROD_A)?.record({ ...older, user });
  await talk.expects('Datadog has both', () =>
    ['pipeline-4711', SHARED_NAME].every((name) =>
      datadog.logs.indexed.some(({ event }) => JSON.stringify(event).includes(`${name}"`)),
    ),
  );
}

/** Nothing is created before the approval. */
async function approved({ datadog }: World, talk: Conversation, name: string): Promise<() => Rule> {
  const card = await talk.posts('approvals', name);
  await talk.expects('nothing was created yet', () => datadog.rule(name) === undefined);
  await talk.clicks('arjun', 'Approve', card);
  await talk.tells('olivia', 'The rule is in Datadog');
  await talk.expects('the rule is in Datadog', () => datadog.rule(name)?.isEnabled === true);
  return () => {
    const rule = datadog.rule(name);
    if (!rule) throw new Error(`no rule ${name}`);
    return rule;
  };
}

/** What a browser has in its address bar when somebody has looked at the last hour. */
function logExplorer({ time }: World): string {
  const page = new URL('https://app.datadoghq.com/logs');
  const to = Math.floor(time.now());
  page.search = String(
    new URLSearchParams({ query: BOTH_VERBS, from_ts: `${to - 3_600_000}`, to_ts: `${to}`, live: 'false' }),
  );
  return page.href;
}
