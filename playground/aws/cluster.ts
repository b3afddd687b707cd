/** One EKS cluster: its status, which control plane logs are on, and the updates that change them over time. */
import { randomUUID } from 'node:crypto';
import { clusterArn } from './arn.ts';
import type { AuditEvent, AuditEventDraft } from './audit-event.ts';
import type { Aws } from './state.ts';

export const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'] as const;
export type LogType = (typeof LOG_TYPES)[number];
export type ClusterStatus = 'CREATING' | 'ACTIVE' | 'DELETING' | 'FAILED' | 'UPDATING' | 'PENDING';

export interface UpdateError {
  /** For example IpNotAvailable, SubnetNotFound, InsufficientFreeAddresses. */
  errorCode: string;
  errorMessage: string;
  resourceIds?: string[];
}

export interface ClusterUpdate {
  id: string;
  type: string;
  status: 'InProgress' | 'Failed' | 'Cancelled' | 'Successful';
  params: { type: string; value: string }[];
  createdAtMs: number;
  errors: UpdateError[];
  clientRequestToken?: string;
}

export interface ClusterSeed {
  account: string;
  region: string;
  name: string;
  version?: string;
  tags?: Record<string, string>;
  /** The log types that are on. */
  logging?: LogType[];
  status?: ClusterStatus;
  /** A registered cluster outside AWS: EKS has no control plane logs for it. */
  connected?: boolean;
}

/** What DescribeCluster shows; kept per change so that the answer can lag behind. */
interface View {
  fromMs: number;
  status: ClusterStatus;
  logging: Set<LogType>;
}

export class Cluster {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly tags: Record<string, string>;
  readonly connected: boolean;
  readonly createdAtMs: number;
  version: string;
  readonly updates: ClusterUpdate[] = [];
  /** The next update ends Failed with this error and changes nothing. */
  failNextUpdate: UpdateError | undefined;
  readonly #aws: Aws;
  #logging: Set<LogType>;
  #status: ClusterStatus;
  #views: View[] = [];

  constructor(aws: Aws, seed: ClusterSeed) {
    this.#aws = aws;
    this.account = seed.account;
    this.region = seed.region;
    this.name = seed.name;
    this.arn = clusterArn(seed.region, seed.account, seed.name);
    this.tags = { ...seed.tags };
    this.connected = seed.connected ?? false;
    this.version = seed.version ?? '1.33';
    this.#status = seed.status ?? 'ACTIVE';
    this.#logging = new Set(seed.logging);
    this.createdAtMs = aws.time.now() - 86_400_000;
    this.#views.push({ fromMs: 0, status: this.#status, logging: this.#logging });
  }

  get status(): ClusterStatus {
    return this.#status;
  }

  set status(status: ClusterStatus) {
    this.#status = status;
    this.#remember();
  }

  logs(type: LogType): boolean {
    return this.#logging.has(type);
  }

  /** The log types that are on, in EKS's order. */
  get logging(): LogType[] {
    return LOG_TYPES.filter((type) => this.#logging.has(type));
  }

  /** Changes logging at once and without an update, as an out-of-band change seen from far away would look. */
  setLogging(types: LogType[]): void {
    this.#logging = new Set(types);
    this.#remember();
    this.#aws.controlPlane.loggingChanged(this);
  }

  /** What DescribeCluster answers, `lagMs` (of real-world duration) behind the truth. */
  seen(lagMs: number): { status: ClusterStatus; logging: LogType[] } {
    const atMs = this.#aws.time.now() - lagMs / this.#aws.time.speed;
    const view = this.#views.findLast((candidate) => candidate.fromMs <= atMs) ?? this.#views[0];
    const logging = view?.logging ?? this.#logging;
    return { status: view?.status ?? this.#status, logging: LOG_TYPES.filter((type) => logging.has(type)) };
  }

  get runningUpdate(): ClusterUpdate | undefined {
    return this.updates.find((update) => update.status === 'InProgress');
  }

  startLoggingUpdate(wanted: Map<LogType, boolean>, params: ClusterUpdate['params'], token?: string): ClusterUpdate {
    const update = this.#start('LoggingUpdate', params, token);
    this.status = 'UPDATING';
    this.#aws.time.later(this.#aws.updateDurationMs, `logging update of ${this.name}`, () => {
      const failure = this.failNextUpdate;
      this.failNextUpdate = undefined;
      if (failure) {
        update.status = 'Failed';
        update.errors.push(failure);
      } else {
        update.status = 'Successful';
        for (const [type, enabled] of wanted) {
          const logging = new Set(this.#logging);
          if (enabled) logging.add(type);
          else logging.delete(type);
          this.#logging = logging;
        }
      }
      this.status = 'ACTIVE';
      if (!failure) this.#aws.controlPlane.loggingChanged(this);
    });
    return update;
  }

  /**
   * Somebody else's update. With `shownAs: 'ACTIVE'` DescribeCluster does not give it away, as when AWS patches
   * a control plane on its own (github.com/aws/containers-roadmap issue 1500).
   */
  foreignUpdate(options: { durationMs: number; type?: string; shownAs?: 'UPDATING' | 'ACTIVE' }): ClusterUpdate {
    const update = this.#start(options.type ?? 'VersionUpdate', [{ type: 'Version', value: this.version }]);
    this.status = options.shownAs ?? 'UPDATING';
    this.#aws.time.later(options.durationMs, `${update.type} of ${this.name}`, () => {
      update.status = 'Successful';
      this.status = 'ACTIVE';
    });
    return update;
  }

  /** Something happened in the cluster; returns the event if EKS wrote it, undefined while audit is off. */
  record(event: AuditEventDraft): AuditEvent | undefined {
    return this.#aws.controlPlane.record(this, event);
  }

  #start(type: string, params: ClusterUpdate['params'], token?: string): ClusterUpdate {
    const update: ClusterUpdate = {
      id: randomUUID(),
      type,
      status: 'InProgress',
      params,
      createdAtMs: this.#aws.time.now(),
      errors: [],
      ...(token === undefined ? {} : { clientRequestToken: token }),
    };
    this.updates.push(update);
    return update;
  }

  #remember(): void {
    this.#views.push({ fromMs: this.#aws.time.now(), status: this.#status, logging: this.#logging });
    this.#views = this.#views.slice(-50);
  }
}
