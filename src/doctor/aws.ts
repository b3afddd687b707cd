/**
 * AWS, per account and Region: whether each role can be assumed, and whether the reader may make every call the bot
 * makes. Nothing is changed to find out, so what the other two roles may write stays untold.
 */
import type { Aws, AwsRole, AwsScope } from '../aws/clients.ts';
import { type AwsFailure, awsFailure } from '../aws/errors.ts';
import { callerIdentity } from '../aws/identity.ts';
import type { AwsAccount, Config } from '../config.ts';
import { operate, READ, type Statement, switchOff } from '../setup/aws-permissions.ts';
import { probeReader } from './aws-probes.ts';
import { not, type Result, yes } from './result.ts';

export interface AwsDeps {
  config: Config;
  aws: Aws;
}

/** Ends up in CloudTrail. */
const SESSION = 'eks-audit-doctor';

export async function examineAws({ config, aws }: AwsDeps): Promise<Result[]> {
  const results = await Promise.all(config.aws.accounts.map((account) => examineAccount(aws, account)));
  const untold = [...writes(operate([])), ...writes(switchOff([]))];
  return [
    ...results.flat(),
    not(
      'aws.writes',
      'unverified',
      (t) => t.writesUntold([...new Set(untold)].sort()),
      (t) => t.fixWritesUntold,
    ),
  ];
}

async function examineAccount(aws: Aws, account: AwsAccount): Promise<Result[]> {
  const regions = await Promise.all(account.regions.map((region) => examineRegion(aws, account, region)));
  // Roles belong to the account, not to a Region: once is enough.
  const [region = ''] = account.regions;
  const { roles } = account;
  const others: AwsRole[] = roles ? ['operator', ...(roles.audit_off ? (['audit_off'] as const) : [])] : [];
  const scope = { accountId: account.id, region };
  const assumed = await Promise.all(others.map((role) => examineRole(aws, account, scope, role)));
  const fallback =
    roles && !roles.audit_off
      ? [
          not(
            'aws.role',
            'warning',
            (t) => t.noAuditOff(account.name),
            (t) => t.fixNoAuditOff(account.name),
          ),
        ]
      : [];
  return [...regions.flat(), ...assumed, ...fallback];
}

async function examineRegion(aws: Aws, account: AwsAccount, region: string): Promise<Result[]> {
  const scope = { accountId: account.id, region };
  const where = `${account.name}/${region}`;
  const reader = await examineRole(aws, account, scope, 'reader');
  if (reader.ok === 'no') return [reader];
  const clients = aws.clients(scope, { role: 'reader', session: SESSION });
  const probes = await probeReader(clients, scope, account.forwarders[region]);
  const answered = probes.filter(({ failure }) => failure === undefined).length;
  // A Region that is not enabled takes nobody's credentials; once is enough.
  const refusal = probes.find(({ failure }) => failure?.kind === 'credentials')?.failure;
  if (refusal)
    return [
      not(
        'aws.reader',
        'no',
        (t) => t.regionRefuses(where, refusal.code),
        (t) => t.fixRegion(region, account.name),
      ),
    ];
  return [
    ...(answered > 0 ? [yes('aws.reader', (t) => t.readerWorks(where, answered, probes.length))] : []),
    ...probes.flatMap(({ action, failure }) => (failure ? [unread(where, action, failure)] : [])),
  ];
}

function unread(where: string, action: string, failure: AwsFailure): Result {
  if (failure.kind !== 'denied')
    return not(
      'aws.reader',
      'unverified',
      (t) => t.readFailed(where, action, failure.code),
      (t) => t.fixLater,
    );
  const statement = READ.find(({ Action }) => Action.includes(action))?.Sid ?? '';
  return not(
    'aws.reader',
    'no',
    (t) => t.readDenied(where, action),
    (t) => t.fixRead(action, statement),
  );
}

/** Who we are there, which assumes the role on the way. */
async function examineRole(aws: Aws, account: AwsAccount, scope: AwsScope, role: AwsRole): Promise<Result> {
  const check = 'aws.role';
  const where = `${account.name}/${scope.region}`;
  const arn = account.roles?.[role];
  try {
    const identity = await callerIdentity(aws.clients(scope, { role, session: SESSION }));
    if (identity.account === account.id) return yes(check, (t) => t.roleWorks(where, role, identity.arn));
    return not(
      check,
      'no',
      (t) => t.otherAccount(account.name, account.id, identity.account),
      (t) => t.fixOtherAccount(account.name),
    );
  } catch (error) {
    const failure = awsFailure(error);
    const say = failure.message;
    if (failure.kind === 'unreachable' || failure.kind === 'throttled')
      return not(
        check,
        'no',
        (t) => t.awsUnreachable(where, say),
        (t) => t.fixAwsNetwork,
      );
    if (arn && failure.action === 'sts:AssumeRole')
      return not(
        check,
        'no',
        (t) => t.roleRefused(where, role, say),
        (t) => t.fixAssume(arn, account.external_id !== undefined),
      );
    return not(
      check,
      'no',
      (t) => t.noCredentials(where, say),
      (t) => t.fixCredentials,
    );
  }
}

function writes(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ Action }) => Action);
}
