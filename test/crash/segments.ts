/**
 * The story in parts, each beginning at a landmark that every telling of it passes once. A boundary is an ordinal
 * counted from its landmark: so one telling can be killed once in each part, and each kill still meets the request it
 * was meant for, whatever an earlier one has caused to be said twice.
 */
import type { Call } from '../../playground/http.ts';

export const SEGMENTS = [
  'start',
  'enable: asked',
  'enable: approved',
  'enable: audit logs',
  'enable: invoke permission',
  'enable: rules',
  'enable: webhook',
  'enable: proof',
  'disable: asked',
  'disable: approved',
  'disable: rules',
  'disable: filter',
  'disable: audit logs',
] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Landmarks in what the bot does; the others are what people do. Only the first such call counts. */
const LANDMARKS: Partial<Record<Segment, { after: Segment; call: string }>> = {
  'enable: audit logs': { after: 'enable: approved', call: 'eks UpdateClusterConfig' },
  'enable: invoke permission': { after: 'enable: audit logs', call: 'lambda AddPermission' },
  'enable: rules': { after: 'enable: invoke permission', call: 'datadog CreateSecurityMonitoringRule' },
  'enable: webhook': { after: 'enable: rules', call: 'datadog CreateWebhooksIntegrationCustomVariable' },
  'enable: proof': { after: 'enable: webhook', call: 'datadog CreateSignalNotificationRule' },
  'disable: rules': { after: 'disable: approved', call: 'datadog DeleteSecurityMonitoringRule' },
  'disable: filter': { after: 'disable: rules', call: 'logs DeleteSubscriptionFilter' },
  'disable: audit logs': { after: 'disable: filter', call: 'eks UpdateClusterConfig' },
};

/** The segment that begins with this call, when the story stands in `current`. */
export function landmark(current: Segment, call: Call): Segment | undefined {
  return SEGMENTS.find((segment) => {
    const mark = LANDMARKS[segment];
    return mark?.after === current && mark.call === `${call.service} ${call.operation}`;
  });
}
