/**
 * What is said about detection rules. Names and queries come from people and from Datadog: in mrkdwn they are set in
 * code style, in rich text they are leaves.
 */
import type { Language } from '../config.ts';
import type { RuleSeverity } from '../datadog/rules.ts';
import { code, plain, time } from '../slack/mrkdwn.ts';
import type { Advice } from './advice.ts';
import type { Origin, RuleState } from './catalogue.ts';
import type { Draft, DraftProblem } from './draft.ts';
import type { ChangeKind } from './store.ts';
import { ja } from './text.ja.ts';

const severity: Record<RuleSeverity, string> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
};
const origin: Record<Origin, string> = { pack: 'pack', shipped: 'Datadog', bot: 'made here', other: 'other' };
const state: Record<RuleState, string> = {
  enabled: 'enabled',
  disabled: 'disabled',
  edited: 'edited',
  missing: 'not created',
};
const kind: Record<ChangeKind, string> = {
  create: 'Create detection rule',
  edit: 'Change detection rule',
  delete: 'Delete detection rule',
  enable: 'Switch detection rule on',
  disable: 'Switch detection rule off',
  restore: 'Put back the pack’s version of',
};

const plural = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

export const en = {
  severity,
  origin,
  state,
  kind,
  day: (n: number) => plural(n, 'day'),
  /** Of seconds: `5 minutes`. */
  duration: (seconds: number): string =>
    seconds >= 86_400 && seconds % 86_400 === 0
      ? plural(seconds / 86_400, 'day')
      : seconds >= 3600 && seconds % 3600 === 0
        ? plural(seconds / 3600, 'hour')
        : seconds === 0
          ? 'at once'
          : plural(Math.round(seconds / 60), 'minute'),
  noDetails: 'Datadog’s list does not say.',

  list: {
    title: (shown: number, all: number) =>
      shown === all ? plural(all, 'detection rule') : `${shown} of ${plural(all, 'detection rule')}`,
    none: 'No rule fits. `/eks-audit rules list` without words shows all.',
    columns: ['Rule', 'Name', 'Tactic', 'Severity', 'State', 'From', 'Signals, 7 days'],
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    previous: 'Previous',
    next: 'Next',
    hint: `One of them: ${code('/eks-audit rules show <rule>')}. Rules that are not created yet come with ${code('/eks-audit enable <cluster> --only rules')}.`,
  },

  show: {
    query: 'Query',
    queries: 'Queries',
    detection: 'Detection',
    cases: 'Severity',
    groupBy: 'Signals apart by',
    tags: 'Tags',
    noise: 'When it is noise',
    triage: 'What to do first',
    references: 'References',
    edited: 'Changed by people since the bot wrote it. It is left alone:',
    field: (path: string, ours: string, theirs: string) => `${path}: here ${ours}, in Datadog ${theirs}`,
    restore: (key: string) => `${code(`/eks-audit rules enable ${key}`)} asks to put the pack’s version back.`,
    replaces: (name: string) =>
      `It sees all that Datadog’s “${plain(name)}” sees; with both on, each such action is told twice.`,
    complements: (name: string) => `It adds to Datadog’s “${plain(name)}”, which should stay on.`,
    signals: (n: number) => `${plural(n, 'signal')} in the last 7 days`,
    terraform: 'For Terraform, converted by Datadog',
    terraformCut: 'The rest is in Datadog, under the rule’s Export.',
    open: 'Open in Datadog',
    threshold: (window: string) => `Threshold over ${window}`,
    distinct: (fields: string, window: string) => `Different ${fields} over ${window}`,
    newValue: (fields: string, learn: string, forget: string) =>
      `New value of ${fields}; learns for ${learn}, forgets after ${forget}`,
    other: (method: string) => `Method ${method}`,
    keeps: (keep: string, most: string) => `A signal stays open until ${keep} without a match, ${most} at most.`,
    missing: 'Datadog does not have it yet.',
    disabled: 'It is switched off.',
  },

  refusal: {
    unknownRule: (typed: string, meant: string | undefined) =>
      `There is no detection rule ${code(typed)}. ${meant ? `Did you mean ${code(meant)}? ` : ''}${code('/eks-audit rules list')} shows all.`,
    ambiguous: (typed: string, candidates: readonly { key: string; name: string }[]) =>
      `Several rules fit ${code(typed)}: ${candidates
        .slice(0, 5)
        .map(({ key, name }) => `${code(key)} (${plain(name)})`)
        .join(', ')}${candidates.length > 5 ? ` and ${candidates.length - 5} more` : ''}. Say which by its id.`,
    notAllowed: (ask: string) =>
      `Only operators may change detection rules, so nothing was done. ${ask ? `Ask ${ask}.` : 'An admin can name operators in the configuration.'}`,
    notOurs: (name: string) =>
      `“${plain(name)}” was not made by this bot on request, so it is not changed here. ${code('/eks-audit rules clone')} makes a rule of your own from it.`,
    ofThePack: (key: string) =>
      `${code(key)} belongs to the rule pack, which would create it again. Leave it out in the configuration instead: ${code(`rules: { except: [${key}] }`)}.`,
    otherMethod: (name: string) =>
      `“${plain(name)}” detects in a way this dialog does not know (only threshold and new value). Change it in Datadog.`,
    notCreated: (key: string) =>
      `Datadog does not have ${code(key)} yet. ${code('/eks-audit enable <cluster> --only rules')} creates it.`,
    alreadyOn: (name: string) => `“${plain(name)}” is on, and as it should be. There is nothing to do.`,
    alreadyOff: (name: string) => `“${plain(name)}” is off already. There is nothing to do.`,
    needsReason: (usage: string) =>
      `That makes Datadog see less, so it needs a reason${usage.includes('--for') ? ' and an end' : ''}: ${code(usage)}`,
    badFor: (typed: string) =>
      `${code(typed)} is no time span. Write hours or days, at most 90 days, such as ${code('--for 7d')}.`,
    /** Shown beside the field, and made safe there. */
    badQuery: (problem: string) => `This query cannot be read: ${problem}`,
    emptyQuery: 'Write a query first.',
    draftGone: 'This dialog is too old or not yours, so nothing was done. Begin again with `/eks-audit rules create`.',
    pending: (name: string) => `A change of “${plain(name)}” waits for approval already. The approvals channel has it.`,
    datadogUnreachable: 'Datadog could not be reached, so nothing was done. Try again in a minute.',
    datadogDenied: (scope: string) =>
      `Datadog refused: the application key lacks the scope ${code(scope)}. An admin can add it in Datadog under Organization Settings, Application Keys.`,
    datadogRefused: (message: string) => `Datadog refused this: ${plain(message)}`,
  },

  modal: {
    create: 'New detection rule',
    edit: 'Change a rule',
    close: 'Cancel',
    back: 'Back',
    step: (n: number) => `Step ${n} of 3`,
    query: 'Query',
    queryHint: 'As in the Log Explorer. It is tried on real events before anything is created.',
    method: 'What is to raise a signal?',
    methods: {
      threshold: 'So many events (threshold)',
      new_value: 'Something never seen before (new value)',
    } satisfies Record<Draft['method'], string>,
    methodHints: {
      threshold: 'More than a number of events, or of different values, within a time',
      new_value: 'For example a user who never did this in this cluster',
    } satisfies Record<Draft['method'], string>,
    methodFixed: 'Datadog does not let the detection method of a rule change.',
    tryIt: 'Try it',
    found: (count: number, from: Date, to: Date) => `*${plural(count, 'event')}* from ${time(from)} to ${time(to)}`,
    examples: 'The newest',
    users: (names: string) => `By ${names}`,
    logs: 'Open in Log Explorer',
    preview: 'Preview',
    name: 'Name of the rule',
    nameHint: 'What the signal is called. Attributes such as {{@usr.name}} are filled in.',
    severity: 'Severity',
    groupBy: 'Signals apart by',
    groupByHint: 'One signal for each combination. Account and log group tell clusters apart.',
    moreThan: 'More than how many?',
    moreThanHint: '0 raises a signal at the first.',
    distinct: 'Count different values of (optional)',
    distinctHint: 'Instead of events: for example @objectRef.namespace',
    window: 'Within',
    of: 'New value of',
    ofHint: 'Up to five attributes, such as @usr.name',
    learnDays: 'Learn for (days)',
    learnHint: 'No signals meanwhile, unless Datadog has seen enough of the past.',
    forgetDays: 'Forget after (days)',
    keepAlive: 'A signal ends after this time without a match',
    maxDuration: 'and at the latest after',
    ask: 'Ask for approval',
    raised: (signals: number, events: number) =>
      signals === 0
        ? `On these ${plural(events, 'event')} the rule would have raised *no signal*.`
        : `On these ${plural(events, 'event')} the rule would have raised *${plural(signals, 'signal')}*.`,
    raisedNewValue: 'Counted as if it had learnt nothing but the first value of each group, so this is the most.',
    validated: ':white_check_mark: Datadog accepts this rule.',
    message: 'Message of the signal (optional)',
    messageHint: 'What to do first. Attributes it mentions, such as {{@usr.name}}, are shown in the signal.',
    tags: 'Tags (optional)',
    tagsHint: 'For example tactic:TA0002-execution technique:T1609-container-administration-command',
    reason: 'Why?',
    reasonHint: 'Approvers read this, and it stays on record.',
    asked: (channel: string) =>
      `The rule waits for approval in <#${channel}>. Nothing is created before. You get a message when it is decided.`,
    done: 'Asked',
    wrong: ':warning:',
  },

  problem: {
    empty: 'Write something here.',
    'too-long': 'This is too long for Datadog.',
    'not-a-field': 'Attributes look like @usr.name, several with commas between.',
    'too-many': 'Datadog takes five attributes at most.',
    window: 'This must not be shorter than the time events are counted over.',
    duration: 'This must not be shorter than the time without a match.',
    range: 'This number is outside of what Datadog takes.',
  } satisfies Record<DraftProblem['code'], string>,

  advice: (a: Advice): string => {
    switch (a.what) {
      case 'misspelled':
        return 'The source is called `kubernetes.audit`; the runbook’s `kubernetes.aduit` matches nothing and was corrected.';
      case 'source-added':
        return '`source:kubernetes.audit` was added: without it the rule would look at every log.';
      case 'queries-joined':
        return 'The rule has several queries; here they are one, joined by OR.';
      case 'cases-left':
        return 'The rule has several severities; only the first is carried over.';
      case 'no-events':
        return 'Nothing was found. Either nothing of the kind happened in this time, or a name in the query is misspelt.';
      case 'newest-only':
        return `Only the newest ${a.looked.toLocaleString('en-US')} events were looked at.`;
      case 'exec-verbs':
        return 'kubectl 1.31 and later opens exec, attach and port-forward with the verb `get`: write `@http.method:(create OR get)`, or the rule misses them.';
      case 'counted-twice':
        return 'A stream is logged when it starts and when it ends, so each counts twice; `@stage:ResponseStarted` counts each once.';
      case 'twin':
        return `“${plain(a.name)}”${a.shipped ? ' (Datadog’s own)' : ''} finds most of these events already${a.enabled ? ', so each would be told twice' : ', but is switched off'}. ${code(`/eks-audit rules ${a.enabled ? 'show' : 'enable'} ${a.key}`)} may be all you need.`;
      case 'shared-name':
        return `${code(a.name)} is a name several people share: it is new only once, whoever uses it later.`;
      case 'session-names':
        return `${a.names} names belong to ${plural(a.identities, 'IAM role')}: names with a session in them are new with every session. \`@user.extra.canonicalArn\` is the role itself.`;
      case 'learns':
        return a.days === 0
          ? 'It raises signals from the first value on.'
          : `It learns for ${plural(a.days, 'day')} where Datadog has no past to learn from: no signal in that time says nothing.`;
      case 'mixes-clusters':
        return 'Without `@aws.awslogs.owner` and `@aws.awslogs.logGroup` one signal may mix several clusters.';
    }
  },

  card: {
    title: (k: ChangeKind, word: string) => `${kind[k]}: ${word}`,
    fallback: (k: ChangeKind, name: string, word: string) => `${kind[k]} ${plain(name)}: ${word}.`,
    state: {
      asked: 'waiting for approval',
      approved: 'approved, being done',
      active: 'switched off',
      done: 'done',
      rejected: 'rejected',
      expired: 'expired',
      refused: 'approved, but refused by Datadog',
      ended: 'switched on again',
    },
    rule: 'Rule',
    severity: 'Severity',
    until: (at: Date) => `Until ${time(at)}; then it is switched on again by itself.`,
    reason: 'Reason',
    preview: (signals: number, events: number, from: Date, to: Date) =>
      `Would have raised ${plural(signals, 'signal')} on ${plural(events, 'event')} from ${time(from)} to ${time(to)}.`,
    less: 'While it is off, Datadog raises no signal of this rule, and nobody is told of what it would have said.',
    requestedBy: (mention: string) => `Asked for by ${mention}`,
    approvedBy: (mentions: string) => `Approved by ${mentions}`,
    rejectedBy: (mention: string, reason: string) => `Rejected by ${mention}: ${plain(reason)}`,
    waits: (missing: number, at: Date) =>
      `${missing === 1 ? 'One approval is' : `${missing} approvals are`} missing. The request expires ${time(at)}.`,
    approve: 'Approve',
    reject: 'Reject…',
    open: 'Open in Datadog',
    confirm: { title: 'Approve this change?', text: 'Datadog is changed at once.', yes: 'Approve', no: 'Not yet' },
  },

  note: {
    created: 'The rule is in Datadog.',
    verified: 'Read back from Datadog: it is as it was approved.',
    changedByDatadog: (fields: string) => `Read back from Datadog: it changed ${fields}.`,
    learning: (until: Date) => `It learns until ${time(until)} where Datadog has no past to learn from.`,
    edited: 'The rule is changed.',
    deleted: 'The rule is deleted.',
    enabled: 'The rule is on.',
    restored: 'The pack’s version is back. Whom it notifies and how people tagged it is as they left it.',
    disabled: (until: Date) => `The rule is off until ${time(until)}.`,
    ended: 'The time is over: the rule is on again.',
    rejected: (mention: string, reason: string) => `${mention} rejected this: ${plain(reason)}`,
    expired: 'Nobody decided in time, so the request expired. Nothing was changed.',
    refused: (cause: string) => `Datadog would not have it, so nothing was changed: ${plain(cause)}`,
    moved: 'Somebody changed the rule in Datadog since this was asked for, so nothing was done. Ask again.',
    gone: 'The rule is not in Datadog any more, so nothing was done.',
  },
  asked: (k: ChangeKind, channel: string) =>
    `${kind[k]}: waiting for approval in <#${channel}>. You get a message when it is decided.`,
};

export type RulesText = typeof en;

export const text: Record<Language, RulesText> = { en, ja };
