/** Policies of Lambda functions are written in many ways; what counts is whether CloudWatch Logs gets in for this group. */
import { expect, test } from 'vitest';
import { allowsLogs, type PolicyStatement } from '../../src/aws/invoke-policy.ts';

const ACCOUNT = '111122223333';
const group = (name = '/aws/eks/prod-a/cluster', region = 'us-east-1') =>
  `arn:aws:logs:${region}:${ACCOUNT}:log-group:${name}:*`;

/** What Datadog's template writes. */
const TEMPLATE: PolicyStatement = {
  Sid: 'stack-CloudWatchLogsInvokePermission-Q7W8E9R0',
  Effect: 'Allow',
  Principal: { Service: 'logs.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Condition: {
    StringEquals: { 'AWS:SourceAccount': ACCOUNT },
    ArnLike: { 'AWS:SourceArn': `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:*:*` },
  },
};
const conditioned = (Condition: PolicyStatement['Condition']): PolicyStatement => {
  const { Condition: _, ...rest } = TEMPLATE;
  return Condition ? { ...rest, Condition } : rest;
};
const forArn = (pattern: string) => conditioned({ ArnLike: { 'AWS:SourceArn': pattern } });

test.each<[string, PolicyStatement, boolean]>([
  ['the statement of the template', TEMPLATE, true],
  ['one without any condition', conditioned(undefined), true],
  ['one for the account only', conditioned({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }), true],
  ['one for another account', conditioned({ StringEquals: { 'AWS:SourceAccount': '444455556666' } }), false],
  ['one of several accounts', conditioned({ StringEquals: { 'AWS:SourceAccount': ['444455556666', ACCOUNT] } }), true],
  ['our wildcard for EKS groups', forArn(`arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`), true],
  ['this very group', forArn(group()), true],
  ['a group whose name is longer', forArn(group('/aws/eks/prod-a/cluster-x')), false],
  ['another cluster', forArn(group('/aws/eks/prod-b/cluster')), false],
  ['other services', forArn(`arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/*:*`), false],
  ['the group without the trailing :*', forArn(group().slice(0, -2)), false],
  ['another Region', forArn(group(undefined, 'eu-west-1')), false],
  ['one character as a question mark', forArn(group('/aws/eks/prod-?/cluster')), true],
  ['a dot is no wildcard', forArn(group('/aws/eks/prod.a/cluster')), false],
  [
    'equality with ArnEquals, which knows wildcards too',
    conditioned({ ArnEquals: { 'AWS:SourceArn': group() } }),
    true,
  ],
  [
    'equality with StringEquals, which knows none',
    conditioned({ StringEquals: { 'AWS:SourceArn': `${group().slice(0, -3)}*:*` } }),
    false,
  ],
  ['StringLike', conditioned({ StringLike: { 'AWS:SourceArn': `arn:aws:logs:*:${ACCOUNT}:*` } }), true],
  [
    'a negated condition, which we do not weigh',
    conditioned({ StringNotEquals: { 'AWS:SourceAccount': ACCOUNT } }),
    false,
  ],
  ['a condition on something we do not know', conditioned({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }), false],
  ['the principal of the Region', { ...TEMPLATE, Principal: { Service: 'logs.us-east-1.amazonaws.com' } }, true],
  ['the principal of another Region', { ...TEMPLATE, Principal: { Service: 'logs.eu-west-1.amazonaws.com' } }, false],
  ['everybody', { ...TEMPLATE, Principal: '*' }, true],
  ['everybody, the other way to write it', { ...TEMPLATE, Principal: { AWS: '*' } }, true],
  ['several services', { ...TEMPLATE, Principal: { Service: ['s3.amazonaws.com', 'logs.amazonaws.com'] } }, true],
  ['another service', { ...TEMPLATE, Principal: { Service: 's3.amazonaws.com' } }, false],
  [
    'a service whose name only begins alike',
    { ...TEMPLATE, Principal: { Service: 'logs.amazonaws.com.example' } },
    false,
  ],
  ['every action of Lambda', { ...TEMPLATE, Action: 'lambda:*' }, true],
  ['several actions', { ...TEMPLATE, Action: ['lambda:GetFunction', 'lambda:InvokeFunction'] }, true],
  ['another action', { ...TEMPLATE, Action: 'lambda:InvokeFunctionUrl' }, false],
  ['a denial', { ...TEMPLATE, Effect: 'Deny' }, false],
])('%s', (_what, statement, allowed) => {
  expect(allowsLogs([statement], group(), ACCOUNT)).toBe(allowed);
});

test('no statement allows nothing, and one of several is enough', () => {
  expect(allowsLogs([], group(), ACCOUNT)).toBe(false);
  expect(allowsLogs([{ ...TEMPLATE, Effect: 'Deny' }, forArn('arn:aws:s3:::bucket'), TEMPLATE], group(), ACCOUNT)).toBe(
    true,
  );
});

test('China has a partition and a service name of its own', () => {
  const chinese = `arn:aws-cn:logs:cn-north-1:${ACCOUNT}:log-group:/aws/eks/prod-a/cluster:*`;
  const statement: PolicyStatement = {
    ...forArn(`arn:aws-cn:logs:cn-north-1:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`),
    Principal: { Service: 'logs.amazonaws.com.cn' },
  };
  expect(allowsLogs([statement], chinese, ACCOUNT)).toBe(true);
});
