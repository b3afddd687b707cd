/**
 * What is said about detection rules. Names and queries come from people and from Datadog: in mrkdwn they are set in
 * code style, in rich text they are leaves.
 */
import type { Language } from '../config.ts';
import type { RuleSeverity } from '../datadog/rules.ts';
import { code, time } from '../slack/mrkdwn.ts';
import { type Leaf, type Rich, rich } from '../slack/rich-text.ts';
import type { Advice } from './advice.ts';
import type { Origin, RuleState } from './catalogue.ts';
import type { Draft, DraftProblem } from './draft.ts';
import type { ChangeKind } from './store.ts';
import { ja } from './text.ja.ts';
import { count, named, PROSE } from './words.ts';

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
  restore: 'Restore detection rule',
};

const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

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
  comma: ', ',
  more: (n: number) => `and ${count(n)} more`,

  list: {
    title: (shown: number, all: number) =>
      shown === all ? plural(all, 'detection rule') : `${count(shown)} of ${plural(all, 'detection rule')}`,
    none: 'No rule matches. `/eks-audit rules list` with nothing behind it shows all.',
    columns: ['Rule', 'Name', 'Tactic', 'Severity', 'State', 'From', 'Signals, 7 days'],
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    previous: 'Previous',
    next: 'Next',
    hint: `${code('/eks-audit rules show <rule>')} shows one in full. ${code('/eks-audit enable <cluster> --only rules')} creates those that are not created yet.`,
  },

  show: {
    query: 'Query',
    queries: 'Queries',
    detection: 'Detection',
    cases: 'Severity',
    groupBy: 'One signal per',
    tags: 'Tags',
    noDetails: 'Datadog does not show how it detects.',
    noise: 'False alarms and blind spots',
    triage: 'What to do first',
    references: (links: string) => `References: ${links}`,
    fallback: (name: string, state: string) => `${named(name)}: ${state}`,
    edited: 'Changed in Datadog since the bot wrote it, and left as it is:',
    outdated: 'As an older version of our pack wrote it:',
    field: (path: Leaf, ours: Leaf, theirs: Leaf): Rich => rich`${path}: ${ours} in our pack, ${theirs} in Datadog`,
    restore: (key: string) => `${named(`/eks-audit rules enable ${key}`)} asks to put the pack’s version back.`,
    update: `${code('/eks-audit enable <cluster> --only rules')} brings it up to date.`,
    replaces: (name: string) =>
      `It covers all that Datadog’s ${named(name)} does: with both on, the same action alerts twice.`,
    complements: (name: string) => `It adds to Datadog’s ${named(name)}, which should stay on.`,
    signals: (n: number) => `${plural(n, 'signal')} in the last 7 days`,
    terraform: 'For Terraform, converted by Datadog',
    terraformCut: 'The rest is in Datadog, under Export on the page of the rule.',
    terraformLeftOut: 'For Terraform: in Datadog, under Export on the page of the rule.',
    open: 'Open in Datadog',
    threshold: (window: string | undefined) => (window ? `Threshold, counted over ${window}` : 'Threshold'),
    distinct: (fields: Rich, window: string | undefined): Rich =>
      rich`Threshold of different ${fields}${window ? `, counted over ${window}` : ''}`,
    newValue: (fields: Rich, learn: string, forget: string): Rich =>
      rich`New value of ${fields}; learns for ${learn}, forgets after ${forget}`,
    other: (method: Rich): Rich => rich`Method ${method}`,
    /** Of seconds. */
    keeps: (keep: number, most: string): string =>
      keep === 0
        ? 'A signal ends at once: the next match raises a new one.'
        : `A signal ends after ${en.duration(keep)} without a match, and after ${most} at the latest.`,
    missing: `Datadog does not have it yet. ${code('/eks-audit enable <cluster> --only rules')} creates it.`,
  },

  refusal: {
    unknownRule: (typed: string, meant: string | undefined) =>
      `There is no detection rule ${named(typed)}. ${meant ? `Did you mean ${named(meant)}? ` : ''}${code('/eks-audit rules list')} shows all.`,
    ambiguous: (typed: string, candidates: readonly { key: string; name: string }[]) =>
      `Several rules match ${named(typed)}: ${candidates
        .slice(0, 5)
        .map(({ key, name }) => `${named(key)} (${named(name)})`)
        .join(', ')}${candidates.length > 5 ? ` and ${count(candidates.length - 5)} more` : ''}. Say which by its id.`,
    notAllowed: (ask: string) =>
      `Only operators may change detection rules, so nothing was done. ${ask ? `Ask ${ask}.` : 'An admin can name operators in the configuration.'}`,
    notOurs: (name: string) =>
      `${named(name)} was not made by this bot on request, so it is not changed here. ${code('/eks-audit rules clone')} makes a rule of your own from it.`,
    ofThePack: (key: string) =>
      `${named(key)} belongs to the rule pack, which would create it again. Leave it out in the configuration instead: ${named(`rules: { except: [${key}] }`)}.`,
    editOfThePack: (key: string) =>
      `${named(key)} belongs to the rule pack. Change it in the configuration under ${named(`rules.overrides.${key}`)}, or make a rule of your own from it: ${named(`/eks-audit rules clone ${key}`)}.`,
    otherMethod: (name: string) =>
      `${named(name)} detects in a way this dialog does not know: it knows a count or a count of different values above a number, and new values. Change it in Datadog.`,
    queryTooLong: (length: number) =>
      `The query has ${count(length)} characters, and a dialog of Slack takes 3,000. Write this rule in Datadog itself.`,
    notExplorer:
      'This address holds no query of the Log Explorer. Open the query there and copy the address once more, or paste the query itself.',
    notCreated: (key: string) =>
      `Datadog does not have ${named(key)} yet. ${code('/eks-audit enable <cluster> --only rules')} creates it.`,
    alreadyOn: (name: string) => `${named(name)} is on, and as it should be. There is nothing to do.`,
    alreadyOff: (name: string) => `${named(name)} is off already. There is nothing to do.`,
    needsReason: (usage: string) =>
      `That makes Datadog see less, so it needs a reason${usage.includes('--for') ? ' and an end' : ''}: ${code(usage)}`,
    badFor: (typed: string) =>
      `${named(typed)} is no time span. Write hours or days, at most 90 days, such as ${code('--for 7d')}.`,
    /** Shown beside the field, and made safe there. */
    badQuery: (problem: string) => `This query cannot be read: ${problem}`,
    emptyQuery: 'Write a query first.',
    draftGone: 'This dialog is too old or not yours, so nothing was done. Begin again with `/eks-audit rules create`.',
    pending: (name: string) => `A change of ${named(name)} waits for approval already. The approvals channel has it.`,
    datadogUnreachable: 'Datadog could not be reached, so nothing was done. Try again in a minute.',
    datadogDenied: (scope: string) =>
      `Datadog refused: the application key lacks the scope ${code(scope)}. An admin can add it in Datadog under Organization Settings, Application Keys.`,
    datadogRefused: (message: string) => `Datadog refused this: ${named(message, 500)}`,
  },

  modal: {
    create: 'New detection rule',
    edit: 'Change a rule',
    close: 'Cancel',
    closeDone: 'Close',
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
      threshold: 'More events, or more different values, than a number within a time',
      new_value: 'For example a user who never did this in this cluster',
    } satisfies Record<Draft['method'], string>,
    methodFixed: (method: string) =>
      `${method}. Datadog does not allow another detection method for a rule that exists.`,
    tryIt: 'Try it',
    found: (count: number, from: Date, to: Date) => `*${plural(count, 'event')}* from ${time(from)} to ${time(to)}`,
    users: (names: Rich): Rich => rich`By ${names}`,
    user: (name: Leaf, events: number): Rich => rich`${name} (${count(events)})`,
    logs: 'Open in Log Explorer',
    preview: 'Preview',
    name: 'Name of the rule',
    nameHint: 'What the signal is called. Attributes such as {{@usr.name}} are filled in.',
    severity: 'Severity',
    groupBy: 'One signal per',
    groupByHint: 'Each combination of these has a signal of its own. Account and log group tell clusters apart.',
    moreThan: 'More than how many?',
    moreThanHint: '0 raises a signal at the first.',
    distinct: 'Count different values of',
    distinctHint: 'Instead of events, for example @objectRef.namespace',
    window: 'Within',
    of: 'New value of',
    ofHint: 'Up to five attributes, such as @usr.name',
    learnDays: 'Learn for (days)',
    learnHint: 'No signals meanwhile, unless Datadog has seen enough of the past.',
    forgetDays: 'Forget after (days)',
    keepAlive: 'A signal ends after this time without a match',
    maxDuration: 'A signal ends at the latest after',
    ask: 'Ask for approval',
    raised: (signals: number, events: number) =>
      signals === 0
        ? `On ${plural(events, 'event')}, the rule would have raised *no signal*.`
        : `On ${plural(events, 'event')}, the rule would have raised *${plural(signals, 'signal')}*.`,
    raisedNewValue: 'That is the most: it is counted as if only the first value of each group had been learnt.',
    validated: ':white_check_mark: Datadog accepts this rule.',
    message: 'Message of the signal',
    messageHint: 'What to do first. Attributes it mentions, such as {{@usr.name}}, are shown in the signal.',
    messageStays: 'The message of the signal is too long for this dialog and stays as it is.',
    tags: 'Tags',
    tagsHint: 'For example tactic:TA0002-execution technique:T1609-container-administration-command',
    reason: 'Why?',
    reasonHint: 'Approvers read this, and it stays on record.',
    asked: (channel: string) =>
      `The rule waits for approval in <#${channel}>. Nothing changes in Datadog before that. You get a message when it is decided.`,
    done: 'Waiting for approval',
  },

  problem: {
    empty: 'This must not be empty.',
    'too-long': 'This is too long for Datadog.',
    'not-a-field': 'Attributes look like @usr.name; put commas between several.',
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
      case 'source-partly':
        return '`OR` binds looser than a blank, so part of this query looks at every log. Put the alternatives in parentheses: `source:kubernetes.audit (… OR …)`.';
      case 'newest-only':
        return `Only the newest ${count(a.looked)} events were looked at.`;
      case 'exec-verbs':
        return 'kubectl 1.31 and later opens exec, attach and port-forward with the verb `get`: write `@http.method:(create OR get)`, or the rule misses them.';
      case 'counted-twice':
        return 'A stream is logged when it starts and when it ends, so each counts twice; `@stage:ResponseStarted` counts each once.';
      case 'twin':
        return `${named(a.name)}${a.shipped ? ' (Datadog’s own)' : ''} finds most of these events already${a.enabled ? ', so each would alert twice' : ', but is switched off'}. ${named(`/eks-audit rules ${a.enabled ? 'show' : 'enable'} ${a.key}`)} may be all you need.`;
      case 'shared-name':
        return `${named(a.name)} is a name several people share: it is new only once, whoever uses it later.`;
      case 'session-names':
        return `${count(a.names)} names belong to ${plural(a.identities, 'IAM role')}: a name with the session in it is new with every session. \`@user.extra.canonicalArn\` is the role itself.`;
      case 'learns':
        return a.days === 0
          ? 'It raises signals from the first value on.'
          : `It learns for ${plural(a.days, 'day')} first where Datadog has no history; silence in that time proves nothing.`;
      case 'mixes-clusters':
        return 'Without `@aws.awslogs.owner` and `@aws.awslogs.logGroup` one signal may mix several clusters.';
    }
  },

  card: {
    title: (k: ChangeKind, word: string) => `${kind[k]}: ${word}`,
    fallback: (k: ChangeKind, name: string, word: string) => `${kind[k]}: ${named(name)}, ${word}.`,
    state: {
      asked: 'waiting for approval',
      approved: 'approved, being done',
      active: 'in effect',
      done: 'done',
      rejected: 'rejected',
      expired: 'expired',
      refused: 'approved, but not done',
      ended: 'over',
    },
    rule: 'Rule',
    changes: 'What changes',
    change: (path: Leaf, ours: Leaf, theirs: Leaf): Rich => rich`${path}: ${theirs} → ${ours}`,
    message: 'Message of the signal',
    until: (at: Date) => `Until ${time(at)}; then it is switched on again by itself.`,
    reason: 'Reason',
    preview: (signals: number, events: number, from: Date, to: Date) =>
      `Would have raised ${plural(signals, 'signal')} on ${plural(events, 'event')} from ${time(from)} to ${time(to)}.`,
    less: 'While it is off, Datadog raises no signal of this rule, and nobody hears of what it would have found.',
    gone: 'Once it is deleted, Datadog raises no signal of this rule, and nobody hears of what it would have found.',
    requestedBy: (by: Leaf): Rich => rich`Asked for by ${by}`,
    approvedBy: (by: Rich): Rich => rich`Approved by ${by}`,
    rejectedBy: (by: Leaf, reason: Leaf): Rich => rich`Rejected by ${by}: ${reason}`,
    waits: (missing: number, at: Leaf): Rich =>
      rich`${missing === 1 ? 'One approval is' : `${count(missing)} approvals are`} missing. The request expires ${at}.`,
    approve: 'Approve',
    reject: 'Reject…',
    open: 'Open in Datadog',
    confirm: { title: 'Approve this change?', text: 'Datadog is changed at once.', yes: 'Approve', no: 'Not yet' },
  },

  note: {
    direct: (k: ChangeKind, name: string, said: string) => `*${kind[k]}* ${named(name)}: ${said}`,
    created: 'The rule is in Datadog.',
    verified: 'Read back from Datadog: it is as it was approved.',
    changedByDatadog: (fields: readonly string[]) =>
      `Read back from Datadog, which changed ${fields.map((field) => named(field)).join(', ')}.`,
    learning: (until: Date) => `It learns until ${time(until)} where Datadog has no history.`,
    edited: 'The rule is changed.',
    deleted: 'The rule is deleted.',
    enabled: 'The rule is on.',
    restored: 'The pack’s version is back, and on. Whom it notifies and how people tagged it is as they left it.',
    disabled: (until: Date) => `The rule is off until ${time(until)}.`,
    ended: 'The time is over: the rule is on again.',
    offLonger: (until: Date) => `The time is over. The rule stays off until ${time(until)}, as was approved later.`,
    rejected: (mention: string, reason: string) => `${mention} rejected this: ${named(reason, PROSE)}`,
    expired: 'Nobody decided in time, so the request expired. Nothing was changed.',
    /** The cause is a whole sentence, and safe. */
    refused: (cause: string) => `Nothing was changed. ${cause}`,
    tooLate: 'It was approved only after the time asked for was over, so nothing was done. Ask again.',
    moved: 'Somebody changed the rule in Datadog since this was asked for, so nothing was done. Ask again.',
    gone: 'The rule is not in Datadog any more, so nothing was done.',
  },
  asked: (k: ChangeKind, channel: string) =>
    `${kind[k]}: waiting for approval in <#${channel}>. You get a message when it is decided.`,
};

export type RulesText = typeof en;

export const text: Record<Language, RulesText> = { en, ja };
