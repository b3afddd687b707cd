/**
 * The AWS side of the world: accounts, regions and what lives in them, with every delay and trap as a plain knob.
 * Nothing here knows HTTP; `routes.ts` speaks the wire protocols, tests seed and read this.
 */
import type { WorldTime } from '../time.ts';
import { parseArn } from './arn.ts';
import type { AutoSubscription } from './auto-subscription.ts';
import { startAutoSubscription } from './auto-subscription.ts';
import type { ClusterSeed } from './cluster.ts';
import { Cluster } from './cluster.ts';
import { ControlPlane, eksLogGroupName } from './control-plane.ts';
import { LogDelivery, PAUSE_AFTER_REFUSAL_MS } from './delivery.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import type { ForwarderBatch, ForwarderSeed, IntakeEntry, Ship } from './forwarder.ts';
import { Forwarder } from './forwarder.ts';
import type { Role, RoleSeed } from './identities.ts';
import { Identities } from './identities.ts';
import type { FunctionSeed, LogsPayload } from './lambda-function.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { AccountPolicy, LogGroupSeed } from './log-group.ts';
import { LogGroup } from './log-group.ts';
import { MetricStore } from './metric-store.ts';
import { Rates } from './rates.ts';

export type { ForwarderBatch, IntakeEntry };

export interface Region {
  account: string;
  region: string;
  clusters: Map<string, Cluster>;
  logGroups: Map<string, LogGroup>;
  functions: Map<string, LambdaFunction>;
  accountPolicy: AccountPolicy | undefined;
  metrics: MetricStore;
}

export interface AwsOptions {
  time: WorldTime;
  /** How the Forwarder's POST reaches Datadog's intake; throwing means that the post failed. */
  ship: Ship;
  /** Whom the static keys `AKIAPLAYGROUND…` belong to; its account is the bot's home. */
  botRoleArn?: string;
}

export class Aws {
  readonly time: WorldTime;
  readonly identities: Identities;
  readonly controlPlane: ControlPlane;
  readonly delivery: LogDelivery;
  readonly rates: Rates;

  // Real-world durations in milliseconds; the world's speed divides them.
  updateDurationMs = 35_000;
  groupCreationDelayMs = 60_000;
  deliveryDelayMs = 5_000;
  /** How often each control plane writes its own noise; Infinity is never. */
  backgroundEveryMs = 5_000;
  /** How far DescribeCluster is behind. */
  describeLagMs = 0;
  /** How long CloudWatch Logs does not see a fresh AddPermission; up to 5 minutes in the field. */
  permissionPropagationMs = 0;
  /** How long a filter whose delivery was refused is skipped. */
  deliveryPauseMs = PAUSE_AFTER_REFUSAL_MS;
  /** How late metrics appear in GetMetricData. */
  metricsDelayMs = 60_000;
  /** How far DescribeLogStreams is behind with the last event: "typically within an hour". */
  streamTimestampLagMs = 60 * 60_000;

  /** Subscription filters per log group: 2, raised to 5 during 2026. */
  filterLimit = 2;
  /** Answers with throttling once an account-region spends its published rate. */
  enforceRates = false;
  /** Regions that are not opted in: every key is unknown there. */
  readonly disabledRegions = new Set<string>();

  readonly #ship: Ship;
  readonly #regions = new Map<string, Region>();
  readonly #accounts = new Set<string>();

  constructor(options: AwsOptions) {
    this.time = options.time;
    this.#ship = options.ship;
    this.identities = new Identities(options.botRoleArn ?? 'arn:aws:iam::999988887777:role/eks-audit-bot');
    this.#accounts.add(this.identities.base.account);
    this.controlPlane = new ControlPlane(this);
    this.delivery = new LogDelivery(this);
    this.rates = new Rates(options.time);
  }

  addAccount(id: string): void {
    if (!/^\d{12}$/.test(id)) throw new Error(`an account id has twelve digits: ${id}`);
    this.#accounts.add(id);
  }

  get accounts(): string[] {
    return [...this.#accounts];
  }

  region(account: string, region: string): Region {
    const key = `${account} ${region}`;
    let found = this.#regions.get(key);
    if (!found) {
      this.addAccount(account);
      found = {
        account,
        region,
        clusters: new Map(),
        logGroups: new Map(),
        functions: new Map(),
        accountPolicy: undefined,
        metrics: new MetricStore(),
      };
      this.#regions.set(key, found);
    }
    return found;
  }

  addRole(seed: RoleSeed): Role {
    const role = this.identities.addRole(seed);
    this.addAccount(role.account);
    return role;
  }

  /** A cluster seeded with logging on already has its log group, as if it had been on for long. */
  addCluster(seed: ClusterSeed): Cluster {
    const cluster = new Cluster(this, seed);
    const region = this.region(seed.account, seed.region);
    if (region.clusters.has(seed.name)) throw new Error(`cluster exists: ${cluster.arn}`);
    region.clusters.set(seed.name, cluster);
    const name = eksLogGroupName(seed.name);
    if (seed.logging?.length && !region.logGroups.has(name))
      this.addLogGroup({ account: seed.account, region: seed.region, name });
    this.controlPlane.loggingChanged(cluster);
    return cluster;
  }

  removeCluster(arn: string): void {
    const cluster = this.cluster(arn);
    if (!cluster) return;
    this.region(cluster.account, cluster.region).clusters.delete(cluster.name);
    this.controlPlane.clusterDeleted(cluster);
  }

  addForwarder(seed: ForwarderSeed): Forwarder {
    const forwarder = new Forwarder(seed, this.#ship);
    this.region(seed.account, seed.region).functions.set(forwarder.name, forwarder);
    return forwarder;
  }

  /** A foreign Lambda: found by ListFunctions, invocable, of no further effect. */
  addFunction(seed: FunctionSeed): LambdaFunction {
    const fn = new LambdaFunction(seed);
    this.region(seed.account, seed.region).functions.set(fn.name, fn);
    return fn;
  }

  removeFunction(arn: string): void {
    const fn = this.functionByArn(arn);
    if (fn) this.region(fn.account, fn.region).functions.delete(fn.name);
  }

  addLogGroup(seed: LogGroupSeed): LogGroup {
    const group = new LogGroup(seed, this.time.now());
    this.region(seed.account, seed.region).logGroups.set(seed.name, group);
    return group;
  }

  removeLogGroup(account: string, region: string, name: string): void {
    const group = this.logGroup(account, region, name);
    if (!group) return;
    this.region(account, region).logGroups.delete(name);
    this.controlPlane.groupDeleted(group);
  }

  /** Somebody's filter, put past all checks. */
  addFilter(seed: { group: LogGroup; name: string; pattern?: string; destinationArn: string }): void {
    seed.group.putFilter(seed.name, seed.pattern ?? '', seed.destinationArn, this.time.now());
  }

  /** Sets or, with undefined, removes the account-level subscription policy. */
  setAccountPolicy(
    account: string,
    region: string,
    policy: { name: string; destinationArn: string; pattern?: string; selectionCriteria?: string } | undefined,
  ): void {
    const pattern = policy?.pattern ?? '';
    this.region(account, region).accountPolicy = policy && {
      policyName: policy.name,
      filterName: policy.name,
      filterPattern: pattern,
      destinationArn: policy.destinationArn,
      createdAtMs: this.time.now(),
      matches: compileFilterPattern(pattern),
      accountPolicy: true,
      ...(policy.selectionCriteria === undefined ? {} : { selectionCriteria: policy.selectionCriteria }),
    };
  }

  /** Switches Datadog's automatic triggers on; returns how to switch them off. */
  autoSubscribe(options: AutoSubscription): () => void {
    return startAutoSubscription(this, options);
  }

  cluster(arn: string): Cluster | undefined {
    const parsed = parseArn(arn);
    if (!parsed) return undefined;
    return this.region(parsed.account, parsed.region).clusters.get(parsed.resource.replace(/^cluster\//, ''));
  }

  logGroup(account: string, region: string, name: string): LogGroup | undefined {
    return this.region(account, region).logGroups.get(name);
  }

  functionByArn(arn: string): LambdaFunction | undefined {
    const parsed = parseArn(arn);
    if (parsed?.service !== 'lambda') return undefined;
    const name = parsed.resource.split(':')[1] ?? '';
    return this.region(parsed.account, parsed.region).functions.get(name);
  }

  /** Runs a function and counts it; what it throws is its own error and ends nothing else. */
  async invoke(fn: LambdaFunction, payload: LogsPayload): Promise<void> {
    const { metrics } = this.region(fn.account, fn.region);
    const count = (name: string, value: number) =>
      metrics.add('AWS/Lambda', name, { FunctionName: fn.name }, value, this.time.now());
    count('Invocations', 1);
    try {
      await fn.run(payload);
      count('Errors', 0);
    } catch {
      count('Errors', 1);
    }
  }
}
