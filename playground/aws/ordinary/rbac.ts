/** Roles and bindings as they are written. */

export type PolicyRule = Record<string, string[]>;

export const RBAC = '/apis/rbac.authorization.k8s.io/v1';
export const READ = ['get', 'list', 'watch'];

export function role(name: string, rules: PolicyRule[]): Record<string, unknown> {
  return { kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name }, rules };
}

export function binding(name: string, roleName: string, subject: Record<string, string>): Record<string, unknown> {
  return {
    kind: 'ClusterRoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name },
    subjects: [subject],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
  };
}

export function group(name: string): Record<string, string> {
  return { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name };
}
