/** CloudWatch's GetMetricData over what the stand-in has counted. */
import type { Dimensions } from './metric-store.ts';
import type { OperationRequest, Operations } from './operation.ts';
import { AwsFault } from './wire.ts';

interface MetricQuery {
  Id?: string;
  Label?: string;
  Expression?: string;
  ReturnData?: boolean | string;
  MetricStat?: {
    Metric?: { Namespace?: string; MetricName?: string; Dimensions?: { Name: string; Value: string }[] };
    Period?: number | string;
    Stat?: string;
  };
}

const MOST_QUERIES = 500;

export const metricsOperations: Operations = {
  GetMetricData: {
    action: 'cloudwatch:GetMetricData',
    resource: () => '*',
    run(request) {
      const queries = (request.input.MetricDataQueries ?? []) as MetricQuery[];
      if (queries.length === 0) throw missing('MetricDataQueries');
      if (queries.length > MOST_QUERIES)
        throw new AwsFault(
          'ValidationError',
          `The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`,
        );
      const fromMs = timestampMs(request.input.StartTime, 'StartTime');
      const toMs = timestampMs(request.input.EndTime, 'EndTime');
      if (fromMs >= toMs)
        throw new AwsFault('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
      const shown = queries.filter((query) => String(query.ReturnData ?? true) !== 'false');
      return { MetricDataResults: shown.map((query) => result(request, query, fromMs, toMs)), Messages: [] };
    },
  },
};

function result(request: OperationRequest, query: MetricQuery, fromMs: number, toMs: number): Record<string, unknown> {
  const { aws, region, input } = request;
  const metric = query.MetricStat?.Metric;
  if (query.Expression !== undefined)
    throw new AwsFault('ValidationError', 'the playground computes no metric expressions');
  if (!query.Id || !metric?.Namespace || !metric.MetricName) throw missing('MetricStat');
  const periodMs = Number(query.MetricStat?.Period ?? 60) * 1000;
  const dimensions: Dimensions = Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const visibleToMs = Math.min(toMs, aws.time.now() - aws.metricsDelayMs / aws.time.speed);
  const series = { namespace: metric.Namespace, name: metric.MetricName, dimensions };
  const buckets = new Map<number, number[]>();
  for (const { atMs, value } of region.metrics.points(series, fromMs, visibleToMs)) {
    const bucket = Math.floor(atMs / periodMs) * periodMs;
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), value]);
  }
  const points = [...buckets].sort(([a], [b]) => b - a); // Newest first is CloudWatch's default.
  if (input.ScanBy === 'TimestampAscending') points.reverse();
  return {
    Id: query.Id,
    Label: query.Label ?? metric.MetricName,
    Timestamps: points.map(([atMs]) => atMs / 1000),
    Values: points.map(([, values]) => statistic(query.MetricStat?.Stat ?? '', values)),
    StatusCode: 'Complete',
  };
}

function statistic(name: string, values: number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (name) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / values.length;
    case 'Maximum':
      return Math.max(...values);
    case 'Minimum':
      return Math.min(...values);
    case 'SampleCount':
      return values.length;
    default:
      throw new AwsFault('ValidationError', `The value ${name} for parameter Stat is not supported.`);
  }
}

function timestampMs(value: unknown, name: string): number {
  const ms = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw missing(name);
  return ms;
}

function missing(name: string): AwsFault {
  return new AwsFault('MissingParameter', `The parameter ${name} is required.`);
}
