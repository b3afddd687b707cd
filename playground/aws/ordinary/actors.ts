/** Who asks the API server, and as whom the audit log knows them. Ephemeral names change with the hour. */
import { UPGRADE } from './moments.ts';
import { hex, pick, tail, uuidOf } from './naming.ts';
import type { Actor } from './request.ts';

export interface Node {
  name: string;
  address: string;
  instance: string;
  role: string;
  version: string;
}

export const ACCOUNT = '111122223333';
/** Where the control plane's network interfaces are, inside the VPC. */
const CONTROL_PLANE = '10.0.61.118';
const OLD = 'v1.33.5 (linux/amd64) kubernetes/0862ded';
const NEW = 'v1.34.1 (linux/amd64) kubernetes/93248f9';
export const NEW_VERSION = 'v1.34.1-eks-113cf36';

/** The version of the control plane at a time of the hour. */
export function controlPlaneVersion(at: number): string {
  return at < UPGRADE ? OLD : NEW;
}

export function nodeAt(address: string, role = 'prod-nodegroup-default', version = OLD): Node {
  const name = `ip-${address.replaceAll('.', '-')}.ec2.internal`;
  return { name, address, instance: `i-0${hex(address, 16)}`, role, version };
}

/** A node that Karpenter made, at an address nobody had before. */
export function nodeOfTheHour(label: string, version: 'old' | 'new'): Node {
  const address = `10.0.${40 + pick(`${label} subnet`, 20)}.${10 + pick(`${label} host`, 200)}`;
  return nodeAt(address, 'KarpenterNodeRole-prod-a', version === 'new' ? NEW : OLD);
}

export function kubelet(node: Node): Actor {
  const principal = `AROA${hex(node.role, 17).toUpperCase()}`;
  const fargate = node.name.startsWith('fargate-');
  return {
    user: {
      username: `system:node:${node.name}`,
      uid: `aws-iam-authenticator:${ACCOUNT}:${principal}`,
      groups: [
        'system:bootstrappers',
        'system:nodes',
        ...(fargate ? ['system:node-proxier'] : []),
        'system:authenticated',
      ],
      extra: {
        accessKeyId: [`ASIA${hex(node.instance, 16).toUpperCase()}`],
        arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/${node.role}/${node.instance}`],
        canonicalArn: [`arn:aws:iam::${ACCOUNT}:role/${node.role}`],
        principalId: [principal],
        sessionName: [node.instance],
        'sigs.k8s.io/aws-iam-authenticator/principalId': [principal],
      },
    },
    userAgent: `kubelet/${node.version}`,
    address: node.address,
    reason: '',
  };
}

/** A controller of kube-controller-manager: a service account whose token belongs to no pod. */
export function controller(name: string, at: number): Actor {
  const { user, reason } = serviceAccount('kube-system', name, { role: `system:controller:${name}` });
  const token = uuidOf(`token ${name} ${controlPlaneVersion(at)}`);
  return {
    user: { ...user, extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${token}`] } },
    reason,
    userAgent: `kube-controller-manager/${controlPlaneVersion(at)}/system:serviceaccount:kube-system:${name}`,
    address: CONTROL_PLANE,
  };
}

/** A part of the control plane that has a certificate and no service account. */
export function component(name: 'kube-controller-manager' | 'kube-scheduler', at: number, part: string): Actor {
  return {
    user: { username: `system:${name}`, groups: ['system:authenticated'] },
    userAgent: `${name}/${controlPlaneVersion(at)}/${part}`,
    address: CONTROL_PLANE,
    reason: `RBAC: allowed by ClusterRoleBinding "system:${name}" of ClusterRole "system:${name}" to User "system:${name}"`,
  };
}

/** The API server talking to itself. */
export function apiServer(at: number): Actor {
  const release = at < UPGRADE ? 'old' : 'new';
  return {
    user: {
      username: 'system:apiserver',
      uid: uuidOf(`apiserver ${release}`),
      groups: ['system:authenticated', 'system:masters'],
    },
    userAgent: `kube-apiserver/${controlPlaneVersion(at)}`,
    address: '::1',
    reason: '',
  };
}

/** What EKS runs beside the control plane, in its own account. */
export function eks(name: string, userAgent = `${name}/v0.0.0 (linux/amd64) kubernetes/$Format`): Actor {
  const username = `eks:${name}`;
  return {
    user: { username, groups: ['system:authenticated'] },
    userAgent,
    address: '10.0.74.203',
    reason: `RBAC: allowed by ClusterRoleBinding "${username}" of ClusterRole "${username}" to User "${username}"`,
  };
}

/** EKS's managers are Lambda functions: IAM callers, from public addresses of AWS. */
export function eksLambda(name: 'addon-manager' | 'node-manager', hour: string): Actor {
  const role = {
    'addon-manager': 'AWSWesleyClusterManagerLambda-Add-AddonManagerRole-1CRTQUJF13T5U',
    'node-manager': 'AWSWesleyClusterManagerLambda-NodeManagerRole-16UPVDKA1KBGI',
  }[name];
  const session = `17${pick(`${name} ${hour}`, 1e9)}${pick(`${hour} ${name}`, 1e8)}`;
  const principal = `AROA${hex(role, 17).toUpperCase()}`;
  const base = eks(name, 'Go-http-client/1.1');
  return {
    ...base,
    user: {
      ...base.user,
      uid: `aws-iam-authenticator:444455556666:${principal}`,
      extra: {
        accessKeyId: [`ASIA${hex(session, 16).toUpperCase()}`],
        arn: [`arn:aws:sts::444455556666:assumed-role/${role}/${session}`],
        canonicalArn: [`arn:aws:iam::444455556666:role/${role}`],
        principalId: [principal],
        sessionName: [session],
      },
    },
    address: `198.51.100.${10 + pick(session, 200)}`,
  };
}

/** Whose credentials are missing or have expired: refused before the API server knows a name, and audited without. */
export function nobody(userAgent: string, address: string): Actor {
  return { user: {} as Actor['user'], userAgent, address, reason: '' };
}

export interface PodOf {
  pod: string;
  node: Node;
}

/** Its token names the pod it was made for. */
export function workload(namespace: string, name: string, userAgent: string, { pod, node }: PodOf): Actor {
  const { user, reason } = serviceAccount(namespace, name);
  return {
    user: {
      ...user,
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${uuidOf(`token ${pod}`)}`],
        'authentication.kubernetes.io/node-name': [node.name],
        'authentication.kubernetes.io/node-uid': [uuidOf(node.name)],
        'authentication.kubernetes.io/pod-name': [pod],
        'authentication.kubernetes.io/pod-uid': [uuidOf(pod)],
      },
    },
    userAgent,
    address: `10.0.${node.address.split('.')[2]}.${10 + pick(pod, 240)}`,
    reason,
  };
}

/** The name a ReplicaSet gives a pod. */
export function podOf(deployment: string, hour = 'for months'): string {
  return `${deployment}-${tail(`${deployment} template`, 9)}-${tail(`${deployment} ${hour}`)}`;
}

function serviceAccount(namespace: string, name: string, { role = name } = {}): Pick<Actor, 'user' | 'reason'> {
  return {
    user: {
      username: `system:serviceaccount:${namespace}:${name}`,
      uid: uuidOf(`${namespace}/${name}`),
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    },
    reason: `RBAC: allowed by ClusterRoleBinding "${role}" of ClusterRole "${role}" to ServiceAccount "${name}/${namespace}"`,
  };
}
