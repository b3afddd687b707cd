/**
 * One healthy Datadog Forwarder in the cluster's account and Region. Several are common: the configuration names one,
 * or a person chooses once. Its settings can undo everything silently, so they are read every time.
 */
import { describeForwarder, type ForwarderFunction, findForwarders } from '../../aws/lambda.ts';
import type { Config } from '../../config.ts';
import { chosenForwarder } from '../choices.ts';
import type { RedFlag } from '../finding.ts';
import { LOOKS_ONLY, type Observed, type Step } from '../step.ts';

export const forwarder: Step = {
  id: 'forwarder',
  scope: 'account-region',
  async check({ aws, db, config, cluster, clients }) {
    const configured = aws.account(cluster.accountId).forwarders[cluster.region];
    const named = configured ?? (await chosenForwarder(db, cluster));
    if (named) {
      const found = await describeForwarder(clients.lambda, named);
      if (found) return health(found, config);
      if (configured) return { step: 'forwarder', state: 'missing', finding: { code: 'forwarder-gone', arn: named } };
    }
    const candidates = await findForwarders(clients.lambda);
    const [only] = candidates;
    if (!only)
      return { step: 'forwarder', state: 'missing', finding: { code: 'forwarder-missing', region: cluster.region } };
    if (candidates.length > 1) {
      return {
        step: 'forwarder',
        state: 'missing',
        finding: { code: 'forwarder-choice', arns: candidates.map((c) => c.arn).sort() },
      };
    }
    return health(only, config);
  },
  ...LOOKS_ONLY,
};

function health(found: ForwarderFunction, config: Config): Observed {
  const flags: RedFlag[] = [];
  if (found.sourceOverride) flags.push('source-override');
  // Without DD_SITE a Forwarder sends to datadoghq.com.
  if (!found.environmentHidden && (found.site ?? 'datadoghq.com') !== config.DD_SITE) flags.push('wrong-site');
  if (!found.forwardsLogs) flags.push('logs-off');
  if (found.includePattern) flags.push('include-pattern');
  if (found.excludePattern) flags.push('exclude-pattern');
  const { arn, version, site, storesFailedEvents, environmentHidden } = found;
  if (flags.length > 0) {
    const finding = { code: 'forwarder-unfit', arn, flags, site, expectedSite: config.DD_SITE } as const;
    return { step: 'forwarder', state: 'drifted', finding };
  }
  return {
    step: 'forwarder',
    state: 'in-sync',
    finding: { code: 'forwarder-healthy', arn, version, storesFailedEvents, environmentHidden },
  };
}

/** The ARN other steps build on; undefined while there is no usable Forwarder. */
export function forwarderArn(observed: Observed): string | undefined {
  const { finding } = observed;
  return finding.code === 'forwarder-healthy' ? finding.arn : undefined;
}
