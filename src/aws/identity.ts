/** STS: as whom our calls arrive in an account. Apart from the other clients, because only `doctor` asks. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClients } from './clients.ts';

export interface CallerIdentity {
  account: string;
  /** Of the assumed role's session, or of the bot's own credentials where no role is configured. */
  arn: string;
}

/** With the credentials, Region and connections of these clients; assumes the role where there is one. */
export async function callerIdentity({ eks }: Pick<AwsClients, 'eks'>): Promise<CallerIdentity> {
  const { credentials, region, requestHandler } = eks.config;
  const sts = new STSClient({ credentials, region, requestHandler });
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return { account: Account ?? '', arn: Arn ?? '' };
}
