/** The ten steps, in order. To add one: write its file, name it here and in `STEP_IDS`, and say its findings in both texts. */
import type { Step, StepId } from './step.ts';
import { auditLogs } from './steps/audit-logs.ts';
import { awsIntegration } from './steps/aws-integration.ts';
import { cloudSiem } from './steps/cloud-siem.ts';
import { detectionRules } from './steps/detection-rules.ts';
import { forwarder } from './steps/forwarder.ts';
import { invokePermission } from './steps/invoke-permission.ts';
import { logGroup } from './steps/log-group.ts';
import { logsArriving } from './steps/logs-arriving.ts';
import { signalWebhook } from './steps/signal-webhook.ts';
import { subscriptionFilter } from './steps/subscription-filter.ts';

export const STEPS: Record<StepId, Step> = {
  'aws-integration': awsIntegration,
  forwarder,
  'cloud-siem': cloudSiem,
  'audit-logs': auditLogs,
  'log-group': logGroup,
  'invoke-permission': invokePermission,
  'subscription-filter': subscriptionFilter,
  'detection-rules': detectionRules,
  'signal-webhook': signalWebhook,
  'logs-arriving': logsArriving,
};
