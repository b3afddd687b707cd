/** Where a person goes, and what they type there, for what only a person can do. Pure. */
import { partitionOf } from '../aws/clients.ts';
import { functionNameOf } from '../aws/lambda.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Config } from '../config.ts';
import { uiUrl } from '../datadog/sites.ts';
import type { Finding } from './finding.ts';

export interface Instruction {
  url: string;
  /** Field and value, as the page asks for them. */
  values: [string, string][];
}

/** https://docs.datadoghq.com/logs/guide/forwarder */
const FORWARDER_TEMPLATE = 'https://datadog-cloudformation-template.s3.amazonaws.com/aws/forwarder/latest.yaml';

export function instructionFor(finding: Finding, cluster: Cluster, config: Config): Instruction | undefined {
  const ui = uiUrl(config);
  switch (finding.code) {
    case 'integration-missing':
      return {
        url: `${ui}/integrations/amazon-web-services`,
        values: [
          ['AWS Account ID', finding.accountId],
          ['AWS Role Name', 'DatadogIntegrationRole'],
        ],
      };
    case 'forwarder-missing':
      return {
        url: quickCreateUrl(cluster, config.DD_SITE),
        // The API key is given by secret ARN: it must not pass through Slack, nor stand in the stack's parameters.
        values: [
          ['DdSite', config.DD_SITE],
          [
            'DdApiKeySecretArn',
            `arn:${partitionOf(cluster.region)}:secretsmanager:${cluster.region}:${cluster.accountId}:secret:…`,
          ],
          ['DdStoreFailedEvents', 'true'],
        ],
      };
    case 'forwarder-unfit':
      return {
        url: `${consoleUrl(cluster)}/lambda/home?region=${cluster.region}#/functions/${functionNameOf(finding.arn)}?tab=configure`,
        values: finding.flags.includes('wrong-site') ? [['DD_SITE', finding.expectedSite]] : [],
      };
    case 'siem-off':
      return { url: `${ui}/security/configuration/siem/setup`, values: [] };
    case 'siem-no-filter':
      return { url: `${ui}/security/content-packs/kubernetes-audit-logs`, values: [] };
    default:
      return undefined;
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html */
function quickCreateUrl(cluster: Cluster, site: string): string {
  const parameters = new URLSearchParams({
    stackName: 'datadog-forwarder',
    templateURL: FORWARDER_TEMPLATE,
    param_DdSite: site,
    param_DdStoreFailedEvents: 'true',
  });
  return `${consoleUrl(cluster)}/cloudformation/home?region=${cluster.region}#/stacks/quickcreate?${parameters}`;
}

function consoleUrl({ region }: Cluster): string {
  const hosts: Record<string, string> = {
    'aws-cn': 'console.amazonaws.cn',
    'aws-us-gov': 'console.amazonaws-us-gov.com',
  };
  return `https://${region}.${hosts[partitionOf(region)] ?? 'console.aws.amazon.com'}`;
}
