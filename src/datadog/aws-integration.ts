/** Datadog's own record of an AWS account, and whether it subscribes log groups by itself. */
import { z } from 'zod';
import type { Datadog } from './client.ts';

export interface IntegratedAccount {
  configId: string;
  roleName: string | undefined;
  /** Forwarders Datadog subscribes log groups to, and the services it does that for. */
  autoSubscribes: { forwarders: string[]; services: string[] };
}

const answer = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      attributes: z.looseObject({
        aws_account_id: z.string(),
        auth_config: z.looseObject({ role_name: z.string().optional() }).nullish(),
        logs_config: z
          .looseObject({
            lambda_forwarder: z
              .looseObject({ lambdas: z.array(z.string()).nullish(), sources: z.array(z.string()).nullish() })
              .nullish(),
          })
          .nullish(),
      }),
    }),
  ),
});

/** The integration of this account, or undefined when Datadog does not know it. */
export async function findIntegration(datadog: Datadog, accountId: string): Promise<IntegratedAccount | undefined> {
  const found = answer.parse(await datadog.call('aws', 'listAWSAccounts', { awsAccountId: accountId }));
  const account = found.data.find((a) => a.attributes.aws_account_id === accountId);
  if (!account) return undefined;
  const forwarder = account.attributes.logs_config?.lambda_forwarder;
  return {
    configId: account.id,
    roleName: account.attributes.auth_config?.role_name,
    autoSubscribes: { forwarders: forwarder?.lambdas ?? [], services: forwarder?.sources ?? [] },
  };
}
