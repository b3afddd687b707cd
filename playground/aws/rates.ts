/**
 * Calls per second and account-region, enforced when `aws.enforceRates` is on: docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html and
 * docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. EKS publishes none; a test may set its own.
 */
import type { WorldTime } from '../time.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

export class Rates {
  /** By `service operation`, then by `service *` shared by all its operations that have no budget of their own. */
  readonly perSecond: Record<string, number> = {
    'logs PutSubscriptionFilter': 5,
    'logs DeleteSubscriptionFilter': 5,
    'logs DescribeSubscriptionFilters': 5,
    'logs PutRetentionPolicy': 5,
    'logs DeleteRetentionPolicy': 5,
    'logs DescribeLogGroups': 10,
    'logs CreateLogGroup': 10,
    'logs DescribeLogStreams': 25,
    'logs FilterLogEvents': 5,
    'logs TestMetricFilter': 5,
    'lambda GetPolicy': 15,
    'lambda *': 15,
  };
  readonly #time: WorldTime;
  readonly #buckets = new Map<string, Bucket>();

  constructor(time: WorldTime) {
    this.#time = time;
  }

  /** Takes one token; false when the account-region has none left. A sped-up world refills as much faster. */
  take(account: string, region: string, service: string, operation: string): boolean {
    const budget = [`${service} ${operation}`, `${service} *`].find((name) => this.perSecond[name] !== undefined);
    if (budget === undefined) return true;
    const perSecond = this.perSecond[budget] ?? 0;
    const key = `${account} ${region} ${budget}`;
    const now = this.#time.now();
    const bucket = this.#buckets.get(key) ?? { tokens: perSecond, atMs: now };
    const refill = ((now - bucket.atMs) / 1000) * perSecond * this.#time.speed;
    const tokens = Math.min(perSecond, bucket.tokens + refill);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: now });
    return tokens >= 1;
  }
}
