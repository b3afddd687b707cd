/** What is in the bodies of requests: pods as good charts write them, and the add-ons that every EKS node runs. */

type Json = Record<string, unknown>;

export interface PodOwner {
  kind: 'ReplicaSet' | 'DaemonSet' | 'Job' | 'StatefulSet';
  name: string;
  namespace: string;
}

export interface NodeAgent extends PodOwner {
  spec: Json;
}

/** A pod as a controller creates it: without a name, which the API server makes. */
export function podFrom(owner: PodOwner, spec: Json): Json {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: `${owner.name}-`,
      namespace: owner.namespace,
      creationTimestamp: null,
      labels: { 'app.kubernetes.io/name': owner.name.replace(/-[a-z0-9]{9}$/, '') },
      ownerReferences: [
        {
          apiVersion: owner.kind === 'Job' ? 'batch/v1' : 'apps/v1',
          kind: owner.kind,
          name: owner.name,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { restartPolicy: owner.kind === 'Job' ? 'Never' : 'Always', schedulerName: 'default-scheduler', ...spec },
    status: {},
  };
}

/** The pod of an application that asks for nothing special. */
export function applicationSpec(name: string, image: string, account = name): Json {
  return {
    serviceAccountName: account,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: `${name}-database`, key: 'url' } } },
        ],
        envFrom: [{ configMapRef: { name: `${name}-settings` } }],
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
}

/** DaemonSets whose pods start on every new node, in the order a node gets them. */
export const NODE_AGENTS: readonly NodeAgent[] = [
  agent('kube-system', 'aws-node', {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    initContainers: [container('aws-vpc-cni-init', eksImage('amazon-k8s-cni-init:v1.20.4'), { privileged: true })],
    containers: [
      container('aws-node', eksImage('amazon-k8s-cni:v1.20.4'), { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } }),
      container('aws-eks-nodeagent', eksImage('amazon/aws-network-policy-agent:v1.2.7'), {
        capabilities: { add: ['NET_ADMIN'] },
        privileged: true,
      }),
    ],
    volumes: [
      hostPath('bpf-pin-path', '/sys/fs/bpf'),
      hostPath('cni-bin-dir', '/opt/cni/bin'),
      hostPath('cni-net-dir', '/etc/cni/net.d'),
      hostPath('log-dir', '/var/log/aws-routed-eni'),
      hostPath('run-dir', '/var/run/aws-node'),
      hostPath('xtables-lock', '/run/xtables.lock'),
    ],
  }),
  agent('kube-system', 'kube-proxy', {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    containers: [container('kube-proxy', eksImage('kube-proxy:v1.33.5-eksbuild.2'), { privileged: true })],
    volumes: [
      hostPath('varlog', '/var/log'),
      hostPath('xtables-lock', '/run/xtables.lock'),
      hostPath('lib-modules', '/lib/modules'),
      { name: 'kubeconfig', configMap: { name: 'kube-proxy' } },
      { name: 'config', configMap: { name: 'kube-proxy-config' } },
    ],
  }),
  agent('kube-system', 'ebs-csi-node', {
    priorityClassName: 'system-node-critical',
    containers: [
      container('ebs-plugin', eksImage('aws-ebs-csi-driver:v1.51.0'), {
        privileged: true,
        readOnlyRootFilesystem: true,
      }),
      container('node-driver-registrar', eksImage('csi-node-driver-registrar:v2.15.0'), {}),
      container('liveness-probe', eksImage('livenessprobe:v2.17.0'), {}),
    ],
    volumes: [
      hostPath('kubelet-dir', '/var/lib/kubelet'),
      hostPath('plugin-dir', '/var/lib/kubelet/plugins/ebs.csi.aws.com/'),
      hostPath('registration-dir', '/var/lib/kubelet/plugins_registry/'),
      hostPath('device-dir', '/dev'),
    ],
  }),
  agent('kube-system', 'eks-pod-identity-agent', {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    initContainers: [
      container('eks-pod-identity-agent-init', eksImage('eks-pod-identity-agent:v0.1.36'), { privileged: true }),
    ],
    containers: [
      container('eks-pod-identity-agent', eksImage('eks-pod-identity-agent:v0.1.36'), {
        capabilities: { add: ['CAP_NET_BIND_SERVICE'] },
      }),
    ],
  }),
  agent('kube-system', 'eks-node-monitoring-agent', {
    hostNetwork: true,
    hostPID: true,
    priorityClassName: 'system-node-critical',
    containers: [
      container('eks-node-monitoring-agent', eksImage('eks-node-monitoring-agent:v1.4.1'), { privileged: true }),
    ],
    volumes: [hostPath('host-root', '/')],
  }),
  agent('monitoring', 'kube-prometheus-stack-prometheus-node-exporter', {
    hostNetwork: true,
    hostPID: true,
    securityContext: { runAsNonRoot: true, runAsUser: 65_534 },
    containers: [
      container('node-exporter', 'quay.io/prometheus/node-exporter:v1.9.1', { readOnlyRootFilesystem: true }),
    ],
    volumes: [hostPath('proc', '/proc'), hostPath('sys', '/sys'), hostPath('root', '/')],
  }),
  agent('datadog', 'datadog', {
    hostPID: true,
    containers: [
      container('agent', 'public.ecr.aws/datadog/agent:7.71.1', {}),
      container('system-probe', 'public.ecr.aws/datadog/agent:7.71.1', {
        privileged: false,
        capabilities: { add: ['SYS_ADMIN', 'SYS_RESOURCE', 'SYS_PTRACE', 'NET_ADMIN', 'BPF'] },
      }),
    ],
    volumes: [
      hostPath('runtimesocketdir', '/var/run'),
      hostPath('procdir', '/proc'),
      hostPath('cgroups', '/sys/fs/cgroup'),
      hostPath('passwd', '/etc/passwd'),
      hostPath('logpodpath', '/var/log/pods'),
    ],
  }),
  agent('amazon-guardduty', 'aws-guardduty-agent', {
    containers: [
      container('aws-guardduty-agent', eksImage('aws-guardduty-agent:v1.11.0-eks-build.4'), {
        allowPrivilegeEscalation: false,
        capabilities: { add: ['SYS_PTRACE', 'SYS_ADMIN'] },
      }),
    ],
    volumes: [
      hostPath('host-proc', '/proc'),
      hostPath('containerd-sock', '/run/containerd/containerd.sock'),
      hostPath('docker-sock', '/run/docker.sock'),
    ],
  }),
];

function agent(namespace: string, name: string, spec: Json): NodeAgent {
  return { kind: 'DaemonSet', name, namespace, spec: { serviceAccountName: name, ...spec } };
}

export function container(name: string, image: string, securityContext: Json): Json {
  return { name, image, securityContext, resources: { requests: { cpu: '50m', memory: '64Mi' } } };
}

export function hostPath(name: string, path: string): Json {
  return { name, hostPath: { path, type: '' } };
}

export function eksImage(name: string): string {
  return `602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/${name}`;
}
