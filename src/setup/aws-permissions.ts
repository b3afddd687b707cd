/**
 * What each AWS role may do, and nothing beyond the calls this program makes: a test compares these statements with
 * the source and runs whole journeys under them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */

/** A value of CloudFormation: a text, or a text with `${AWS::…}` in it. */
export type Substituted = string | { 'Fn::Sub': string };

export interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: Substituted | Substituted[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

const CLUSTERS = sub('eks:*', 'cluster/*');
const EKS_LOG_GROUPS = [sub('logs:*', 'log-group:/aws/eks/*'), sub('logs:*', 'log-group:/aws/eks/*:*')];
/** IAM compares some calls with the group's ARN, others with the ARN and a trailing `:*`. */
const AUDIT_LOG_GROUPS = [
  sub('logs:*', 'log-group:/aws/eks/*/cluster'),
  sub('logs:*', 'log-group:/aws/eks/*/cluster:*'),
];

/** Held by all three roles: every change is preceded and followed by looking. */
export const READ: Statement[] = [
  {
    Sid: 'Discover',
    Effect: 'Allow',
    Action: [
      'cloudwatch:GetMetricData',
      'eks:ListClusters',
      'lambda:ListFunctions',
      'logs:DescribeAccountPolicies',
      'logs:DescribeLogGroups',
    ],
    Resource: '*',
  },
  { Sid: 'Clusters', Effect: 'Allow', Action: ['eks:DescribeCluster', 'eks:DescribeUpdate'], Resource: CLUSTERS },
  {
    Sid: 'AuditLogs',
    Effect: 'Allow',
    Action: ['logs:DescribeSubscriptionFilters', 'logs:FilterLogEvents'],
    Resource: EKS_LOG_GROUPS,
  },
  {
    Sid: 'Forwarder',
    Effect: 'Allow',
    Action: ['lambda:GetFunctionConfiguration', 'lambda:GetPolicy', 'lambda:ListTags'],
    Resource: sub('lambda:*', 'function:*'),
  },
];

/** Takes back what was made for a cluster. Needed with and without switching audit logs off. */
function takeBack(functions: readonly string[]): Statement[] {
  return [
    { Sid: 'Unsubscribe', Effect: 'Allow', Action: ['logs:DeleteSubscriptionFilter'], Resource: AUDIT_LOG_GROUPS },
    invoke('ForbidInvocation', 'lambda:RemovePermission', functions),
  ];
}

/** `functions`: names of Forwarders, with `*` as wildcard. */
export function operate(functions: readonly string[]): Statement[] {
  return [
    // Whether the keys of unnamed log types are absent from a request AWS does not say, so none is asked to be.
    updateLogging('SwitchAuditLogsOn', true),
    {
      Sid: 'Subscribe',
      Effect: 'Allow',
      Action: ['logs:PutRetentionPolicy', 'logs:PutSubscriptionFilter'],
      Resource: AUDIT_LOG_GROUPS,
    },
    invoke('AllowInvocation', 'lambda:AddPermission', functions),
    ...takeBack(functions),
  ];
}

/** Apart from the operator, because it makes the SIEM blind. */
export function switchOff(functions: readonly string[]): Statement[] {
  return [updateLogging('SwitchAuditLogsOff', false), ...takeBack(functions)];
}

/** The one update of a cluster that is allowed is of its audit logs: requests of other kinds lack the key. */
function updateLogging(sid: string, on: boolean): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: ['eks:UpdateClusterConfig'],
    Resource: CLUSTERS,
    Condition: { Bool: { 'eks:loggingType/audit': String(on) } },
  };
}

/** For CloudWatch Logs only: nobody else can be let in with it. */
function invoke(sid: string, action: string, functions: readonly string[]): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: [action],
    Resource: functions.map((name) => sub('lambda:*', `function:${name}`)),
    Condition: { StringEquals: { 'lambda:Principal': ['logs.amazonaws.com', 'logs.amazonaws.com.cn'] } },
  };
}

function sub(serviceAndRegion: string, resource: string): Substituted {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:${serviceAndRegion}:\${AWS::AccountId}:${resource}` };
}
