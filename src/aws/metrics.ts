/** CloudWatch metrics: measured volume, so that a plan can name its price. */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

const DAY_MS = 86_400_000;

/** Bytes a day the group received over the last week (all log types, uncompressed), or undefined without history. */
export async function dailyBytes(metrics: CloudWatchClient, group: string, now: Date): Promise<number | undefined> {
  const { MetricDataResults } = await metrics.send(
    new GetMetricDataCommand({
      StartTime: new Date(now.getTime() - 7 * DAY_MS),
      EndTime: now,
      MetricDataQueries: [
        {
          Id: 'bytes',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Logs',
              MetricName: 'IncomingBytes',
              Dimensions: [{ Name: 'LogGroupName', Value: group }],
            },
            Period: DAY_MS / 1000,
            Stat: 'Sum',
          },
        },
      ],
    }),
  );
  const values = MetricDataResults?.[0]?.Values ?? [];
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}
