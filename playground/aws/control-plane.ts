/**
 * EKS's own part: while a log type is on, it makes the cluster's log group and writes that component's lines, and
 * nothing while it is off.
 */
import { randomBytes } from 'node:crypto';
import type { AuditEvent, AuditEventDraft } from './audit-event.ts';
import { completeEvent } from './audit-event.ts';
import { backgroundEvents, componentLine } from './audit-traffic.ts';
import type { Cluster, LogType } from './cluster.ts';
import { LOG_TYPES } from './cluster.ts';
import type { LogGroup } from './log-group.ts';
import type { Aws } from './state.ts';

const STREAM_PREFIX: Record<LogType, string> = {
  api: 'kube-apiserver-',
  audit: 'kube-apiserver-audit-',
  authenticator: 'authenticator-',
  controllerManager: 'kube-controller-manager-',
  scheduler: 'kube-scheduler-',
};

/** A sped-up world writes background at most every 20 ms of wall time, or it would do nothing else. */
const SHORTEST_TICK_WALL_MS = 20;

export function eksLogGroupName(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}

export class ControlPlane {
  readonly #aws: Aws;
  readonly #writing = new Set<Cluster>();
  readonly #creatingGroup = new Set<Cluster>();
  readonly #streams = new Map<string, string[]>();
  #ticking = false;
  #sequence = 0;

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  loggingChanged(cluster: Cluster): void {
    if (cluster.logging.length === 0 || cluster.connected) {
      this.#writing.delete(cluster);
      return;
    }
    this.#writing.add(cluster);
    this.#group(cluster);
    this.#tickLater();
  }

  /** A deleted group comes back while logging is on. */
  groupDeleted(group: LogGroup): void {
    for (const cluster of this.#writing)
      if (
        cluster.account === group.account &&
        cluster.region === group.region &&
        eksLogGroupName(cluster.name) === group.name
      )
        this.#group(cluster);
  }

  clusterDeleted(cluster: Cluster): void {
    this.#writing.delete(cluster);
  }

  record(cluster: Cluster, draft: AuditEventDraft): AuditEvent | undefined {
    if (!cluster.logs('audit') || cluster.connected) return undefined;
    const event = completeEvent(draft, this.#aws.time.now());
    return this.#write(cluster, 'audit', [JSON.stringify(event)]) ? event : undefined;
  }

  /** API servers are replaced now and then: their next lines go to new streams. */
  rotateStreams(cluster: Cluster): void {
    for (const type of LOG_TYPES) this.#streams.delete(`${cluster.arn} ${type}`);
  }

  #tickLater(): void {
    if (this.#ticking || this.#writing.size === 0 || !Number.isFinite(this.#aws.backgroundEveryMs)) return;
    this.#ticking = true;
    const everyMs = Math.max(this.#aws.backgroundEveryMs, SHORTEST_TICK_WALL_MS * this.#aws.time.speed);
    this.#aws.time.later(everyMs, 'control plane background', () => {
      this.#ticking = false;
      this.#sequence += 1;
      for (const cluster of this.#writing) this.#writeBackground(cluster);
      this.#tickLater();
    });
  }

  #writeBackground(cluster: Cluster): void {
    const now = this.#aws.time.now();
    for (const type of cluster.logging) {
      const lines =
        type === 'audit'
          ? backgroundEvents(this.#sequence).map((draft) => JSON.stringify(completeEvent(draft, now)))
          : [componentLine(type, this.#sequence, now)];
      this.#write(cluster, type, lines);
    }
  }

  /** Lines written before the group exists are lost: EKS delivers on a best effort. */
  #write(cluster: Cluster, type: LogType, messages: string[]): boolean {
    const group = this.#group(cluster);
    if (!group) return false;
    const streams = this.#streamsOf(cluster, type);
    const stream = streams[this.#sequence % streams.length] ?? '';
    const timestamp = this.#aws.time.now();
    this.#aws.delivery.ingest(
      group,
      stream,
      messages.map((message) => ({ timestamp, message })),
    );
    return true;
  }

  #group(cluster: Cluster): LogGroup | undefined {
    const name = eksLogGroupName(cluster.name);
    const group = this.#aws.logGroup(cluster.account, cluster.region, name);
    if (group || this.#creatingGroup.has(cluster)) return group;
    this.#creatingGroup.add(cluster);
    this.#aws.time.later(this.#aws.groupCreationDelayMs, `log group of ${cluster.name}`, () => {
      this.#creatingGroup.delete(cluster);
      const { account, region } = cluster;
      if (this.#writing.has(cluster) && !this.#aws.logGroup(account, region, name))
        this.#aws.addLogGroup({ account, region, name });
    });
    return undefined;
  }

  #streamsOf(cluster: Cluster, type: LogType): string[] {
    const key = `${cluster.arn} ${type}`;
    let streams = this.#streams.get(key);
    if (!streams) {
      // One per API server, of which there are two; the other components have one leader.
      const count = type === 'audit' || type === 'api' ? 2 : 1;
      streams = Array.from({ length: count }, () => `${STREAM_PREFIX[type]}${randomBytes(16).toString('hex')}`);
      this.#streams.set(key, streams);
    }
    return streams;
  }
}
