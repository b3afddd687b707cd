/**
 * The AWS integration (v2): accounts, their Forwarder configuration, and the services Datadog can subscribe itself.
 */
import type { Answer } from '../http.ts';
import { jsonApi, noContent, titledError } from './answers.ts';
import type { AwsAccount } from './aws-accounts.ts';
import { PARTITIONS } from './aws-accounts.ts';
import type { KeyedRequest, Route } from './route.ts';
import { attributesOf } from './route.ts';

const ACCOUNTS = '/api/v2/integration/aws/accounts';
const ACCOUNT = `${ACCOUNTS}/{aws_account_config_id}`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const awsRoutes: readonly Route[] = [
  {
    operation: 'ListAWSAccounts',
    method: 'GET',
    path: ACCOUNTS,
    handle: ({ datadog, call }) => {
      const wanted = call.query.get('aws_account_id');
      const accounts = datadog.awsAccounts.all.filter(
        ({ attributes }) => wanted === null || attributes.aws_account_id === wanted,
      );
      return jsonApi(200, { data: accounts.map(data) });
    },
  },
  {
    operation: 'CreateAWSAccount',
    method: 'POST',
    path: ACCOUNTS,
    handle: ({ datadog, body }) => {
      const sent = attributesOf(body);
      const problem = partitionProblem(sent);
      if (problem) return problem;
      if (datadog.awsAccounts.all.some((account) => account.attributes.aws_account_id === sent.aws_account_id)) {
        return titledError(409, 'Account already exists', 'AWS account with provided id already exists');
      }
      return jsonApi(200, { data: data(datadog.awsAccounts.create(sent)) });
    },
  },
  {
    operation: 'GetAWSAccount',
    method: 'GET',
    path: ACCOUNT,
    handle: (request) => withAccount(request, (account) => jsonApi(200, { data: data(account) })),
  },
  {
    operation: 'UpdateAWSAccount',
    method: 'PATCH',
    path: ACCOUNT,
    handle: (request) =>
      withAccount(request, (account) => {
        const sent = attributesOf(request.body);
        const problem = partitionProblem(sent);
        if (problem) return problem;
        request.datadog.awsAccounts.update(account, sent);
        return jsonApi(200, { data: data(account) });
      }),
  },
  {
    operation: 'DeleteAWSAccount',
    method: 'DELETE',
    path: ACCOUNT,
    handle: (request) =>
      withAccount(request, (account) => {
        request.datadog.awsAccounts.remove(account);
        return noContent();
      }),
  },
  {
    operation: 'CreateNewAWSExternalID',
    method: 'POST',
    path: '/api/v2/integration/aws/generate_new_external_id',
    handle: ({ datadog }) => {
      const id = datadog.awsAccounts.newExternalId();
      return jsonApi(200, { data: { id, type: 'external_id', attributes: { external_id: id } } });
    },
  },
  {
    operation: 'ListAWSLogsServices',
    method: 'GET',
    path: '/api/v2/integration/aws/logs/services',
    handle: ({ datadog }) => {
      const attributes = { logs_services: datadog.awsLogServices };
      return jsonApi(200, { data: { id: 'logs_services', type: 'logs_services', attributes } });
    },
  },
];

function withAccount({ datadog, params }: KeyedRequest, then: (account: AwsAccount) => Answer): Answer {
  const id = params.aws_account_config_id ?? '';
  if (!UUID.test(id)) {
    const detail = 'invalid parameter "aws_account_config_id" in "path"; expected type "uuid"';
    return titledError(400, 'Invalid Parameter', detail);
  }
  const account = datadog.awsAccounts.all.find((candidate) => candidate.id === id);
  if (!account) return titledError(404, 'Account not found', 'AWS account with provided id is not integrated');
  return then(account);
}

function partitionProblem(sent: Record<string, unknown>): Answer | undefined {
  const partition = sent.aws_partition;
  if (partition === undefined || PARTITIONS.includes(String(partition))) return undefined;
  return titledError(400, 'Bad Request', 'invalid value', { aws_partition: `invalid partition: ${partition}` });
}

function data(account: AwsAccount): unknown {
  return { id: account.id, type: 'account', attributes: account.attributes };
}
