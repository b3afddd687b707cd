/** CloudWatch metrics: measured volume, so that a plan can name its price, and how a function fares. */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

const DAY_MS = 86_400_000;

interface Sums {
  namespace: 'AWS/Logs' | 'AWS/Lambda';
  /** The one dimension: the log group's or the function's name. */
  of: { Name: 'LogGroupName' | 'FunctionName'; Value: string };
  metrics: readonly string[];
  from: Date;
  to: Date;
  periodSeconds: number;
}

/** Bytes a day the group received over the last week (all log types, uncompressed), or undefined without history. */
export async function dailyBytes(metrics: CloudWatchClient, group: string, now: Date): Promise<number | undefined> {
  const [values = []] = await sums(metrics, {
    namespace: 'AWS/Logs',
    of: { Name: 'LogGroupName', Value: group },
    metrics: ['IncomingBytes'],
    from: new Date(now.getTime() - 7 * DAY_MS),
    to: now,
    periodSeconds: DAY_MS / 1000,
  });
  return values.length > 0 ? total(values) / values.length : undefined;
}

/** How often a function was invoked, and how often it ended in an error. Metrics come a minute or two late. */
export async function invocations(
  metrics: CloudWatchClient,
  functionName: string,
  from: Date,
  to: Date,
): Promise<{ invocations: number; errors: number }> {
  const [all = [], failed = []] = await sums(metrics, {
    namespace: 'AWS/Lambda',
    of: { Name: 'FunctionName', Value: functionName },
    metrics: ['Invocations', 'Errors'],
    from,
    to,
    periodSeconds: 60,
  });
  return { invocations: total(all), errors: total(failed) };
}

/** The sums of each period, newest first, one list per metric in the order they were named. */
async function sums(client: CloudWatchClient, asked: Sums): Promise<number[][]> {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: asked.from,
      EndTime: asked.to,
      MetricDataQueries: asked.metrics.map((name, i) => ({
        Id: `m${i}`,
        MetricStat: {
          Metric: { Namespace: asked.namespace, MetricName: name, Dimensions: [asked.of] },
          Period: asked.periodSeconds,
          Stat: 'Sum',
        },
      })),
    }),
  );
  return asked.metrics.map((_, i) => MetricDataResults.find((result) => result.Id === `m${i}`)?.Values ?? []);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
