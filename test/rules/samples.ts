/** Detection rules, a draft and what it found: the values every view of rules is drawn from in tests. */
import type { ExistingRule, RulePayload } from '../../src/datadog/rules.ts';
import type { Advice } from '../../src/rules/advice.ts';
import type { CatalogueRule } from '../../src/rules/catalogue.ts';
import type { ChangeCard } from '../../src/rules/change-card.ts';
import { compileRule, differs, isUntouched, marked, severityOf } from '../../src/rules/compile.ts';
import { type Draft, newDraft, SUITS } from '../../src/rules/draft.ts';
import type { PackRule } from '../../src/rules/pack.ts';
import type { Tried } from '../../src/rules/try-out.ts';

export const OLIVIA = 'U0OLIVIA01';
export const ARJUN = 'U0ARJUN001';
export const APPROVALS = 'C0APPROVE1';
export const AT = (time: string) => new Date(`2026-11-23T${time}Z`);
export const SITE = { DD_SITE: 'datadoghq.com', DD_APP_URL: undefined } as const;

const EXEC = 'source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec';

/** A rule of a pack, as its file says it. */
export function packRule(more: Partial<PackRule> = {}): PackRule {
  return {
    id: 'exec-into-pod',
    title: { en: 'Command executed in a pod', ja: 'Pod 内でのコマンド実行' },
    queries: { exec: `${EXEC} @http.method:(create OR get)` },
    detection: {
      method: 'threshold',
      evaluation_window: 300,
      keep_alive: 3600,
      max_signal_duration: 21_600,
      decrease_criticality_based_on_env: false,
    },
    cases: [{ severity: 'medium', condition: 'exec > 0' }],
    group_by: ['@aws.awslogs.owner', '@aws.awslogs.logGroup', '@usr.name'],
    tags: [
      'source:kubernetes.audit',
      'security:attack',
      'tactic:TA0002-execution',
      'technique:T1609-container-administration-command',
    ],
    shipped: { relation: 'replaces', name: 'User Exec into a Pod', default_id: '1d5-6cd-162' },
    references: ['https://attack.mitre.org/techniques/T1609/'],
    triage: {
      en: ['Ask `user.extra.sessionName` whether it was them.', 'Look at what was run in the pod.'],
      ja: ['`user.extra.sessionName` の本人に確認します。', 'Pod 内で実行されたコマンドを確認します。'],
    },
    noise: { en: 'Debugging during an incident.', ja: '障害対応中の調査が該当します。' },
    enabled: true,
    ...more,
  };
}

/** A payload as Datadog has it. */
export function existingRule(
  payload: Partial<RulePayload> & Record<string, unknown>,
  more: Partial<ExistingRule> = {},
) {
  const tags = payload.tags ?? [];
  const tagged = (start: string) => tags.find((tag) => tag.startsWith(start))?.slice(start.length);
  return {
    id: 'abc-def-ghi',
    name: payload.name ?? '',
    enabled: payload.isEnabled ?? true,
    shipped: false,
    packId: tagged('eks-audit-id:'),
    content: tagged('eks-audit-content:'),
    wire: { version: 3, ...payload },
    ...more,
  } satisfies ExistingRule;
}

/** Of the pack; `change` is what somebody did to it in Datadog since. */
export function ofPack(pack = packRule(), change: Partial<RulePayload> | undefined = {}): CatalogueRule {
  const found = existingRule({ ...compileRule(pack), ...change });
  const edits = differs(found, pack);
  const outdated = edits.length > 0 && isUntouched(found);
  return {
    key: pack.id,
    name: pack.title.en,
    origin: 'pack',
    state: !found.enabled ? 'disabled' : edits.length > 0 && !outdated ? 'edited' : 'enabled',
    severity: severityOf(pack),
    tactics: ['TA0002-execution'],
    signals: 4,
    edits,
    outdated,
    pack,
    existing: found,
  };
}

export function missing(pack = packRule()): CatalogueRule {
  return { ...ofPack(pack), state: 'missing', signals: 0, edits: [], outdated: false, existing: undefined };
}

/** As an older pack had it, which nobody touched since. */
export function outdated(): CatalogueRule {
  const older = compileRule(packRule({ cases: [{ severity: 'low', condition: 'exec > 0' }] }));
  return ofPack(packRule(), older);
}

/** Datadog's own, somebody's, or one of a method no dialog knows. */
export function foreign(more: Partial<CatalogueRule> = {}, wire: Record<string, unknown> = {}): CatalogueRule {
  const found = existingRule(
    {
      name: 'User Attached to a Pod',
      isEnabled: true,
      message: 'Ask {{@usr.name}}.',
      tags: ['source:kubernetes', 'tactic:TA0007-discovery'],
      queries: [
        {
          name: 'a',
          query: 'source:kubernetes.audit @objectRef.subresource:attach',
          dataSource: 'logs',
          aggregation: 'count',
          groupByFields: ['@usr.name'],
          distinctFields: [],
        },
      ],
      options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 7200 },
      cases: [{ name: '', status: 'info', condition: 'a > 0', notifications: [] }],
      ...wire,
    },
    { id: 'def-000-att', shipped: true },
  );
  return {
    key: 'def-000-att',
    name: found.name,
    origin: 'shipped',
    state: 'enabled',
    severity: 'info',
    tactics: ['TA0007-discovery'],
    signals: 0,
    edits: [],
    outdated: false,
    pack: undefined,
    existing: found,
    ...more,
  };
}

export function draft(more: Partial<Draft> = {}): Draft {
  return {
    ...newDraft(EXEC, AT('14:00:00')),
    name: 'Exec by {{@usr.name}}',
    ...(more.method ? SUITS[more.method] : {}),
    ...more,
  };
}

/** One exec per user, a minute apart, the newest first. */
export function tried(users: readonly string[] = ['alice', 'bob', 'alice'], count = users.length): Tried {
  const events = users.map((user, i) => ({
    at: AT(`13:${String(59 - (i % 60)).padStart(2, '0')}:00`),
    event: {
      message: '',
      tags: ['source:kubernetes.audit'],
      source: 'kubernetes.audit',
      attributes: {
        usr: { name: user },
        http: { method: 'create', status_code: 101 },
        objectRef: { resource: 'pods', subresource: 'exec', namespace: 'payments', name: 'api-7d9f' },
        aws: { awslogs: { owner: '111122223333', logGroup: '/aws/eks/prod-a/cluster' } },
      },
    },
  }));
  return { count, events };
}

/** Each of them once, in the order of `Advice`. */
export const ADVICE: readonly Advice[] = [
  { what: 'misspelled' },
  { what: 'source-added' },
  { what: 'queries-joined' },
  { what: 'cases-left' },
  { what: 'no-events' },
  { what: 'exec-verbs' },
  { what: 'counted-twice' },
  { what: 'twin', name: 'User Exec into a Pod', key: 'def-000-exe', enabled: true, shipped: true },
  { what: 'twin', name: 'Our exec', key: 'custom-1', enabled: false, shipped: false },
  { what: 'shared-name', name: 'kubernetes-admin' },
  { what: 'session-names', names: 14, identities: 1 },
  { what: 'learns', days: 7 },
  { what: 'learns', days: 0 },
  { what: 'mixes-clusters' },
  { what: 'source-partly' },
  { what: 'newest-only', looked: 1000 },
];

export function changeCardOf(
  more: Omit<Partial<ChangeCard>, 'change'> & { change?: Partial<ChangeCard['change']> } = {},
): ChangeCard {
  return {
    approvalId: 'approval-1',
    missing: 1,
    expiresAt: AT('20:00:00'),
    approvers: [],
    rejection: undefined,
    url: undefined,
    ...more,
    change: {
      kind: 'create',
      state: 'asked',
      requested_by: OLIVIA,
      until: null,
      wanted: {
        rule: { key: 'custom-1', name: 'Exec by {{@usr.name}}' },
        payload: markedPayload(),
        reason: 'The runbook asks for it.\nSee OPS-7.',
        preview: { signals: 2, events: 3, from: AT('00:00:00').toISOString(), to: AT('14:00:00').toISOString() },
        advice: [{ what: 'exec-verbs' }, { what: 'mixes-clusters' }],
      },
      ...more.change,
    },
  };
}

function markedPayload(): RulePayload {
  const payload = compileRule(packRule());
  return marked({ ...payload, message: 'Ask {{@usr.name}}.\nThen look at the pod.', tags: ['team:soc'] });
}

export const RULE = { id: 'abc-def-ghi', key: 'custom-1', name: 'Exec by {{@usr.name}}', version: 3 };
export const RULE_URL = 'https://app.datadoghq.com/security/rules/view/abc-def-ghi';

/** About a rule that is there. */
export function cardAbout(
  change: Partial<ChangeCard['change']>,
  more: Parameters<typeof changeCardOf>[0] = {},
): ChangeCard {
  const wanted = { rule: RULE, reason: 'maintenance', ...change.wanted };
  return changeCardOf({ url: RULE_URL, ...more, change: { ...change, wanted } });
}
