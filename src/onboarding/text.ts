/** What onboarding says in English. `text.ja.ts` is held to this shape by the compiler; `say.ts` joins the two. */
import { code, mention, plain, time } from '../slack/mrkdwn.ts';
import type { ChangeOf, Making, Operation } from './change.ts';
import type { Cost } from './cost.ts';
import type { Finding } from './finding.ts';
import { findings } from './findings-text.ts';
import type { State } from './step.ts';
import { stepsEn } from './steps-text.ts';

export type SayChanges = { [O in Operation]: (change: ChangeOf<O>) => string };

/** What a change left behind, as a noun. */
export type SayThings = { [O in Making]: (change: ChangeOf<O>) => string };

const changes: SayChanges = {
  'enable-audit-logs': () => 'Switch on the control-plane log type `audit`; other log types stay as they are',
  'disable-audit-logs': () => 'Switch off the control-plane log type `audit`: *Cloud SIEM goes blind on this cluster*',
  'set-retention': ({ target, values }) =>
    `Keep events of ${code(target)} for ${values.days} days, once EKS has created the group`,
  'add-invoke-permission': ({ target }) =>
    `Allow CloudWatch Logs to invoke ${code(target)} for EKS log groups (one statement for all clusters)`,
  'remove-invoke-permission': ({ target, values }) =>
    `Remove our statement ${code(values.sid)} from the policy of ${code(target)}`,
  'put-subscription-filter': ({ target, values }) =>
    `Add subscription filter ${code(values.name)} from ${code(target)} to the Forwarder, ${values.pattern ? 'audit events only' : 'all log types'}`,
  'repoint-subscription-filter': ({ target, values }) =>
    `Point our subscription filter ${code(values.name)} on ${code(target)}, which still leads to ${code(values.from)}, to ${code(values.forwarderArn)}, ${values.pattern ? 'audit events only' : 'all log types'}`,
  'delete-subscription-filter': ({ target, values }) =>
    `Delete our subscription filter ${code(values.name)} from ${code(target)}`,
  'create-rule': ({ values }) => `Create detection rule “${plain(values.title)}”`,
  'update-rule': ({ values }) =>
    `Bring detection rule “${plain(values.title)}” up to date with our pack; nobody edited it`,
  'enable-shipped-rule': ({ values }) => `Switch on Datadog’s own rule “${plain(values.title)}”, which ours add to`,
  'disable-shipped-rule': ({ values }) => `Switch off Datadog’s own rule “${plain(values.title)}” again`,
  'delete-rule': ({ values }) => `Delete our detection rule “${plain(values.title)}”, unless somebody edited it`,
  'put-secret-variable': ({ target }) => `Store the webhook’s secret in Datadog as variable ${code(target)}`,
  'delete-secret-variable': ({ target }) => `Delete variable ${code(target)} from Datadog`,
  'create-webhook': ({ values }) => `Create Datadog webhook \`eks-audit\` to ${code(values.url)}`,
  'update-webhook': ({ values }) => `Point Datadog webhook \`eks-audit\` to ${code(values.url)}`,
  'delete-webhook': () => 'Delete Datadog webhook `eks-audit`',
  'create-notification-rule': ({ values }) =>
    `Create a notification rule: signals of ${code(values.query)} ring the webhook`,
  'delete-notification-rule': () => 'Delete our notification rule `eks-audit`',
};

const things: SayThings = {
  'enable-audit-logs': () =>
    'Audit logs stay on: switching them off blinds Cloud SIEM and is asked for with `--audit-logs --reason …`',
  'set-retention': ({ target, values }) => `The retention of ${values.days} days on ${code(target)}`,
  'add-invoke-permission': ({ target }) => `The permission for CloudWatch Logs to invoke ${code(target)}`,
  'put-subscription-filter': ({ values }) => `Subscription filter ${code(values.name)}`,
  'repoint-subscription-filter': ({ values }) => `Subscription filter ${code(values.name)}`,
  'create-rule': ({ values }) => `Detection rule “${plain(values.title)}”`,
  'enable-shipped-rule': ({ values }) => `Datadog’s rule “${plain(values.title)}”, switched on`,
  'put-secret-variable': ({ target }) => `Variable ${code(target)} in Datadog`,
  'create-webhook': () => 'Datadog webhook `eks-audit`',
  'update-webhook': () => 'Datadog webhook `eks-audit`',
  'create-notification-rule': () => 'Notification rule `eks-audit`',
};

const states: Record<State, string> = {
  'in-sync': 'in sync',
  missing: 'missing',
  drifted: 'drifted',
  blocked: 'blocked',
  unknown: 'unknown',
  waiting: 'waiting',
};

export const en = {
  steps: stepsEn,
  states,
  changes,
  /** Many in a row; the titles come ready for mrkdwn. */
  manyRules: {
    quoted: (title: string) => `“${title}”`,
    'create-rule': (count: number, titles: string) => `Create ${count} detection rules of our pack: ${titles}`,
    'delete-rule': (count: number, titles: string) =>
      `Delete our ${count} detection rules, save those somebody edited: ${titles}`,
    thing: (count: number) => `${count} detection rules`,
  },
  things,
  findings,
  givenUp: (minutes: number) => `Given up after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  /** Instead of what is said while it is waited for. */
  notWaitedForAnyMore: {
    'foreign-update': 'Run the command again when that update is over.',
    'filter-expected':
      'Look in Datadog whether its role may subscribe log groups and no tag filter leaves this one out, or take `eks` out of the automatic subscription; then run `enable` again.',
    'group-awaited': 'Look at the cluster in the EKS console; run `enable` again when the group is there.',
  } as Partial<Record<Finding['code'], string>>,
  statusTitle: (cluster: string, fine: number, total: number) => `${cluster}: ${fine} of ${total} steps in sync`,
  nextEnable: (name: string) => `${code(`/eks-audit enable ${name}`)} plans what is missing.`,
  planTitle: (kind: 'enable' | 'disable', cluster: string, count: number) =>
    `${kind === 'enable' ? 'Bring under audit' : 'Take out of audit'}: ${cluster} (${count} ${count === 1 ? 'change' : 'changes'})`,
  planDry: 'Dry run: nothing was asked and nothing changes.',
  nothingToDo: (cluster: string) => `Nothing to do: ${code(cluster)} is under audit.`,
  nothingToDoOnly: (cluster: string, part: string) =>
    `Nothing to do for ${code(part)} of ${code(cluster)}. ${code(`/eks-audit status ${cluster}`)} shows the rest.`,
  nothingToChange: (cluster: string) => `Nothing is left to change for ${code(cluster)}, but no audit logs arrive.`,
  groupCannotCome: (cluster: string, group: string, why: string) =>
    `Cannot subscribe ${code(cluster)} to the Forwarder by itself: its log group ${code(group)} does not exist, and EKS creates it only once it writes audit logs. ${why} Run ${code(`/eks-audit enable ${cluster}`)} without ${code('--only')}: that switches audit logs on first.`,
  nothingToDisable: (cluster: string) =>
    `Nothing to do: nothing that stands for ${code(cluster)} was made by this bot.`,
  changesTitle: '*What will change*',
  leavesTitle: '*What stays*',
  usedByOthers: 'Used by other clusters:',
  beforeTitle: '*What was approved before*',
  undo: (name: string) =>
    `Undo: ${code(`/eks-audit disable ${name}`)} takes these back, except audit logs and retention, which stay.`,
  undoDisable: (name: string) => `Undo: ${code(`/eks-audit enable ${name}`)}.`,
  needs: (needs: string[]) => `Uses ${needs.map(code).join(', ')}`,
  cost: (c: Cost) =>
    `Cost: about ${dollars(c.cloudWatch)} CloudWatch and ${dollars(c.datadog)} Datadog a month at list prices, ${c.basis === 'measured' ? `measured at ${range(c.gbPerDay)} GB a day` : `for ${range(c.gbPerDay)} GB a day (no history yet; small to busy cluster)`}. Cloud SIEM is billed by your contract.`,
  conditional:
    'Steps that cannot be seen yet stop the run if the log group turns out to be in the Infrequent Access class, has no free filter, or gets a filter from somebody else first.',
  infrastructureWarning: (tool: string) =>
    `:warning: This cluster is managed by ${tool}, which may switch audit logs off again. ${keepInCode(tool)}`,
  warnings: '*Could not be checked, or not as it should be*',
  reason: (reason: string) => `Reason: ${plain(reason)}`,
  requestedBy: (user: string) => `Requested by ${mention(user)}`,
  waitingFor: (audiences: string, missing: number) =>
    `Waiting for ${missing === 1 ? 'an approval' : `${missing} approvals`} by ${audiences}.`,
  approvedBy: (users: string[]) => `Approved by ${users.map(mention).join(', ')}`,
  expires: (at: Date) => `Expires ${time(at)}.`,
  approve: 'Approve',
  reject: 'Reject…',
  confirmTitle: 'Approve this plan?',
  confirmText: (cluster: string, count: number) =>
    `${count} ${count === 1 ? 'change' : 'changes'} for ${cluster} start at once.`,
  confirmYes: 'Approve',
  confirmNo: 'Not yet',
  asked: (channel: string) => `The plan is waiting for approval in <#${channel}>. You get a message when it is done.`,
  alreadyOpen: (cluster: string, by: string) =>
    `${code(cluster)} already has an open request by ${mention(by)}. ${code('/eks-audit approvals')} shows what waits for whom.`,
  prerequisitesTitle: (cluster: string) => `Before ${cluster} can be brought under audit, somebody has to do this:`,
  prerequisitesDone: (cluster: string) => `Everything needed for ${cluster} is in place; its approval has been asked.`,
  prerequisitesStopped: (cluster: string) => `The request for ${cluster} ended.`,
  prerequisitesSent:
    'Something has to be done by hand first. I sent you what, with links and values, and ask for the approval as soon as it holds.',
  checkedEvery: 'Checked every minute. Nothing is switched on and nothing is billed before.',
  open: 'Open',
  withdraw: 'Withdraw request',
  useThis: 'Use this one',
  forwarderChosen: (arn: string) => `${code(arn)} is used for this account and Region from now on.`,
  values: (pairs: [string, string][]) => pairs.map(([k, v]) => `${plain(k)}: ${code(v)}`).join('\n'),
  cardState: {
    prerequisites: 'Waiting for prerequisites',
    approval: 'Waiting for approval',
    running: 'In progress',
    succeeded: 'Done',
    stopped: 'Stopped',
    rejected: 'Rejected',
    expired: 'Expired',
    withdrawn: 'Withdrawn',
  },
  rejectedBecause: (by: string, reason: string) => `Rejected by ${mention(by)}: ${plain(reason)}`,
  ended: {
    enabled: (cluster: string) => `*${plain(cluster)} is under audit.*`,
    partEnabled: (cluster: string, part: string) =>
      `*${plain(cluster)}: ${code(part)} is done.* ${code(`/eks-audit status ${cluster}`)} shows what is left.`,
    disabled: (cluster: string) => `*${plain(cluster)} is out of audit:* what this bot made for it alone is gone.`,
    stopped: (cluster: string, kind: 'enable' | 'disable') =>
      `*${plain(cluster)}: the run stopped.* What was done stays, and ${code(kind)} continues from there.`,
    /** `begun`: it was approved before, and asked again when the plan changed. */
    rejected: (cluster: string, begun: boolean) =>
      `*${plain(cluster)}: the request was rejected.* ${begun ? doneStays(cluster) : 'Nothing was changed.'}`,
    expired: (cluster: string, begun: boolean) =>
      `*${plain(cluster)}: the request expired.* ${begun ? doneStays(cluster) : 'Nothing was changed.'} Run the command again to ask anew.`,
    askedAgain: (cluster: string) =>
      `*${plain(cluster)}: the plan changed after it was approved, so it needs another approval.* ${doneStays(cluster)}`,
    withdrawn: (cluster: string) => `*${plain(cluster)}: the request was withdrawn.* Nothing was changed.`,
  },
  reasonMissing: 'Switching audit logs off blinds the SIEM and needs a reason: add `--reason …` at the end.',
};

export type OnboardingText = typeof en;

/** `$3–75`, or one number when both ends are the same. */
export function dollars([low, high]: readonly [number, number]): string {
  return low === high ? `$${low}` : `$${low}–${high}`;
}

export function range([low, high]: readonly [number, number]): string {
  return low === high ? String(low) : `${low}–${high}`;
}

function doneStays(cluster: string): string {
  return `What was done before stays; ${code(`/eks-audit runs ${cluster}`)} shows it.`;
}

function keepInCode(tool: string): string {
  if (tool === 'Terraform') return 'Add `enabled_cluster_log_types = ["audit"]` there.';
  if (tool === 'eksctl') return 'Add `cloudWatch.clusterLogging.enableTypes: [audit]` there.';
  return 'Add `Logging.ClusterLogging.EnabledTypes: [{Type: audit}]` there.';
}
