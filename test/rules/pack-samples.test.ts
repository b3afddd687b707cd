/** Every rule of the pack against its own sample events, and against the world's traffic. */
import { describe, expect, it } from 'vitest';
import {
  anonymousRequest,
  bindClusterAdmin,
  createPrivilegedPod,
  execIntoPod,
  listAllSecrets,
} from '../../playground/aws/audit-actions.ts';
import { type AuditEventDraft, completeEvent } from '../../playground/aws/audit-event.ts';
import { backgroundEvents } from '../../playground/aws/audit-traffic.ts';
import { receiveEntry } from '../../playground/datadog/intake.ts';
import { standardiseKubernetesAudit } from '../../playground/datadog/kubernetes-audit-pipeline.ts';
import { auditLogEvent } from '../../src/rules/audit-event.ts';
import type { PackRule } from '../../src/rules/pack.ts';
import { type LogEvent, matches, parseQuery } from '../../src/rules/query.ts';
import { isStateful, loadTestedRules, logOf } from '../../src/rules/samples.ts';
import { tryRule } from '../../src/rules/trial.ts';

const pack = loadTestedRules();

function raises(rule: PackRule, event: LogEvent): boolean {
  return Object.values(rule.queries).some((query) => matches(parseQuery(query), event));
}

describe.each(pack)('$rule.id', (tested) => {
  const { rule, match, no_match, sequences } = tested;

  it('does with every sample what the sample says', () => {
    const { tried, failures } = tryRule(tested);
    expect(failures).toEqual([]);
    expect(tried).toBe(match.length + no_match.length + sequences.length);
  });

  it('gives every sample a name of its own', () => {
    const names = [...match, ...no_match, ...sequences].map((sample) => sample.it);
    expect(new Set(names).size).toBe(names.length);
  });

  it('groups by attributes its matching events have, so that a signal names the cluster and the actor', () => {
    for (const sample of match)
      for (const attribute of rule.group_by)
        expect(matches(parseQuery(`${attribute}:*`), logOf(sample)), `${attribute} of "${sample.it}"`).toBe(true);
  });
});

describe('the audit event as Cloud SIEM sees it', () => {
  const samples = pack.flatMap(({ match, no_match }) => [...match, ...no_match]);

  it('has the attributes of the pipeline', () => {
    for (const sample of samples) {
      const expected = structuredClone(sample.event);
      standardiseKubernetesAudit(expected);
      const { aws: _, ...attributes } = logOf(sample).attributes;
      expect(attributes, sample.it).toEqual(expected);
    }
  });

  it('is what the intake makes of the Forwarder’s batch', () => {
    const [sample] = samples;
    if (!sample) throw new Error('the pack has no samples');
    const ours = logOf(sample);
    const received = receiveEntry(
      {
        message: JSON.stringify(sample.event),
        aws: ours.attributes.aws as { awslogs: { logGroup: string; logStream: string; owner: string } },
        ddsource: 'cloudwatch',
        ddsourcecategory: 'aws',
        service: 'cloudwatch',
        host: '/aws/eks/prod-a/cluster',
      },
      0,
    );
    expect(ours).toEqual({ ...received, timestamp: undefined });
  });

  it('leaves the event it was made from alone', () => {
    const event = Object.freeze({ verb: 'get', user: Object.freeze({ username: 'jane' }) });
    expect(auditLogEvent(event).attributes).toMatchObject({
      http: { method: 'get' },
      usr: { name: 'jane', id: 'jane' },
    });
    expect(Object.keys(event)).toEqual(['verb', 'user']);
  });

  it('gets no attributes from fields that are missing or of another type', () => {
    const event = auditLogEvent({ verb: 7, user: 'jane', responseStatus: { code: '200' }, sourceIPs: '10.0.0.1' });
    expect(event.attributes).not.toHaveProperty('http');
    expect(event.attributes).not.toHaveProperty('usr');
    expect(event.attributes).not.toHaveProperty('network');
  });
});

describe('the world of the playground', () => {
  const raisedBy = (draft: AuditEventDraft) =>
    pack
      .map(({ rule }) => rule)
      .filter(
        (rule) => !isStateful(rule) && raises(rule, auditLogEvent({ ...completeEvent(draft, Date.UTC(2026, 10, 20)) })),
      )
      .map((rule) => rule.id);

  const actions: [what: string, draft: AuditEventDraft, rules: string[]][] = [
    ['an exec over WebSocket', execIntoPod(), ['exec-into-pod']],
    ['an exec over SPDY', execIntoPod({ legacy: true }), ['exec-into-pod']],
    ['all secrets listed, which only a rule that remembers can judge', listAllSecrets(), []],
    ['cluster-admin bound', bindClusterAdmin(), ['cluster-admin-binding']],
    ['a privileged pod', createPrivilegedPod(), ['host-namespaces', 'privileged-pod', 'sensitive-host-path']],
    ['an anonymous request that is refused', anonymousRequest(), []],
    [
      'an anonymous request that is served',
      { ...anonymousRequest(), responseStatus: { metadata: {}, code: 200 } },
      ['anonymous-access'],
    ],
  ];

  it.each(actions)('sees %s with exactly the rules made for it', (_, draft, rules) => {
    expect(raisedBy(draft)).toEqual(rules);
  });

  it('raises nothing about a cluster where nobody does anything', () => {
    const quiet = Array.from({ length: 12 }, (_, sequence) => backgroundEvents(sequence)).flat();
    expect(quiet.flatMap(raisedBy)).toEqual([]);
  });
});
