/** As whom AWS is called, and what its refusals mean. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../playground/acme.ts';
import { awsError, throttled } from '../../playground/aws/wire.ts';
import { partitionOf } from '../../src/aws/clients.ts';
import { describeCluster } from '../../src/aws/eks.ts';
import { awsFailure } from '../../src/aws/errors.ts';
import { callerIdentity } from '../../src/aws/identity.ts';
import { openBench } from './clients.ts';

const OPERATING = { role: 'operator', session: 'eks-audit-0123456789ab' } as const;

describe('sessions and failures', () => {
  test('each session is assumed once, with the ExternalId and its own name, also for switching off', async () => {
    await using bench = await openBench();
    const name = async (session: Parameters<typeof bench.clients>[0]) =>
      (await callerIdentity(bench.clients(session))).arn;
    expect(await name(undefined)).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditReader/eks-audit-read`);
    expect(await name(OPERATING)).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditOperator/eks-audit-0123456789ab`);
    expect(await name({ role: 'audit_off', session: 'eks-audit-off' })).toContain('/EksAuditOff/eks-audit-off');
    expect(bench.clients(OPERATING)).toBe(bench.clients(OPERATING));
    expect(bench.world.door.recorded.filter((r) => r.call.operation === 'AssumeRole')).toHaveLength(3);
    expect(() => bench.aws.clients({ accountId: '999999999999', region: REGION })).toThrow('not in the configuration');
  });

  test('passing trouble is tried again by the SDK, and what stays is told apart by what to do about it', async () => {
    await using bench = await openBench();
    const { door, aws } = bench.world;
    const describe = { service: 'eks', operation: 'DescribeCluster' };
    door.fail({ ...describe, answer: throttled('eks') });
    door.fail({ ...describe, answer: 'reset' });
    expect(await describeCluster(bench.clients().eks, 'prod-a')).toMatchObject({ name: 'prod-a' });

    const failing = async (change: () => void) => {
      change();
      return awsFailure(await describeCluster(bench.clients().eks, 'prod-a').catch((error: unknown) => error));
    };
    const denied = await failing(() =>
      door.fail({
        ...describe,
        answer: awsError(
          'eks',
          'AccessDeniedException',
          `User: arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditReader/eks-audit-read is not authorized to perform: eks:DescribeCluster on resource: planted-secret`,
        ),
      }),
    );
    expect(denied).toMatchObject({ kind: 'denied', action: 'eks:DescribeCluster' });
    expect(denied.message).toContain('[secret]');
    const server = await failing(() =>
      door.fail({ ...describe, times: 4, answer: awsError('eks', 'ServerException', 'Internal') }),
    );
    expect(server.kind).toBe('unreachable');
    expect((await failing(() => aws.disabledRegions.add(REGION))).kind).toBe('credentials');
    aws.disabledRegions.clear();
    const role = aws.identities.role(`arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`);
    if (role) role.externalId = 'another-one';
    const refused = await describeCluster(bench.clients(OPERATING).eks, 'prod-a').catch((error: unknown) => error);
    expect(awsFailure(refused)).toMatchObject({ kind: 'credentials', action: 'sts:AssumeRole' });
  });

  test.each([
    ['us-east-1', 'aws'],
    ['ap-northeast-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
  ])('%s is in partition %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });
});
