/** Puts the roles of our CloudFormation template into the world, as CloudFormation would make them. */
import { parse } from 'yaml';
import { ACCOUNT, EXTERNAL_ID } from '../../playground/acme.ts';
import type { PolicyStatement } from '../../playground/aws/iam.ts';
import type { World } from '../../playground/world.ts';

const BOT = 'arn:aws:iam::999988887777:role/eks-audit-bot';

interface Template {
  Parameters: Record<string, { Default?: string }>;
  Resources: Record<string, { Type: string; Properties: Properties }>;
}

interface Properties {
  PolicyDocument?: Policy;
  RoleName?: string;
  AssumeRolePolicyDocument?: Policy;
  ManagedPolicyArns?: string[];
  Policies?: { PolicyDocument: Policy }[];
}

interface Policy {
  Statement: (PolicyStatement & { Principal?: { AWS: string } })[];
}

/** By role name, what the template allows it. */
export function addTemplateRoles(world: World, yaml: string): Map<string, PolicyStatement[]> {
  const { Resources } = resolve(parse(yaml)) as Template;
  const made = new Map<string, PolicyStatement[]>();
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::IAM::Role') continue;
    const { RoleName = '', AssumeRolePolicyDocument, ManagedPolicyArns = [], Policies = [] } = Properties;
    const managed = ManagedPolicyArns.flatMap((id) => Resources[id]?.Properties.PolicyDocument?.Statement ?? []);
    const allow = [...managed, ...Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)];
    const trust = AssumeRolePolicyDocument?.Statement ?? [];
    const externalId = trust.flatMap(({ Condition }) => Object.values(Condition?.StringEquals ?? {})).flat();
    world.aws.addRole({
      arn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}`,
      trustedBy: trust.map(({ Principal }) => Principal?.AWS ?? ''),
      trustActions: trust.flatMap(({ Action }) => Action),
      ...(externalId[0] ? { externalId: externalId[0] } : {}),
      allow,
    });
    made.set(RoleName, allow);
  }
  return made;
}

/** `Ref` and `Fn::Sub`, the only functions the roles use. A `Ref` to a resource stays its name here. */
function resolve(template: Template): unknown {
  const values: Record<string, string> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    BotRoleArn: BOT,
    ExternalId: EXTERNAL_ID,
    ...Object.fromEntries(Object.entries(template.Parameters).flatMap(([k, p]) => (p.Default ? [[k, p.Default]] : []))),
  };
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::Sub': sub } = value as { Ref?: string; 'Fn::Sub'?: string };
    if (Ref) return values[Ref] ?? Ref;
    if (sub) return sub.replace(/\$\{([^}]+)\}/g, (_, name: string) => values[name] ?? `unknown ${name}`);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(template);
}
