/** What of AWS the stand-in speaks; a test compares it with the routes. A text names what is missing of an operation. */
export type Coverage = 'supported' | { missing: string };

export const coverage: Record<string, Record<string, Coverage>> = {
  eks: {
    ListClusters: 'supported',
    DescribeCluster: { missing: 'VPC, identity, certificate and the other members no audit onboarding reads' },
    UpdateClusterConfig: { missing: 'every kind of change but logging' },
    DescribeUpdate: { missing: 'updates of node groups, add-ons and capabilities' },
    ListUpdates: { missing: 'updates of node groups, add-ons and capabilities' },
  },
  logs: {
    DescribeLogGroups: { missing: 'logGroupIdentifiers, linked accounts' },
    CreateLogGroup: { missing: 'KMS keys are not kept' },
    PutRetentionPolicy: { missing: 'old events are not deleted' },
    DeleteRetentionPolicy: 'supported',
    DescribeLogStreams: 'supported',
    PutSubscriptionFilter: { missing: 'Kinesis and Firehose destinations, emitted system fields, transformed logs' },
    DescribeSubscriptionFilters: 'supported',
    DeleteSubscriptionFilter: 'supported',
    DescribeAccountPolicies: { missing: 'policy types other than SUBSCRIPTION_FILTER_POLICY, linked accounts' },
    FilterLogEvents: { missing: 'space-delimited patterns' },
    TestMetricFilter: { missing: 'space-delimited patterns, extracted values' },
    PutLogEvents: { missing: 'rejection of events that are too old, too new or too large' },
  },
  lambda: {
    ListFunctions: { missing: 'versions, Lambda@Edge' },
    GetFunctionConfiguration: { missing: 'versions and aliases' },
    ListTags: 'supported',
    GetPolicy: { missing: 'versions and aliases' },
    AddPermission: { missing: 'versions and aliases, organization and function URL conditions' },
    RemovePermission: { missing: 'versions and aliases' },
  },
  sts: {
    AssumeRole: { missing: 'managed session policies, MFA, session tags as condition keys' },
    GetCallerIdentity: 'supported',
  },
  monitoring: {
    GetMetricData: { missing: 'metric expressions, percentiles, paging, the CBOR protocol' },
  },
};
