/**
 * What is said about signals. Cards, notes and lists are sentences of leaves (`rich`), because names in them are chosen
 * by attackers; answers to a click are mrkdwn like every other answer, with names in code style.
 */
import type { Language } from '../config.ts';
import { code, time } from '../slack/mrkdwn.ts';
import { bold, inChannel, joined, type Leaf, name, type Rich, rich, said, when, who } from '../slack/rich-text.ts';
import type { Taken } from './card.ts';
import { notes } from './notes-text.ts';
import type { ArchiveReason, Severity, TriageState } from './signal.ts';
import { ja } from './text.ja.ts';
import { type By, count, named, person, personInMrkdwn, plural } from './words.ts';

export type Outcome = 'let-through' | 'refused' | 'failed' | 'unknown';

const severity: Record<Severity, string> = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  info: 'INFO',
};

const state: Record<TriageState, string> = { open: 'open', under_review: 'under review', archived: 'archived' };

const reasons: Record<ArchiveReason, string> = {
  false_positive: 'False positive',
  testing_or_maintenance: 'Testing or maintenance',
  remediated: 'Remediated',
  investigated_case_opened: 'Investigated, case opened',
  true_positive_benign: 'True positive, benign',
  true_positive_malicious: 'True positive, malicious',
  other: 'Other',
};

const outcome: Record<Outcome, string> = {
  'let-through': 'let through',
  refused: 'refused',
  failed: 'not carried out',
  unknown: 'outcome unknown',
};

export const en = {
  severity,
  state,
  reasons,
  outcome,
  unnamed: 'Signal whose rule is not known yet',
  noCluster: 'no cluster named',
  clusterNotYet: 'cluster not known yet',
  /** Between names of a list. */
  between: ', ',
  severalClusters: (n: number) => `${count(n)} clusters`,
  signals: (n: number) => plural(n, 'signal'),

  card: {
    severity: (word: string) => word,
    fallback: (f: { severity: string; title: string; where: string; actor: string | undefined; signals: number }) =>
      `${f.severity}: ${named(f.title)}, ${f.where}${f.actor ? `, by ${named(f.actor)}` : ''}${f.signals > 1 ? ` (${count(f.signals)} signals)` : ''}.`,
    test: 'This is a test. Nothing happened in any cluster, and there is nothing to do.',
    provisional: 'Datadog has not shown the details yet; this message is completed as soon as it does.',
    who: 'Who',
    identity: (arn: Leaf): Rich => rich`AWS identity ${arn}`,
    session: (session: Leaf): Rich => rich`session ${session}`,
    others: (others: readonly { name: string; signals: number }[], more: number): Rich =>
      rich`Also ${joined(
        others.map((other) => rich`${name(other.name, 120)} (${plural(other.signals, 'signal')})`),
        ', ',
      )}${more > 0 ? `${others.length > 0 ? ' and ' : ''}${count(more)} more` : ''}`,
    unknownActor: 'not in what Datadog shows',
    from: 'From',
    with: (agent: Leaf): Rich => rich` with ${agent}`,
    what: 'What',
    did: (f: {
      verb: Leaf;
      resource: Leaf | undefined;
      object: Leaf | undefined;
      outcome: string;
      status: number | undefined;
    }): Rich =>
      rich`${f.verb}${f.resource ? rich` ${f.resource}` : ''}${f.object ? rich` ${f.object}` : ''}: ${f.outcome}${f.status === undefined ? '' : ` (HTTP ${f.status})`}`,
    howOften: 'How often',
    often: (counts: Record<TriageState, number>, events: number): string => {
      const total = counts.open + counts.under_review + counts.archived;
      const by = (['open', 'under_review', 'archived'] as const).filter((s) => counts[s] > 0);
      const each = by.length > 1 ? ` (${by.map((s) => `${count(counts[s])} ${state[s]}`).join(', ')})` : '';
      const seen = events > 0 ? `, ${plural(events, 'audit event')}` : '';
      return `${plural(total, 'signal')}${each}${seen}`;
    },
    seen: (first: Leaf, last: Leaf): Rich => rich`first ${first}, last ${last}`,
    seenOnce: (at: Leaf): Rich => rich`at ${at}`,
    clusters: 'Clusters',
    clustersNamed: (names: Rich, more: number): Rich =>
      rich`several: ${names}${more > 0 ? ` and ${count(more)} more` : ''}`,
    clustersNone: 'What Datadog shows names no cluster. The log group in the Log Explorer tells.',
    first: 'What to do first',
    sample: 'Sample (UTC)',
    taken: (taken: Taken): Rich =>
      rich`${person(taken.by)} is working on it${taken.at ? rich`, since ${when(taken.at)}` : ''}.${taken.withoutAssignee ? ' Nobody is assigned in Datadog: it has no user with this address, or did not take the assignment.' : ''}`,
    muted: (until: Date, by: string): Rich =>
      rich`Muted until ${when(until)} by ${who(by)}: new signals are counted here and not announced.`,
    escalated: (at: Date, mention: string): Rich =>
      rich`Escalated to ${who(mention)} at ${when(at)}, as nobody had taken it.`,
    archived: (n: number) =>
      `${n > 1 ? `All ${count(n)} signals are` : 'It is'} archived. Who did it and why stands in the thread.`,
    moved: (channel: string): Rich =>
      rich`Signals moved on to ${inChannel(channel)}: their severity or details lead there.`,
    suppressionAsked: (until: Date): Rich =>
      rich`A suppression until ${when(until)} waits for approval. Until then Datadog keeps raising such signals.`,
    suppressed: (until: Date): Rich =>
      rich`Suppressed until ${when(until)}: Datadog raises no such signal before then.`,
    openLogs: 'Open in Log Explorer',
    openSignal: 'Open signal',
    take: (n: number) => (n > 1 ? `Take all ${count(n)}` : 'Take it'),
    takeNew: (n: number) => `Take ${count(n)} new`,
    release: (n: number) => (n > 1 ? `Hand back all ${count(n)}` : 'Hand back'),
    archive: (n: number) => (n > 1 ? `Archive all ${count(n)}…` : 'Archive…'),
    reopen: (n: number) => (n > 1 ? `Reopen all ${count(n)}` : 'Reopen'),
    events: 'Show events',
    mute: 'Mute…',
    suppress: 'Suppress…',
  },

  storm: {
    raging: (signals: number, groups: number): string =>
      `Signal storm: ${plural(signals, 'signal')} in ${plural(groups, 'group')}`,
    over: (signals: number, groups: number): string =>
      `The signal storm is over: ${plural(signals, 'signal')} in ${plural(groups, 'group')}`,
    emptied: 'The signal storm is over: all of its signals have moved on to other channels',
    since: (since: Date): Rich =>
      rich`Since ${when(since)}. New signals are counted here instead of one message each; none is left out.`,
    lasted: (since: Date, until: Date): Rich =>
      rich`From ${when(since)} to ${when(until)}. New signals get their own messages again; these stay reachable here.`,
    severities: 'By severity',
    rules: 'Rules',
    actors: 'Who',
    clusters: 'Clusters',
    next: 'Start with the most severe: the list can be narrowed to one severity, and a group in it posted as its own message.',
    show: (n: number) => (n > 1 ? `Show all ${count(n)}` : 'Show it'),
    open: 'Open in Datadog',
  },

  modal: {
    close: 'Back',
    about: (n: number) => `This acts on ${n > 1 ? `all ${count(n)} open signals` : 'the open signal'} of the message:`,
    archive: {
      title: 'Archive',
      submit: 'Archive',
      reason: 'Reason',
      comment: 'Comment',
      hint: 'It is shown in the thread and written to Datadog with your name.',
    },
    mute: {
      title: 'Mute',
      submit: 'Mute',
      hours: 'For how long?',
      hint: 'In Slack only: Datadog keeps raising signals, and the card keeps counting them.',
      each: (hours: number) => plural(hours, 'hour'),
    },
    suppress: {
      title: 'Suppress',
      submit: 'Ask for approval',
      scope: 'What is to be suppressed?',
      scopes: {
        'rule-actor-cluster': 'This rule, by this actor, on this cluster',
        'rule-actor': 'This rule, by this actor, on every cluster',
        'rule-cluster': 'This rule, by anybody, on this cluster',
      },
      counted: (hidden: number, total: number, days: number) =>
        `Would have hidden ${count(hidden)} of ${count(total)} in ${plural(days, 'day')}`,
      hidden: 'Would have been hidden, for example',
      kept: 'Would have stayed visible, for example',
      days: 'Until when?',
      each: (days: number) => plural(days, 'day'),
      reason: 'Why?',
      hint: 'Approvers read this, and it stays on record. Nothing is suppressed before they approve.',
      none: 'No suppression can be worked out for this signal: Datadog shows neither who did it nor on which cluster. Narrow the rule’s query in Datadog instead.',
    },
    storm: {
      title: 'Signals of the storm',
      page: (page: number, pages: number) => `Page ${count(page)} of ${count(pages)}`,
      all: 'All',
      previous: 'Previous',
      next: 'Next',
      post: 'Post separately',
      none: 'No group of this severity.',
    },
  },

  list: {
    title: (total: number, hours: number) =>
      `${total === 0 ? 'No open signals' : plural(total, 'open signal group')} in the last ${hours === 1 ? 'hour' : plural(hours, 'hour')}`,
    none: 'Signals appear here once a detection rule raises one. `/eks-audit list` shows which clusters are under audit.',
    more: (n: number) => `and ${count(n)} more`,
    open: 'Open',
    message: 'Message',
    by: (actor: Leaf): Rich => rich`by ${actor}`,
    last: (at: Leaf): Rich => rich`last ${at}`,
    receiptHint: `What happened to one of them: ${code('/eks-audit where <signal id>')}`,
    digest: (n: number) => `Digest: ${n === 0 ? 'no' : count(n)} ${n === 1 ? 'signal' : 'signals'} that could wait`,
    digestPeriod: (from: Date, to: Date): Rich =>
      rich`From ${when(from)} to ${when(to)}. Nobody was notified of these one by one.`,
    allInDatadog: 'All of them in Datadog',
    testButton:
      'Datadog’s webhook test arrived: URL and secret are right. `/eks-audit test` sends a signal the whole way.',
  },

  events: {
    title: (n: number) =>
      n === 0
        ? 'Datadog shows no audit event for this signal.'
        : `The latest ${n === 1 ? 'audit event' : plural(n, 'audit event')}, times in UTC`,
    columns: ['Time', 'Who', 'Verb', 'Object', 'Status', 'IP', 'Cluster'],
    more: (n: number) => `${plural(n, 'more event')} in the Log Explorer`,
    link: 'Log Explorer',
    none: 'They may be past their retention, or not visible to this bot’s key. The Log Explorer shows what you may see.',
  },

  receipt: {
    title: (id: Leaf): Rich => rich`${bold('Receipt of signal')} ${id}`,
    fallback: (id: string, n: number) => `Receipt of signal ${named(id)}: ${plural(n, 'entry', 'entries')}.`,
    none: 'Nothing is on record for it. The id is the one at the end of its Datadog address (`event=`); a signal older than the retention is forgotten.',
    omitted: (n: number) => `${plural(n, 'entry', 'entries')} between left out`,
    received: {
      webhook: 'Received from Datadog’s webhook',
      poll: 'Found by asking Datadog; no webhook had come',
      test: 'Made by a test',
    },
    repeated: 'The webhook came again: nothing was done twice',
    read: 'Read from Datadog',
    notReadable: (reason: Leaf): Rich => rich`Could not be read from Datadog: ${reason}`,
    routed: (path: Leaf, channel: Leaf, deliver: 'post' | 'digest' | 'off'): Rich =>
      deliver === 'off'
        ? rich`Routed by ${path}: recorded, told nowhere`
        : rich`Routed by ${path} to ${channel}${deliver === 'digest' ? ', into the digest' : ''}`,
    grouped: (group: Leaf, first: boolean): Rich =>
      first ? rich`Opened message ${group}` : rich`Joined message ${group}`,
    folded: 'Folded into the storm’s card',
    posted: (channel: Leaf, repeated: boolean): Rich =>
      rich`Posted in ${channel}${repeated ? ', a second time after a crash' : ''}`,
    digested: (channel: Leaf): Rich => rich`Told in the digest of ${channel}`,
    severity: (from: string, to: string) => `Severity went from ${from} to ${to}`,
    triaged: (by: By, to: TriageState, where: string, reason: Rich | undefined): Rich =>
      rich`${person(by)} set it to ${state[to]} in ${where}${reason ? rich`: ${reason}` : ''}`,
    taken: (by: By, where: string): Rich => rich`${person(by)} took it in ${where}`,
    muted: (by: string, until: Date): Rich => rich`${who(by)} muted its message until ${when(until)}`,
    escalated: (mention: string): Rich => rich`Escalated to ${who(mention)}`,
  },

  suppression: {
    title: (state: string) => `Suppression: ${state}`,
    fallback: (rule: string, until: Date, state: string) =>
      `Suppression of ${named(rule)} until ${time(until)}: ${state}.`,
    state: {
      open: 'waiting for approval',
      approved: 'approved',
      rejected: 'rejected',
      expired: 'expired',
      refused: 'approved, but refused by Datadog',
    },
    rule: 'Rule',
    actor: 'Actor',
    cluster: 'Cluster',
    anyActor: 'anybody',
    anyCluster: 'every cluster',
    until: 'Until',
    effect: 'Effect',
    reason: 'Reason',
    warning: 'While it is in force, Datadog raises no such signal, and nobody is told of what it would have said.',
    requestedBy: (userId: string): Rich => rich`Asked for by ${who(userId)}`,
    approvedBy: (userIds: readonly string[]): Rich => rich`Approved by ${joined(userIds.map(who), ', ')}`,
    rejectedBy: (userId: string, reason: string): Rich => rich`Rejected by ${who(userId)}: ${said(reason)}`,
    waits: (missing: number, expiresAt: Date): Rich =>
      rich`${missing === 1 ? 'One approval is' : `${count(missing)} approvals are`} missing. The request expires ${when(expiresAt)}.`,
    approve: 'Approve',
    reject: 'Reject…',
    confirm: {
      title: 'Approve this suppression?',
      text: 'Datadog stops raising such signals at once, until the date on the card.',
      yes: 'Approve',
      no: 'Not yet',
    },
  },

  refusal: {
    notAllowed: (ask: string) =>
      `Only analysts may triage signals, so nothing was changed. ${ask ? `Ask ${ask}.` : 'An admin can name analysts in the configuration.'}`,
    stale: (change: { by: By; state: TriageState; in: 'slack' | 'datadog'; at: Date } | undefined) =>
      `This card showed an older state; it has just been refreshed${change ? `: ${personInMrkdwn(change.by)} ${did[change.state]} in ${change.in === 'slack' ? 'Slack' : 'Datadog'} at ${time(change.at)}` : ''}. Nothing was changed by your click.`,
    nothingOpen:
      'No signal of this message is open any more, so there was nothing to do. The thread shows who archived them.',
    nothingArchived: 'No signal of this message is archived any more, so there was nothing to reopen.',
    unknownGroup:
      'This message is past its retention, so its buttons do nothing any more. Its signals are still in Datadog.',
    criticalNotMuted: 'A critical signal cannot be muted. Take it, archive it, or ask for a suppression.',
    alreadyTaken: (by: By) =>
      `${personInMrkdwn(by)} is working on it already. Nothing was changed; ask there, or wait until it is handed back.`,
    datadogUnreachable:
      'Datadog could not be reached, so nothing was changed. Try again in a minute; `/eks-audit doctor` shows whether it lasts.',
    datadogSilent:
      'Datadog did not answer, so it is not known whether this was done. Click again in a minute: what is done already stays done, and the thread tells it once.',
    datadogDenied: (scope: string) =>
      `Datadog refused: the application key lacks the scope ${code(scope)}, so nothing was changed. An admin can add it in Datadog under Organization Settings, Application Keys; ${code('/eks-audit doctor')} checks it.`,
    datadogRefused: (message: string) => `Datadog refused this, so nothing was changed: ${named(message, 300)}.`,
    suppressionPending:
      'A suppression for this message is asked for or in force already. The approvals channel shows it.',
    badSince: (typed: string) =>
      `${named(typed, 40)} is no time span. Write hours or days, at most 90 days, such as ${code('/eks-audit signals --since 24h')}.`,
    notOurs: (at: { channel: string; ts: string }) =>
      `This is not the message the bot keeps up to date, so nothing was changed. The live one stands in <#${at.channel}> since ${time(new Date(Number(at.ts) * 1000))}.`,
  },

  done: {
    taken: (n: number) => `You took ${plural(n, 'signal')}.`,
    withoutAssignee:
      'Nobody is assigned in Datadog: it has no user with your e-mail address, or did not take the assignment. The thread names you.',
    already: 'That was done already; the thread has it.',
    released: (n: number) => `You handed back ${plural(n, 'signal')}.`,
    archived: (n: number, reason: ArchiveReason) =>
      `Archived ${plural(n, 'signal')} as ${reasons[reason].charAt(0).toLowerCase()}${reasons[reason].slice(1)}.`,
    reopened: (n: number) => `Reopened ${plural(n, 'signal')}.`,
    muted: (until: Date) =>
      `Muted until ${time(until)}. Datadog keeps raising signals, and the card keeps counting them.`,
    suppressionAsked: (channel: string) =>
      `The suppression waits for approval in <#${channel}>. Nothing is suppressed before.`,
    postedSeparately: (channel: string) => `It gets its own message in <#${channel}>.`,
    partly: (done: number, total: number, why: string) =>
      `Done for ${count(done)} of ${plural(total, 'signal')}; for the others it failed: ${why} Click again to try the rest.`,
    partlyBusy: (done: number, total: number) =>
      `Done for ${count(done)} of ${plural(total, 'signal')}; Datadog had no time for the others. Click again in a minute to try the rest.`,
  },
  notes: notes.en,
};

/** After a name. */
const did: Record<TriageState, string> = { open: 'reopened it', under_review: 'took it', archived: 'archived it' };

export type SignalsText = typeof en;

export const text: Record<Language, SignalsText> = { en, ja };
