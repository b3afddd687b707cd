/**
 * An hour of an EKS cluster to which nothing happens that anybody should be woken for: nodes and controllers talk,
 * releases roll out, a node is replaced, the control plane is upgraded, people look. Rules must stay quiet over it.
 * Renewals of leases and health checks are thinned to about one in ten; proportions follow counts published of a real
 * cluster. The same hour is always the same; what is ephemeral has other names in another hour.
 */
import type { AuditEventDraft } from './audit-event.ts';
import { addonUpdates } from './ordinary/addon-updates.ts';
import { autoscaling } from './ordinary/autoscaling.ts';
import { batch } from './ordinary/batch.ts';
import { clusterAddons } from './ordinary/cluster-addons.ts';
import { controlPlane } from './ordinary/control-plane.ts';
import { eksServices } from './ordinary/eks-services.ts';
import { gitops } from './ordinary/gitops.ts';
import { kubelets } from './ordinary/kubelets.ts';
import { HOUR } from './ordinary/moments.ts';
import { nodeLifecycle } from './ordinary/node-lifecycle.ts';
import { observability } from './ordinary/observability.ts';
import { operators } from './ordinary/operators.ts';
import { people } from './ordinary/people.ts';
import { pipelines } from './ordinary/pipelines.ts';
import { probes } from './ordinary/probes.ts';
import { sceneOf } from './ordinary/scene.ts';
import { tenants } from './ordinary/tenants.ts';
import { upgrade } from './ordinary/upgrade.ts';

export interface OrdinaryEvent {
  atMs: number;
  draft: AuditEventDraft;
}

export interface OrdinaryOptions {
  /** A public endpoint sees nodes and pods behind the address of their NAT gateway. */
  endpoint?: 'private' | 'public';
}

const NAT_GATEWAY = '198.51.100.77';
/** Subnets of nodes; the control plane's own addresses are 10.0.61 and above. */
const OF_NODES = /^10\.0\.([1-5]?\d)\./;

/** In the order of their time. */
export function ordinaryHour(fromMs: number, { endpoint = 'private' }: OrdinaryOptions = {}): OrdinaryEvent[] {
  const scene = sceneOf(fromMs);
  const seen = ({ sourceIPs = [], ...draft }: AuditEventDraft): AuditEventDraft => ({
    ...draft,
    sourceIPs: endpoint === 'public' ? sourceIPs.map((ip) => (OF_NODES.test(ip) ? NAT_GATEWAY : ip)) : sourceIPs,
  });
  return [
    ...kubelets(scene),
    ...controlPlane(),
    ...eksServices(scene),
    ...clusterAddons(scene),
    ...nodeLifecycle(scene),
    ...autoscaling(scene),
    ...gitops(scene),
    ...operators(scene),
    ...observability(scene),
    ...batch(scene),
    ...pipelines(scene),
    ...tenants(scene),
    ...people(scene),
    ...probes(),
    ...upgrade(),
    ...addonUpdates(scene),
  ]
    .filter(({ at }) => at >= 0 && at < HOUR)
    .sort((a, b) => a.at - b.at)
    .map(({ at, draft }) => ({ atMs: fromMs + at, draft: seen(draft) }));
}
