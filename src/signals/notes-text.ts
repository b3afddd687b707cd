/** What the thread of a signal's message says, one sentence for each thing that happened. */
import { bold, inChannel, joined, name, type Rich, rich, said, when, who } from '../slack/rich-text.ts';
import type { SuppressionScope } from './card.ts';
import type { TriageState } from './signal.ts';
import { type By, count, person, plural } from './words.ts';

export interface Change {
  by: By;
  in: 'slack' | 'datadog';
  state: TriageState;
  at: Date;
}

export interface Triaged {
  by: By;
  in: 'slack' | 'datadog';
  signals: number;
  /** In words. */
  reason: string | undefined;
  comment: string | undefined;
  withoutAssignee: boolean;
}

interface NotesText {
  raised: (from: string, to: string) => Rich;
  taken: (t: Triaged) => Rich;
  handedBack: (t: Triaged) => Rich;
  reopened: (t: Triaged) => Rich;
  archived: (t: Triaged) => Rich;
  muted: (by: string, until: Date) => Rich;
  unmuted: (by: string | undefined) => Rich;
  escalated: (mention: string, minutes: number) => Rich;
  folded: (severity: string) => Rich;
  conflict: (later: Change, earlier: Change) => Rich;
  moved: (channel: string) => Rich;
  suppressionAsked: (f: { by: string; scope: SuppressionScope; until: Date; channel: string }) => Rich;
  suppressionApproved: (approvers: readonly string[], until: Date) => Rich;
  suppressionRejected: (by: string, reason: string) => Rich;
  suppressionRefused: (cause: string) => Rich;
  suppressionExpired: (unanswered: boolean) => Rich;
  completed: string;
}

const places = { slack: 'Slack', datadog: 'Datadog' } as const;

const enDid: Record<TriageState, string> = {
  open: 'set this to open',
  under_review: 'took this',
  archived: 'archived this',
};
const enHadDone: Record<TriageState, string> = {
  open: 'had set it to open',
  under_review: 'had taken it',
  archived: 'had archived it',
};
const enScopes: Record<SuppressionScope, string> = {
  'rule-actor-cluster': 'this rule for this actor on this cluster',
  'rule-actor': 'this rule for this actor on every cluster',
  'rule-cluster': 'this rule for everybody on this cluster',
};
const enThese = (n: number) => (n > 1 ? `${count(n)} signals` : 'the signal');

const en: NotesText = {
  raised: (from, to) => rich`The severity rose from ${from} to ${bold(to)}.`,
  taken: (t) =>
    rich`${person(t.by)} took ${enThese(t.signals)} in ${places[t.in]}.${t.withoutAssignee ? ' Nobody is assigned in Datadog: it has no user with this address, or did not take the assignment.' : ''}`,
  handedBack: (t) =>
    rich`${person(t.by)} handed back ${enThese(t.signals)} in ${places[t.in]}: open for anybody again.`,
  reopened: (t) => rich`${person(t.by)} reopened ${enThese(t.signals)} in ${places[t.in]}.`,
  archived: (t) =>
    rich`${person(t.by)} archived ${enThese(t.signals)} in ${places[t.in]}${t.reason ? rich` as ${bold(t.reason)}` : ''}${t.comment ? rich`: ${said(t.comment)}` : '.'}`,
  muted: (by, until) =>
    rich`${who(by)} muted this until ${when(until)}. Datadog keeps raising signals, and the card keeps counting them.`,
  unmuted: (by) =>
    by
      ? rich`${who(by)} ended the mute: new signals are announced again.`
      : rich`The mute is over: new signals are announced again.`,
  escalated: (mention, minutes) =>
    rich`${who(mention)}: nobody has taken this for ${plural(minutes, 'minute')}. ${bold('Take it')} on the card says that you do.`,
  folded: (severity) =>
    rich`A signal of severity ${bold(severity)} is in this storm. The list behind the card begins with the most severe.`,
  conflict: (later, earlier) =>
    rich`${person(later.by)} ${enDid[later.state]} in ${places[later.in]} at ${when(later.at)}, after ${person(earlier.by)} ${enHadDone[earlier.state]} in ${places[earlier.in]}. What was done in ${places[later.in]} is the later one and holds.`,
  moved: (channel) => rich`This moved on to ${inChannel(channel)}: its severity or details lead there.`,
  suppressionAsked: ({ by, scope, until, channel }) =>
    rich`${who(by)} asked to suppress ${enScopes[scope]} until ${when(until)}. It waits for approval in ${inChannel(channel)}.`,
  suppressionApproved: (approvers, until) =>
    rich`The suppression was approved by ${joined(approvers.map(who), ', ')}. Datadog raises no such signal until ${when(until)}.`,
  suppressionRejected: (by, reason) => rich`${who(by)} rejected the suppression: ${said(reason)}`,
  suppressionRefused: (cause) =>
    rich`Datadog refused the suppression that was approved, so such signals keep coming: ${said(cause, 300)}. An admin can run ${name('/eks-audit doctor')}; then ask for it again.`,
  suppressionExpired: (unanswered) =>
    unanswered
      ? rich`Nobody decided on the suppression in time, so the request expired. Datadog keeps raising such signals.`
      : rich`The suppression has ended: Datadog raises such signals again.`,
  completed: 'Datadog has shown the details now; the card above is complete.',
};

const jaDid: Record<TriageState, string> = {
  open: '未対応に戻しました',
  under_review: '担当になりました',
  archived: 'アーカイブしました',
};
const jaHadDone: Record<TriageState, string> = {
  open: '未対応に戻した',
  under_review: '担当になった',
  archived: 'アーカイブした',
};
const jaScopes: Record<SuppressionScope, string> = {
  'rule-actor-cluster': 'このルール・このアクター・このクラスター',
  'rule-actor': 'このルール・このアクター（全クラスター）',
  'rule-cluster': 'このルール・このクラスター（全アクター）',
};
const jaThese = (n: number) => (n > 1 ? `シグナル ${count(n)} 件` : 'シグナル');

const ja: NotesText = {
  raised: (from, to) => rich`重大度が${from}から${bold(to)}に上がりました。`,
  taken: (t) =>
    rich`${person(t.by)} が ${places[t.in]} で${jaThese(t.signals)}の担当になりました。${t.withoutAssignee ? 'Datadog に該当するユーザーがいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。' : ''}`,
  handedBack: (t) =>
    rich`${person(t.by)} が ${places[t.in]} で${jaThese(t.signals)}の担当を外れました。担当者を待っています。`,
  reopened: (t) => rich`${person(t.by)} が ${places[t.in]} で${jaThese(t.signals)}を再オープンしました。`,
  archived: (t) =>
    rich`${person(t.by)} が ${places[t.in]} で${jaThese(t.signals)}をアーカイブしました${t.reason ? rich`（理由：${bold(t.reason)}）` : ''}。${t.comment ? rich`コメント：${said(t.comment)}` : ''}`,
  muted: (by, until) =>
    rich`${who(by)} が ${when(until)} までミュートしました。Datadog のシグナルは止まらず、件数はカードに反映されます。`,
  unmuted: (by) =>
    by
      ? rich`${who(by)} がミュートを解除しました。新しいシグナルを再び通知します。`
      : rich`ミュートの期間が終わりました。新しいシグナルを再び通知します。`,
  escalated: (mention, minutes) =>
    rich`${who(mention)}：${count(minutes)} 分間、担当者がいません。対応する場合はカードの${bold('対応する')}を押してください。`,
  folded: (severity) =>
    rich`このストームには重大度「${bold(severity)}」のシグナルが含まれています。カードの一覧は重大度の高い順に表示されます。`,
  conflict: (later, earlier) =>
    rich`${person(later.by)} が ${when(later.at)} に ${places[later.in]} で${jaDid[later.state]}。その前に ${person(earlier.by)} が ${places[earlier.in]} で${jaHadDone[earlier.state]}ため、時刻の新しい ${places[later.in]} での操作を有効とします。`,
  moved: (channel) => rich`重大度または詳細に基づき、${inChannel(channel)} に移りました。`,
  suppressionAsked: ({ by, scope, until, channel }) =>
    rich`${who(by)} が ${when(until)} までの抑制を依頼しました（対象：${jaScopes[scope]}）。${inChannel(channel)} で承認を待っています。`,
  suppressionApproved: (approvers, until) =>
    rich`抑制が承認されました（承認者：${joined(approvers.map(who), '、')}）。${when(until)} まで、Datadog はこの種のシグナルを発生させません。`,
  suppressionRejected: (by, reason) => rich`${who(by)} が抑制を却下しました。理由：${said(reason)}`,
  suppressionRefused: (cause) =>
    rich`承認された抑制を Datadog が受け付けなかったため、この種のシグナルは止まりません：${said(cause, 300)}。管理者が ${name('/eks-audit doctor')} で確認した後、もう一度依頼してください。`,
  suppressionExpired: (unanswered) =>
    unanswered
      ? rich`期限までに承認も却下もされなかったため、抑制の依頼は期限切れになりました。Datadog のシグナルは止まりません。`
      : rich`抑制の期間が終わりました。Datadog はこの種のシグナルを再び発生させます。`,
  completed: 'Datadog から詳細を取得できたため、上のカードを更新しました。',
};

export const notes = { en, ja } as const;
