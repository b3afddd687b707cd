/** Load balancers ask without credentials whether an API server lives, and scanners what version it has. */
import { nobody } from './actors.ts';
import { every, MINUTE, type Moment, SECOND } from './moments.ts';
import { type Actor, request } from './request.ts';

/** From control plane addresses in EKS's own account. One in ten is told. */
const CHECKS = ['/readyz', '/livez', '/readyz?exclude=kms-provider-0', '/healthz'];

export function probes(): Moment[] {
  return [
    ...every('health', 7 * SECOND, (_, turn) =>
      request(anonymous('172.16.88.14', 'Go-http-client/1.1'), 'get', CHECKS[turn % CHECKS.length] ?? '/readyz'),
    ),
    ...every('version', 10 * MINUTE, () =>
      request(anonymous('10.0.20.15', 'kube-probe/1.33'), 'get', '/version?timeout=32s'),
    ),
    // A public endpoint is found within the hour; since 1.32 EKS answers everything else with 401.
    ...every('scanner', 18 * MINUTE, (_, turn) =>
      request(nobody('Mozilla/5.0 zgrab/0.x', '192.0.2.66'), 'get', ['/', '/api', '/.env'][turn % 3] ?? '/', {
        code: 401,
      }),
    ),
  ];
}

function anonymous(address: string, userAgent: string): Actor {
  return {
    user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    userAgent,
    address,
    reason:
      'RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole "system:public-info-viewer" to Group "system:unauthenticated"',
  };
}
