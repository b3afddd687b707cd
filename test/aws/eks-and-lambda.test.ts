/** EKS and Lambda: what each of our calls makes of the answers AWS really gives, and how often it asks. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { describeCluster, describeUpdate, listClusterNames, setAuditLogging } from '../../src/aws/eks.ts';
import { addPermission, describeForwarder, findForwarders, getPolicy, removePermission } from '../../src/aws/lambda.ts';
import { openBench } from './clients.ts';

const THERE = { account: ACCOUNT, region: REGION };
const OPERATING = { role: 'operator', session: 'eks-audit-0123456789ab' } as const;
const TOKEN = 'a'.repeat(64);

describe('Amazon EKS', () => {
  test('clusters of all pages are listed, connected ones too, and audit is found in whichever entry it stands', async () => {
    await using bench = await openBench(({ aws }) => {
      for (let i = 0; i < 120; i++) aws.addCluster({ ...THERE, name: `c-${i}` });
      aws.addCluster({ ...THERE, name: 'on-prem', connected: true });
      aws.addCluster({
        ...THERE,
        name: 'all-on',
        logging: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
      });
    });
    const { eks } = bench.clients();
    expect(await listClusterNames(eks)).toHaveLength(124);
    const found = await Promise.all(
      ['prod-a', 'staging', 'all-on', 'on-prem', 'nobody'].map((n) => describeCluster(eks, n)),
    );
    expect(found.map((c) => c && [c.name, c.connected, c.auditEnabled])).toEqual([
      ['prod-a', false, false],
      ['staging', false, true],
      ['all-on', false, true],
      ['on-prem', true, false],
      undefined,
    ]);
  });

  test('an update is started once per token; no change, a busy cluster and a failure are told apart', async () => {
    await using bench = await openBench();
    const { eks } = bench.clients(OPERATING);
    // Long enough for a slow machine to ask all it asks meanwhile.
    bench.world.aws.updateDurationMs = 1_000_000;
    const ended = (id: string) => expect.poll(() => describeUpdate(eks, 'prod-a', id), { timeout: 10_000 });
    const started = await setAuditLogging(eks, 'prod-a', true, TOKEN);
    expect(await setAuditLogging(eks, 'prod-a', true, TOKEN)).toEqual(started);
    const updateId = started.outcome === 'started' ? started.updateId : '';
    expect(await setAuditLogging(eks, 'prod-a', true, 'b'.repeat(64))).toEqual({ outcome: 'busy', updateId });
    expect(await describeUpdate(eks, 'prod-a', updateId)).toEqual({ state: 'running' });
    await ended(updateId).toEqual({ state: 'done' });
    expect(await setAuditLogging(eks, 'prod-a', true, 'c'.repeat(64))).toEqual({ outcome: 'already-so' });

    const cluster = bench.world.aws.cluster(`arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`);
    if (cluster) cluster.failNextUpdate = { errorCode: 'EniLimitReached', errorMessage: 'The limit is reached' };
    const off = await setAuditLogging(eks, 'prod-a', false, 'd'.repeat(64));
    await ended(off.outcome === 'started' ? off.updateId : '').toEqual({
      state: 'failed',
      errors: [{ code: 'EniLimitReached', message: 'The limit is reached' }],
    });
    expect(cluster?.logs('audit')).toBe(true);
  });
});

describe('AWS Lambda', () => {
  test('Forwarders are found by any of their marks over all pages, and nothing else is', async () => {
    await using bench = await openBench(({ aws }) => {
      for (let i = 0; i < 60; i++) aws.addFunction({ ...THERE, name: `app-${i}`, env: { DD_SITE: 'datadoghq.com' } });
      aws.addFunction({ ...THERE, name: 'by-key', env: { DD_SITE: 'datadoghq.eu', DD_API_KEY_SSM_NAME: '/dd' } });
      // Applications that Datadog's serverless monitoring watches.
      const watched = { DD_SITE: 'datadoghq.com', DD_API_KEY_SECRET_ARN: 'arn:aws:secretsmanager:::secret:dd' };
      aws.addFunction({ ...THERE, name: 'watched-handler', env: { ...watched, DD_LAMBDA_HANDLER: 'app.handler' } });
      aws.addFunction({
        ...THERE,
        name: 'watched-wrapper',
        env: { ...watched, AWS_LAMBDA_EXEC_WRAPPER: '/opt/datadog_wrapper' },
      });
      aws.addFunction({
        ...THERE,
        name: 'watched-extension',
        env: watched,
        layers: [`arn:aws:lambda:${REGION}:464622532012:layer:Datadog-Extension:80`],
      });
      aws.addFunction({
        ...THERE,
        name: 'by-layer',
        layers: [`arn:aws:lambda:${REGION}:464622532012:layer:Datadog-Forwarder:110`],
      });
    });
    const found = await findForwarders(bench.clients().lambda);
    expect(found.map((f) => f.name).sort()).toEqual(['DatadogForwarder', 'by-key', 'by-layer']);
    const one = await describeForwarder(bench.clients().lambda, FORWARDER);
    expect(one).toMatchObject({ arn: FORWARDER, version: '5.4.11', site: 'datadoghq.com', environmentHidden: false });
    // Facts only: no variable of the environment leaves by another way.
    expect(Object.keys(one ?? {})).toEqual([
      'arn',
      'name',
      'version',
      'site',
      'sourceOverride',
      'forwardsLogs',
      'includePattern',
      'excludePattern',
      'storesFailedEvents',
      'environmentHidden',
    ]);
    expect(await describeForwarder(bench.clients().lambda, `${FORWARDER}X`)).toBeUndefined();
  });

  test('a statement is added once, its name taken is said, a full policy is said, and removing twice is fine', async () => {
    await using bench = await openBench();
    const { lambda } = bench.clients(OPERATING);
    const statement = {
      sid: 'ours',
      sourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`,
      sourceAccount: ACCOUNT,
    };
    expect(await addPermission(lambda, FORWARDER, statement)).toBe('added');
    expect(await addPermission(lambda, FORWARDER, { ...statement, sourceArn: 'arn:aws:s3:::other' })).toBe('exists');
    const before = await getPolicy(lambda, FORWARDER);
    expect(before.statements.map((s) => s.Sid)).toContain('ours');
    for (let i = 0, outcome = 'added'; outcome === 'added'; i++)
      outcome = await addPermission(lambda, FORWARDER, { ...statement, sid: `more-${i}-${'x'.repeat(80)}` });
    expect((await getPolicy(lambda, FORWARDER)).bytes).toBeGreaterThan(19_500);
    await removePermission(lambda, FORWARDER, 'ours');
    await removePermission(lambda, FORWARDER, 'ours');
    const bare = bench.world.aws.addFunction({ ...THERE, name: 'bare' });
    expect(await getPolicy(lambda, bare.arn)).toEqual({ statements: [], bytes: 0 });
    await removePermission(lambda, bare.arn, 'ours');
  });
});
