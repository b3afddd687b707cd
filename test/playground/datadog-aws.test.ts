import { AWSIntegrationApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/AWSIntegrationApi.js';
import { AWSLogsIntegrationApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/AWSLogsIntegrationApi.js';
import { expect, test } from 'vitest';
import { API_KEY, APP_KEY, failureOf, openDatadog } from './datadog-world.ts';

const FORWARDER = 'arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder';

test('an account that is not integrated is an empty list', async () => {
  await using world = await openDatadog();
  world.datadog.addAwsAccount({ accountId: '111122223333' });
  const aws = new AWSIntegrationApi(world.configuration());
  expect((await aws.listAWSAccounts({ awsAccountId: '444455556666' })).data).toEqual([]);
  expect((await aws.listAWSAccounts()).data).toHaveLength(1);
});

test('an integrated account shows its role, external id, regions and Forwarders', async () => {
  await using world = await openDatadog();
  world.datadog.addAwsAccount({
    accountId: '111122223333',
    roleName: 'DatadogIntegrationRole',
    regions: ['us-east-1'],
    lambdas: [FORWARDER],
    sources: ['eks'],
  });
  const aws = new AWSIntegrationApi(world.configuration());
  const [account] = (await aws.listAWSAccounts({ awsAccountId: '111122223333' })).data ?? [];
  expect(account?.type).toBe('account');
  expect(account?.attributes).toMatchObject({
    awsAccountId: '111122223333',
    awsPartition: 'aws',
    authConfig: { roleName: 'DatadogIntegrationRole', externalId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    awsRegions: { includeOnly: ['us-east-1'] },
    logsConfig: { lambdaForwarder: { lambdas: [FORWARDER], sources: ['eks'] } },
  });
  expect(account?.attributes?.createdAt).toBeInstanceOf(Date);
});

test('a change replaces the lists it names and leaves everything else', async () => {
  await using world = await openDatadog();
  const { id } = world.datadog.addAwsAccount({ accountId: '111122223333', lambdas: ['old'], sources: ['s3'] });
  const aws = new AWSIntegrationApi(world.configuration());
  const changed = await aws.updateAWSAccount({
    awsAccountConfigId: id,
    body: {
      data: {
        type: 'account',
        attributes: { awsAccountId: '111122223333', logsConfig: { lambdaForwarder: { lambdas: [FORWARDER] } } },
      },
    },
  });
  expect(changed.data.attributes).toMatchObject({
    authConfig: { roleName: 'DatadogIntegrationRole' },
    awsRegions: { includeAll: true },
    logsConfig: { lambdaForwarder: { lambdas: [FORWARDER], sources: ['s3'] } },
  });
  expect((await aws.getAWSAccount({ awsAccountConfigId: id })).data.id).toBe(id);
  expect(world.door.writes).toEqual(['datadog UpdateAWSAccount']);
});

test('creating an account twice conflicts, and a deleted one is gone', async () => {
  await using world = await openDatadog();
  const aws = new AWSIntegrationApi(world.configuration());
  const body = {
    data: {
      type: 'account' as const,
      attributes: {
        awsAccountId: '123456789012',
        awsPartition: 'aws' as const,
        authConfig: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
      },
    },
  };
  const { data } = await aws.createAWSAccount({ body });
  expect(data.attributes?.authConfig).toEqual({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
  expect(await failureOf(aws.createAWSAccount({ body }))).toMatchObject({
    code: 409,
    body: { errors: [expect.anything()] },
  });
  await aws.deleteAWSAccount({ awsAccountConfigId: data.id });
  expect(await failureOf(aws.getAWSAccount({ awsAccountConfigId: data.id }))).toMatchObject({ code: 404 });
});

test('errors name what is wrong with the account id', async () => {
  await using world = await openDatadog();
  const headers = { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY };
  const answers = await Promise.all(
    ['not-a-uuid', '00000000-0000-4000-a000-000000000000'].map(async (id) => {
      const answer = await fetch(`${world.url}/api/v2/integration/aws/accounts/${id}`, { headers });
      return answer.json();
    }),
  );
  expect(answers).toEqual([
    {
      errors: [
        {
          status: '400',
          title: 'Invalid Parameter',
          detail: 'invalid parameter "aws_account_config_id" in "path"; expected type "uuid"',
        },
      ],
    },
    {
      errors: [{ status: '404', title: 'Account not found', detail: 'AWS account with provided id is not integrated' }],
    },
  ]);
});

test('log services say whether Datadog can subscribe EKS by itself', async () => {
  await using world = await openDatadog();
  const services = new AWSLogsIntegrationApi(world.configuration());
  const listed = async () => (await services.listAWSLogsServices()).data?.attributes?.logsServices;
  expect(await listed()).toContain('eks');
  world.datadog.awsLogServices = ['lambda', 's3'];
  expect(await listed()).toEqual(['lambda', 's3']);
});

test('a new external id is different each time', async () => {
  await using world = await openDatadog();
  const aws = new AWSIntegrationApi(world.configuration());
  const ids = [await aws.createNewAWSExternalID(), await aws.createNewAWSExternalID()].map((answer) => answer.data.id);
  expect(new Set(ids).size).toBe(2);
});
