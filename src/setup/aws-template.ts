/**
 * One CloudFormation template for the roles of a target account: the same in every account, so that a StackSet can
 * carry it to all of them. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/what-is-cfnstacksets.html
 */
import { stringify } from 'yaml';
import type { AwsRole } from '../aws/clients.ts';
import type { AwsAccount } from '../config.ts';
import { operate, READ, type Statement, switchOff } from './aws-permissions.ts';

const DEFAULT_ROLES: Record<AwsRole, string> = {
  reader: 'EksAuditReader',
  operator: 'EksAuditOperator',
  audit_off: 'EksAuditOff',
};
/** The public template names the function after its stack: `<stack>-Forwarder-<suffix>`. */
const FORWARDERS = '*orwarder*';
/** A role assumed by a role lasts an hour at most, so more would mean nothing. */
const SESSION_SECONDS = 3600;

interface RoleName {
  path: string;
  name: string;
}

/** The template's parameters apart from role names, which have defaults. */
export interface TemplateParameters {
  BotRoleArn: string;
  ExternalId: string;
}

export function rolesTemplate(accounts: readonly AwsAccount[]): Record<string, unknown> {
  const names = roleNames(accounts);
  const functions = forwarderNames(accounts);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Roles by which eks-audit looks at EKS clusters and, once approved, brings them under audit.',
    Parameters: {
      BotRoleArn: {
        Type: 'String',
        Description: 'ARN of the role the bot runs as (its Pod Identity, IRSA, task or instance role).',
        AllowedPattern: '^arn:aws[a-z-]*:iam::\\d{12}:(role|user)/[\\w+=,.@/-]+$',
      },
      ExternalId: {
        Type: 'String',
        Description: 'external_id of the account in eks-audit.yaml; random, and another one per account.',
        MinLength: 2,
        MaxLength: 1224,
        AllowedPattern: '^[\\w+=,.@:/-]*$',
      },
      ReaderRoleName: { Type: 'String', Default: names.reader.name },
      OperatorRoleName: { Type: 'String', Default: names.operator.name },
      AuditOffRoleName: { Type: 'String', Default: names.audit_off.name },
    },
    Resources: {
      ReadPolicy: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { Description: 'What eks-audit reads', PolicyDocument: policy(READ) },
      },
      ReaderRole: role('ReaderRoleName', names.reader, 'Looks; changes nothing'),
      OperatorRole: role(
        'OperatorRoleName',
        names.operator,
        'Switches audit logs on and wires them to the Datadog Forwarder',
        operate(functions),
      ),
      AuditOffRole: role(
        'AuditOffRoleName',
        names.audit_off,
        'Switches audit logs off, which makes the SIEM blind',
        switchOff(functions),
      ),
    },
    Outputs: {
      ReaderRoleArn: { Description: 'roles.reader in eks-audit.yaml', Value: arnOf('ReaderRole') },
      OperatorRoleArn: { Description: 'roles.operator in eks-audit.yaml', Value: arnOf('OperatorRole') },
      AuditOffRoleArn: { Description: 'roles.audit_off in eks-audit.yaml', Value: arnOf('AuditOffRole') },
    },
  };
}

export function rolesYaml(accounts: readonly AwsAccount[]): string {
  return stringify(rolesTemplate(accounts), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** What the bot's own role needs to get into the others. */
export function botPolicy(accounts: readonly AwsAccount[]): Record<string, unknown> {
  const arns = accounts.flatMap(({ roles }) => Object.values(roles ?? {}).filter((arn) => arn !== undefined));
  const Resource = arns.length > 0 ? arns : Object.values(DEFAULT_ROLES).map((name) => `arn:aws:iam::*:role/${name}`);
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource }],
  };
}

function role(nameParameter: string, { path }: RoleName, description: string, own?: Statement[]) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: { Ref: nameParameter },
      ...(path === '/' ? {} : { Path: path }),
      Description: description,
      MaxSessionDuration: SESSION_SECONDS,
      AssumeRolePolicyDocument: trust(),
      ManagedPolicyArns: [{ Ref: 'ReadPolicy' }],
      ...(own ? { Policies: [{ PolicyName: 'eks-audit', PolicyDocument: policy(own) }] } : {}),
    },
  };
}

/**
 * Sessions of EKS Pod Identity carry tags that ride along, so they need `sts:TagSession` too. It stands apart because
 * the external id is only a part of AssumeRole, and by itself it opens nothing.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
 */
function trust() {
  const Principal = { AWS: { Ref: 'BotRoleArn' } };
  const Condition = { StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } };
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition },
      { Effect: 'Allow', Principal, Action: 'sts:TagSession' },
    ],
  };
}

/** As the configuration has them, so that template and configuration fit; the first account decides. */
function roleNames(accounts: readonly AwsAccount[]): Record<AwsRole, RoleName> {
  const nameOf = (role: AwsRole): RoleName => {
    const arn = accounts.map(({ roles }) => roles?.[role]).find((found) => found !== undefined);
    const [, path = '/', name = DEFAULT_ROLES[role]] = /:role(\/(?:.+\/)?)([^/]+)$/.exec(arn ?? '') ?? [];
    return { path, name };
  };
  return { reader: nameOf('reader'), operator: nameOf('operator'), audit_off: nameOf('audit_off') };
}

/** The usual names, and those the configuration names that look otherwise. */
function forwarderNames(accounts: readonly AwsAccount[]): string[] {
  const configured = accounts.flatMap(({ forwarders }) => Object.values(forwarders));
  const names = configured.map((arn) => arn.split(':').at(-1) ?? '');
  return [FORWARDERS, ...new Set(names.filter((name) => !name.includes('orwarder')))];
}

function policy(Statement: Statement[]) {
  return { Version: '2012-10-17', Statement };
}

function arnOf(resource: string) {
  return { 'Fn::GetAtt': [resource, 'Arn'] };
}
