/** CloudWatch Logs and its metrics: what each of our calls makes of the answers AWS really gives, and how often it asks. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import {
  accountSubscriptions,
  deleteFilter,
  findLogGroup,
  lastAuditEvent,
  listFilters,
  putFilter,
} from '../../src/aws/logs.ts';
import { dailyBytes } from '../../src/aws/metrics.ts';
import { openBench } from './clients.ts';

const THERE = { account: ACCOUNT, region: REGION };
const OPERATING = { role: 'operator', session: 'eks-audit-0123456789ab' } as const;

describe('CloudWatch Logs', () => {
  const GROUP = '/aws/eks/staging/cluster';

  test('a group is found by its whole name among those that begin alike', async () => {
    await using bench = await openBench(({ aws }) => {
      for (let i = 0; i < 55; i++) aws.addLogGroup({ ...THERE, name: `/aws/eks/staging/cluste${i}` });
      aws.addLogGroup({ ...THERE, name: `${GROUP}-2`, class: 'INFREQUENT_ACCESS', retentionInDays: 1 });
    });
    const { logs } = bench.clients();
    expect(await findLogGroup(logs, GROUP)).toMatchObject({ name: GROUP, class: 'STANDARD', retentionDays: undefined });
    expect(await findLogGroup(logs, '/aws/eks/staging/cluste')).toBeUndefined();
    expect(await findLogGroup(logs, `${GROUP}-2`)).toMatchObject({ class: 'INFREQUENT_ACCESS', retentionDays: 1 });
  });

  test('putting a filter says what stands in the way, and what lasts is asked once only', async () => {
    await using bench = await openBench();
    const { aws, door } = bench.world;
    const { logs, logsOnce } = bench.clients(OPERATING);
    const filter = { name: 'ours', pattern: '{ $.kind = "Event" }', destinationArn: FORWARDER };
    const asked = () => door.recorded.filter((r) => r.call.operation === 'PutSubscriptionFilter').length;
    expect(await putFilter(logsOnce, '/aws/eks/nobody/cluster', filter)).toBe('group-missing');
    const foreign = aws.addFunction({ ...THERE, name: 'closed' });
    expect(await putFilter(logsOnce, GROUP, { ...filter, destinationArn: foreign.arn })).toBe('cannot-invoke');
    const group = aws.logGroup(ACCOUNT, REGION, GROUP);
    if (group) group.abortNextChanges = 1;
    expect(await putFilter(logsOnce, GROUP, filter)).toBe('try-again');
    expect(await putFilter(logsOnce, GROUP, filter)).toBe('put');
    if (group) aws.addFilter({ group, name: 'other', destinationArn: foreign.arn });
    const before = asked();
    expect(await putFilter(logsOnce, GROUP, { ...filter, name: 'third' })).toBe('slots-full');
    expect(asked() - before).toBe(1);
    // Changing a filter of the same name needs no free slot.
    expect(await putFilter(logsOnce, GROUP, { ...filter, pattern: '' })).toBe('put');
    expect(await listFilters(logs, GROUP)).toEqual([
      { ...filter, pattern: '' },
      { name: 'other', pattern: '', destinationArn: foreign.arn },
    ]);
    await deleteFilter(logs, GROUP, 'ours');
    await deleteFilter(logs, GROUP, 'ours');
    expect((await listFilters(logs, GROUP)).map((f) => f.name)).toEqual(['other']);
    expect(await listFilters(logs, '/aws/eks/nobody/cluster')).toEqual([]);
  });

  test('empty pages are followed to the last audit event, and other streams are none', async () => {
    await using bench = await openBench();
    const { logs } = bench.clients();
    const group = bench.world.aws.logGroup(ACCOUNT, REGION, GROUP);
    const since = new Date(Date.now() - 900_000);
    const at = Date.now() - 1_000;
    group?.append('kube-apiserver-0a', [{ timestamp: at, message: 'I1120 no audit' }], at, 0);
    const other = bench.world.aws.addLogGroup({ ...THERE, name: '/aws/eks/quiet/cluster' });
    other.append('kube-apiserver-0a', [{ timestamp: at, message: 'I1120 no audit' }], at, 0);
    expect(await lastAuditEvent(logs, other.name, since)).toBeUndefined();
    group?.append('kube-apiserver-audit-0a', [{ timestamp: at, message: '{"kind":"Event"}' }], at, 0);
    if (group) group.emptyPages = 3;
    expect((await lastAuditEvent(logs, GROUP, since))?.getTime()).toBeGreaterThanOrEqual(at);
  });

  test('an account policy is read with the groups it leaves out', async () => {
    await using bench = await openBench();
    bench.world.aws.setAccountPolicy(ACCOUNT, REGION, {
      name: 'all',
      destinationArn: FORWARDER,
      pattern: '{ $.kind = "Event" }',
      selectionCriteria: `LogGroupName NOT IN ["${GROUP}"]`,
    });
    expect(await accountSubscriptions(bench.clients().logs)).toEqual([
      { name: 'all', destinationArn: FORWARDER, pattern: '{ $.kind = "Event" }', excludes: [GROUP] },
    ]);
  });

  test('the measured volume is the average of the days there are, and nothing without history', async () => {
    await using bench = await openBench();
    const { metrics } = bench.clients();
    expect(await dailyBytes(metrics, '/aws/eks/new/cluster', new Date())).toBeUndefined();
    const { metrics: store } = bench.world.aws.region(ACCOUNT, REGION);
    for (const [daysAgo, bytes] of [
      [1, 300],
      [2, 100],
    ] as const)
      store.add(
        'AWS/Logs',
        'IncomingBytes',
        { LogGroupName: '/aws/eks/old/cluster' },
        bytes,
        Date.now() - daysAgo * 86_400_000,
      );
    expect(await dailyBytes(metrics, '/aws/eks/old/cluster', new Date())).toBe(200);
  });
});
