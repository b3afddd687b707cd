/**
 * Raises a plausible signal of an EKS cluster without waiting for logs and rules, for storms and for tests that are
 * about what follows. Its sample logs are real ones of the index, and it is announced like any other signal.
 */
import { createHash } from 'node:crypto';
import { completeEvent } from '../aws/audit-event.ts';
import { projectedPaths, signalOf } from './detected-signal.ts';
import { groupsOf } from './detection-groups.ts';
import { Evidence } from './evidence.ts';
import type { IntakeEntry } from './intake.ts';
import type { Rule, Severity } from './rule.ts';
import type { Signal } from './signal.ts';
import type { Datadog } from './state.ts';

export interface SignalSeed {
  /** A rule, or the name of one; a name that no rule has makes one up, the same for the same name. */
  rule?: Rule | string;
  /** What was done: a shell in a pod, or all secrets listed. */
  action?: 'exec' | 'secrets';
  /** That of the rule's first case unless given. */
  severity?: Severity;
  /** Several make a signal whose samples name several clusters. */
  cluster?: string | readonly string[];
  /** The owner of the log group. */
  account?: string;
  region?: string;
  user?: string;
  /** `user.extra` of the audit event, such as `{ sessionName: ['jane@example.com'] }`. */
  extra?: Record<string, string[]>;
  ip?: string;
  namespace?: string;
  pod?: string;
  title?: string;
  message?: string;
  /** Beside those of the rule and the logs. */
  tags?: readonly string[];
  /** When it is raised, milliseconds since the epoch; now unless given. */
  atMs?: number;
  eventsMatched?: number;
  /** False: nobody is told, as when only the poller can find it. */
  notify?: boolean;
}

const EXEC_RULE = 'User Exec into a Pod';
/** Between a log and its signal. */
const DETECTED_AFTER_MS = 1500;

export function plausibleSignal(datadog: Datadog, seed: SignalSeed): Signal {
  const atMs = seed.atMs ?? datadog.time.now();
  const rule = ruleOf(datadog, seed);
  const [firstCase] = rule.cases;
  const ruleCase = { name: '', notifications: [], ...firstCase, status: seed.severity ?? firstCase?.status ?? 'info' };
  const evidence = new Evidence(projectedPaths(rule));
  const clusters = typeof seed.cluster === 'string' ? [seed.cluster] : (seed.cluster ?? ['prod-a']);
  const logs = clusters.map((cluster) => datadog.addLog(entryOf(seed, cluster, atMs - DETECTED_AFTER_MS)));
  for (const log of logs) evidence.add(log, []);
  evidence.eventsMatched = Math.max(logs.length, seed.eventsMatched ?? 1);
  const [query] = rule.queries;
  const [group] = query && logs[0] ? groupsOf(logs[0].event, query) : [];
  const found = {
    rule,
    defaultId: datadog.rules.defaultIdOf(rule),
    ruleCase,
    group: group ?? { key: '', paths: [], values: [] },
    evidence,
  };
  const signal = signalOf(found, datadog.ids.event(atMs), atMs);
  if (seed.title !== undefined) signal.title = seed.title;
  if (seed.message !== undefined) signal.message = seed.message;
  if (seed.tags) signal.tags.push(...seed.tags);
  return signal;
}

function ruleOf(datadog: Datadog, { rule, action = 'exec' }: SignalSeed): Rule {
  if (typeof rule === 'object') return rule;
  const model = datadog.rule(EXEC_RULE);
  if (!model) throw new Error(`No rule ${EXEC_RULE}`);
  const name = rule ?? (action === 'exec' ? EXEC_RULE : 'Secrets of all namespaces listed');
  return datadog.rule(name) ?? madeUp(model, name, action);
}

/** As the bot's own rules are: grouped so that clusters stay apart. */
function madeUp(model: Rule, name: string, action: 'exec' | 'secrets'): Rule {
  const what = action === 'exec' ? '@objectRef.subresource:exec' : '@objectRef.resource:secrets';
  return {
    ...model,
    id: idOf(name),
    name,
    isDefault: false,
    tags: ['source:kubernetes.audit', 'security:attack'],
    queries: model.queries.map((query) => ({
      ...query,
      query: `source:kubernetes.audit ${what}`,
      groupByFields: ['@aws.awslogs.owner', '@aws.awslogs.logGroup', '@usr.name'],
    })),
  };
}

function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 3), hex.slice(3, 6), hex.slice(6, 9)].join('-');
}

function entryOf(seed: SignalSeed, cluster: string, atMs: number): IntakeEntry {
  const { account = '111122223333', region = 'us-east-1' } = seed;
  const logGroup = `/aws/eks/${cluster}/cluster`;
  return {
    message: JSON.stringify(completeEvent(actionOf(seed), atMs)),
    timestamp: atMs,
    aws: {
      awslogs: { logGroup, logStream: 'kube-apiserver-audit-4ddc5b2b1c3b', owner: account },
      invoked_function_arn: `arn:aws:lambda:${region}:${account}:function:DatadogForwarder`,
    },
    ddsource: 'cloudwatch',
    ddsourcecategory: 'aws',
    ddtags: 'forwardername:datadogforwarder,forwarder_version:5.4.11',
    service: 'cloudwatch',
    host: logGroup,
  };
}

function actionOf(seed: SignalSeed): Parameters<typeof completeEvent>[0] {
  const { action = 'exec', namespace = 'shop', pod = 'web-0', user: username = 'kubernetes-admin' } = seed;
  const common = {
    user: { username, groups: ['system:authenticated'], ...(seed.extra && { extra: seed.extra }) },
    sourceIPs: [seed.ip ?? '203.0.113.7'],
  };
  if (action === 'secrets') {
    return {
      ...common,
      verb: 'list',
      requestURI: '/api/v1/secrets?limit=500',
      objectRef: { resource: 'secrets', apiVersion: 'v1' },
    };
  }
  return {
    ...common,
    verb: 'get',
    requestURI: `/api/v1/namespaces/${namespace}/pods/${pod}/exec?command=sh&stdin=true&stdout=true&tty=true`,
    objectRef: { resource: 'pods', subresource: 'exec', namespace, name: pod, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 101 },
  };
}
