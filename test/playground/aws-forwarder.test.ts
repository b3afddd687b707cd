/** What the Forwarder's environment does to the logs, and what it never says. */
import { expect, test } from 'vitest';
import { anonymousRequest, execIntoPod, listAllSecrets } from '../../playground/aws/audit-actions.ts';
import { Aws } from '../../playground/aws/state.ts';
import { ACCOUNT, addCluster, addForwarder, addWiredCluster, entries, group, REGION, startAws } from './aws-world.ts';

test('DD_SOURCE overrides the source of everything and marks it', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  Object.assign(forwarder.env, { DD_SOURCE: 'eks', DD_TAGS: 'env:prod,service:audit' });
  await world.pass(15);
  expect(entries(world)[0]).toMatchObject({ ddsource: 'eks', service: 'audit' });
  expect(entries(world)[0]?.ddtags.split(',')).toEqual(expect.arrayContaining(['env:prod', 'source_overridden:true']));
});

test('DD_FORWARD_LOG=false drops everything', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  forwarder.env.DD_FORWARD_LOG = 'false';
  await world.pass(30);
  expect(entries(world)).toEqual([]);
  expect(forwarder.fate.dropped).toBeGreaterThan(0);
});

test('INCLUDE_AT_MATCH and EXCLUDE_AT_MATCH look at the message only', async () => {
  await using world = await startAws();
  const { cluster, forwarder } = addWiredCluster(world);
  Object.assign(forwarder.env, { INCLUDE_AT_MATCH: '"pods"|"secrets"', EXCLUDE_AT_MATCH: 'system:anonymous' });
  cluster.record(execIntoPod());
  cluster.record(listAllSecrets());
  cluster.record(anonymousRequest());
  await world.pass(20);
  const verbs = entries(world).map((entry) => JSON.parse(entry.message).objectRef.resource);
  expect(verbs.sort()).toEqual(['pods', 'secrets']);
});

test('an item above 512,000 bytes is dropped silently', async () => {
  await using world = await startAws();
  const { cluster, forwarder } = addWiredCluster(world);
  const event = cluster.record({ ...execIntoPod(), requestObject: { data: 'x'.repeat(520_000) } });
  await world.pass(10);
  expect(event).toBeDefined();
  expect(forwarder.fate.dropped).toBe(1);
  expect(entries(world).some((entry) => entry.message.includes(event?.auditID ?? '?'))).toBe(false);
});

test('a Forwarder older than 4.6.0 names the source itself', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit', 'scheduler'] });
  const forwarder = addForwarder(world, { version: '4.5.0' });
  world.aws.addFilter({ group: group(world), name: 'all', destinationArn: forwarder.arn });
  await world.pass(20);
  expect(new Set(entries(world).map((entry) => entry.ddsource))).toEqual(
    new Set(['kubernetes.audit', 'kube_scheduler']),
  );
});

test('the site comes from DD_SITE and is datadoghq.com without it; a key in the environment wins', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  delete forwarder.env.DD_SITE;
  await world.pass(15);
  Object.assign(forwarder.env, { DD_SITE: 'datadoghq.eu', DD_API_KEY: 'other-key' });
  await world.pass(15);
  expect(world.shipped[0]).toMatchObject({ site: 'datadoghq.com', apiKey: 'intake-key' });
  expect(world.shipped.at(-1)).toMatchObject({ site: 'datadoghq.eu', apiKey: 'other-key' });
});

test('a failed post loses the batch and ends nothing else', async () => {
  await using world = await startAws();
  let refuse = true;
  const time = world.time;
  const arrived: string[] = [];
  const aws = new Aws({
    time,
    ship({ entries }) {
      if (refuse) throw new Error('403 Forbidden');
      arrived.push(...entries.map((entry) => entry.message));
    },
  });
  const cluster = aws.addCluster({ account: ACCOUNT, region: REGION, name: 'a', logging: ['audit'] });
  const forwarder = aws.addForwarder({
    account: ACCOUNT,
    region: REGION,
    policy: 'template',
    apiKey: 'k',
    site: 'datadoghq.com',
  });
  const logGroup = aws.logGroup(ACCOUNT, REGION, '/aws/eks/a/cluster');
  if (logGroup) aws.addFilter({ group: logGroup, name: 'f', destinationArn: forwarder.arn });
  const lost = cluster.record(execIntoPod());
  await world.pass(10);
  refuse = false;
  await world.pass(20);
  expect(forwarder.fate.lost).toBeGreaterThan(0);
  expect(arrived.length).toBeGreaterThan(0);
  expect(arrived.some((message) => message.includes(lost?.auditID ?? '?'))).toBe(false);
});

test('posts carry at most 400 items', async () => {
  await using world = await startAws();
  const { cluster } = addWiredCluster(world);
  for (let index = 0; index < 450; index += 1) cluster.record(anonymousRequest({ sourceIp: `192.0.2.${index % 250}` }));
  await world.pass(5);
  expect(world.shipped.map((batch) => batch.entries.length)).toEqual(expect.arrayContaining([400]));
  expect(Math.max(...world.shipped.map((batch) => batch.entries.length))).toBe(400);
});
