/**
 * What audit logs of a cluster cost a month. List prices of us-east-1 and Datadog's public list, named in the message
 * as such: contracts differ. https://aws.amazon.com/cloudwatch/pricing https://www.datadoghq.com/pricing
 */

/** US dollars per GB ingested. */
const CLOUDWATCH_INGEST = 0.5;
const DATADOG_INGEST = 0.1;
/** US dollars per million indexed events, 15 days' retention; an audit event has about 2 kB. */
const DATADOG_INDEX = 1.7;
const EVENT_BYTES = 2_000;
const GB = 1e9;
const DAYS = 30;

/** A quiet and a busy cluster, as seen in the field, when there is no history to measure. */
const RANGE_BYTES_PER_DAY = [0.2 * GB, 10 * GB] as const;

export interface Cost {
  /** Measured over the last week, or a range because the group has no history. */
  basis: 'measured' | 'range';
  gbPerDay: [number, number];
  /** Whole dollars a month. */
  cloudWatch: [number, number];
  datadog: [number, number];
}

export function estimateCost(bytesPerDay: number | undefined): Cost {
  const range: readonly [number, number] = bytesPerDay === undefined ? RANGE_BYTES_PER_DAY : [bytesPerDay, bytesPerDay];
  const each = (price: (gbPerDay: number) => number): [number, number] => [price(range[0] / GB), price(range[1] / GB)];
  return {
    basis: bytesPerDay === undefined ? 'range' : 'measured',
    gbPerDay: each((gb) => Math.round(gb * 100) / 100),
    cloudWatch: each((gb) => Math.ceil(gb * DAYS * CLOUDWATCH_INGEST)),
    datadog: each((gb) =>
      Math.ceil(gb * DAYS * DATADOG_INGEST + ((gb * GB * DAYS) / EVENT_BYTES / 1e6) * DATADOG_INDEX),
    ),
  };
}
