/** Datadog knows the AWS account: without the integration there is no Forwarder status, no metrics and no enrichment. */
import { findIntegration } from '../../datadog/aws-integration.ts';
import { LOOKS_ONLY, type Step } from '../step.ts';

export const awsIntegration: Step = {
  id: 'aws-integration',
  scope: 'account',
  async check({ datadog, cluster }) {
    const found = await findIntegration(datadog, cluster.accountId);
    return found
      ? {
          step: 'aws-integration',
          state: 'in-sync',
          finding: { code: 'integration-present', roleName: found.roleName },
        }
      : {
          step: 'aws-integration',
          state: 'missing',
          finding: { code: 'integration-missing', accountId: cluster.accountId },
        };
  },
  ...LOOKS_ONLY,
};
