/**
 * The cluster's log group exists and can be subscribed. EKS creates it some time after audit logs are on, and keeps
 * events for ever; retention is set only on a group that was not there when the plan was made.
 */
import { findLogGroup, setRetention } from '../../aws/logs.ts';
import { logGroupOf } from '../../clusters/cluster.ts';
import type { Step } from '../step.ts';

export const logGroup: Step = {
  id: 'log-group',
  scope: 'cluster',
  async check({ cluster, clients, config }) {
    const group = logGroupOf(cluster);
    const found = await findLogGroup(clients.logs, group);
    if (!found) return { step: 'log-group', state: 'missing', finding: { code: 'group-awaited', group } };
    if (found.class !== 'STANDARD')
      return { step: 'log-group', state: 'blocked', finding: { code: 'group-infrequent-access', group } };
    const advised =
      found.retentionDays === config.onboarding.retention_days ? undefined : config.onboarding.retention_days;
    return {
      step: 'log-group',
      state: 'in-sync',
      finding: { code: 'group-ready', group, retentionDays: found.retentionDays, advisedDays: advised },
    };
  },
  plan(observed, cluster, config) {
    const { finding } = observed;
    if (finding.code !== 'group-awaited') return [];
    return [
      {
        step: 'log-group',
        target: logGroupOf(cluster),
        operation: 'set-retention',
        values: { days: config.onboarding.retention_days },
        conditional: true,
      },
    ];
  },
  async apply({ clients, begun, remember }, change) {
    if (change.operation !== 'set-retention') return { outcome: 'done' };
    const { days } = change.values;
    const found = await findLogGroup(clients.logs, change.target);
    if (!found) return { outcome: 'wait', finding: { code: 'group-awaited', group: change.target } };
    if (found.class !== 'STANDARD')
      return { outcome: 'stop', finding: { code: 'group-infrequent-access', group: change.target } };
    const tried = (begun.result as { days?: number } | null)?.days;
    // Our own call, whose answer was lost in a crash.
    if (tried !== undefined && found.retentionDays === tried) return { outcome: 'done', result: { days } };
    // Somebody was faster: what they chose stands, ours would shorten or lengthen it without their say.
    if (found.retentionDays !== undefined) return { outcome: 'done', left: true };
    await remember({ days });
    await setRetention(clients.logs, change.target, days);
    return { outcome: 'done', result: { days } };
  },
  undo: () => [],
};
