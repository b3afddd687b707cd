/**
 * One cheap call for each thing the reader may do. Where there is no cluster or Forwarder to ask about, a made-up one
 * serves: "there is no such thing" is an answer only the allowed get.
 */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeAccountPoliciesCommand,
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeClusterCommand, DescribeUpdateCommand, ListClustersCommand } from '@aws-sdk/client-eks';
import {
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListFunctionsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { type AwsClients, type AwsScope, partitionOf } from '../aws/clients.ts';
import { type AwsFailure, awsFailure } from '../aws/errors.ts';
import { logGroupOf } from '../clusters/cluster.ts';

export interface Probed {
  /** As in the policy: `eks:DescribeCluster`. */
  action: string;
  failure: AwsFailure | undefined;
}

interface Sample {
  cluster: string;
  logGroupName: string;
  functionArn: string;
}

const MADE_UP = 'eks-audit-doctor';
const NO_UPDATE = '00000000-0000-4000-8000-000000000000';

const PROBES: Record<string, (clients: AwsClients, sample: Sample) => Promise<unknown>> = {
  'eks:ListClusters': ({ eks }) => eks.send(new ListClustersCommand({ maxResults: 1 })),
  'eks:DescribeCluster': ({ eks }, { cluster }) => eks.send(new DescribeClusterCommand({ name: cluster })),
  'eks:DescribeUpdate': ({ eks }, { cluster }) =>
    eks.send(new DescribeUpdateCommand({ name: cluster, updateId: NO_UPDATE })),
  'logs:DescribeLogGroups': ({ logs }, { logGroupName }) =>
    logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName, limit: 1 })),
  'logs:DescribeAccountPolicies': ({ logs }) =>
    logs.send(new DescribeAccountPoliciesCommand({ policyType: 'SUBSCRIPTION_FILTER_POLICY' })),
  'logs:DescribeSubscriptionFilters': ({ logs }, { logGroupName }) =>
    logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName, limit: 1 })),
  'logs:FilterLogEvents': ({ logs }, { logGroupName }) =>
    logs.send(new FilterLogEventsCommand({ logGroupName, startTime: Date.now() - 1000, limit: 1 })),
  'lambda:ListFunctions': ({ lambda }) => lambda.send(new ListFunctionsCommand({ MaxItems: 1 })),
  'lambda:GetFunctionConfiguration': ({ lambda }, { functionArn }) =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn })),
  'lambda:GetPolicy': ({ lambda }, { functionArn }) => lambda.send(new GetPolicyCommand({ FunctionName: functionArn })),
  'lambda:ListTags': ({ lambda }, { functionArn }) => lambda.send(new ListTagsCommand({ Resource: functionArn })),
  'cloudwatch:GetMetricData': ({ metrics }, { logGroupName }) =>
    metrics.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(),
        MetricDataQueries: [
          {
            Id: 'bytes',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/Logs',
                MetricName: 'IncomingBytes',
                Dimensions: [{ Name: 'LogGroupName', Value: logGroupName }],
              },
              Period: 3600,
              Stat: 'Sum',
            },
          },
        ],
      }),
    ),
};

export const PROBED_ACTIONS: readonly string[] = Object.keys(PROBES);

/** `forwarder`: the ARN the configuration names. */
export async function probeReader(
  clients: AwsClients,
  { accountId, region }: AwsScope,
  forwarder: string | undefined,
): Promise<Probed[]> {
  const listed = await clients.eks.send(new ListClustersCommand({ maxResults: 1 })).catch(() => undefined);
  const cluster = listed?.clusters?.[0] ?? MADE_UP;
  const madeUp = `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:DatadogForwarder`;
  const sample = { cluster, logGroupName: logGroupOf({ name: cluster }), functionArn: forwarder ?? madeUp };
  return Promise.all(
    Object.entries(PROBES).map(async ([action, ask]) => {
      try {
        await ask(clients, sample);
        return { action, failure: undefined };
      } catch (error) {
        const failure = awsFailure(error);
        // "Not found", "wrong log class" and the like come after the permission was looked at.
        return { action, failure: failure.kind === 'other' ? undefined : failure };
      }
    }),
  );
}
