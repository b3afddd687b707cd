/** STS: who am I, and the hop into another account's role with its trust policy and ExternalId. */
import type { PolicyStatement } from './iam.ts';
import { decide, many } from './iam.ts';
import type { Identity, Role } from './identities.ts';
import type { Operations } from './operation.ts';
import { constraintFault, optionalText } from './operation.ts';
import { AwsFault } from './wire.ts';

/** A role that assumes a role gets an hour at most (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html, role chaining). */
const CHAINED_SECONDS = 3600;

export const stsOperations: Operations = {
  GetCallerIdentity: {
    resource: () => '*',
    run: ({ identity }) => ({ Arn: identity.arn, UserId: identity.userId, Account: identity.account }),
  },

  AssumeRole: {
    action: 'sts:AssumeRole',
    resource: ({ input }) => optionalText(input, 'RoleArn') ?? '',
    run(request) {
      const { aws, input } = request;
      const sessionName = roleSessionName(input);
      const roleArn = optionalText(input, 'RoleArn') ?? '';
      const role = aws.identities.role(roleArn);
      const used = [
        'sts:AssumeRole',
        ...(input.Tags ? ['sts:TagSession'] : []),
        ...(input.SourceIdentity ? ['sts:SetSourceIdentity'] : []),
      ];
      for (const action of used)
        if (!role || !trusts(role, request.identity, action, optionalText(input, 'ExternalId')))
          throw denied(request.identity, action, roleArn);
      if (!role) throw denied(request.identity, 'sts:AssumeRole', roleArn);
      const seconds = durationSeconds(input, role);
      const key = aws.identities.issue(role, sessionName, seconds, sessionPolicy(input));
      return {
        Credentials: {
          AccessKeyId: key.accessKeyId,
          SecretAccessKey: key.secretAccessKey,
          SessionToken: key.sessionToken,
          Expiration: key.expiresAt,
        },
        AssumedRoleUser: { AssumedRoleId: key.identity.userId, Arn: key.identity.arn },
        SourceIdentity: optionalText(input, 'SourceIdentity'),
      };
    },
  },
};

/** Both sides must agree: the caller's own policy and the role's trust policy. */
function trusts(role: Role, caller: Identity, action: string, externalId: string | undefined): boolean {
  if (decide(caller.role.allow, { action, resource: role.arn, context: {} }) !== 'allowed') return false;
  if (!role.trustActions.includes(action)) return false;
  if (role.externalId !== undefined && role.externalId !== externalId) return false;
  return role.trustedBy.some(
    (principal) =>
      principal === caller.role.arn ||
      principal === caller.arn ||
      principal === caller.account ||
      /^arn:[^:]+:iam::(\d{12}):root$/.exec(principal)?.[1] === caller.account,
  );
}

/** The same sentence whether the role does not exist, does not trust the caller or wants another ExternalId. */
function denied(caller: Identity, action: string, roleArn: string): AwsFault {
  return new AwsFault(
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
  );
}

function roleSessionName(input: Record<string, unknown>): string {
  const name = optionalText(input, 'RoleSessionName');
  if (name === undefined || !/^[\w+=,.@-]*$/.test(name))
    throw constraintFault(
      'ValidationError',
      'roleSessionName',
      name,
      'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
    );
  if (name.length < 2 || name.length > 64)
    throw constraintFault(
      'ValidationError',
      'roleSessionName',
      name,
      name.length < 2
        ? 'Member must have length greater than or equal to 2'
        : 'Member must have length less than or equal to 64',
    );
  return name;
}

function durationSeconds(input: Record<string, unknown>, role: Role): number {
  const seconds = Number(input.DurationSeconds ?? 3600);
  if (!(seconds >= 900 && seconds <= 43_200))
    throw constraintFault(
      'ValidationError',
      'durationSeconds',
      String(seconds),
      seconds < 900
        ? 'Member must have value greater than or equal to 900'
        : 'Member must have value less than or equal to 43200',
    );
  if (seconds > CHAINED_SECONDS)
    throw new AwsFault(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  if (seconds > role.maxSessionSeconds)
    throw new AwsFault(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  return seconds;
}

function sessionPolicy(input: Record<string, unknown>): PolicyStatement[] | undefined {
  const policy = optionalText(input, 'Policy');
  if (policy === undefined) return undefined;
  try {
    const { Statement } = JSON.parse(policy) as { Statement: PolicyStatement | PolicyStatement[] };
    const statements = [Statement].flat();
    if (statements.every((statement) => many(statement.Action).length > 0)) return statements;
  } catch {
    // Falls through to the same answer.
  }
  throw new AwsFault('MalformedPolicyDocument', 'The policy is not in the valid JSON format.');
}
