/** What a person reads after a click on an approval: the outcome, and whom to ask when it is no. */
import type { Language } from '../config.ts';
import { mention } from '../slack/mrkdwn.ts';
import type { Outcome } from './approvals.ts';

interface Facts {
  missing: number;
  /** Who may decide, as a sentence. */
  ask: string;
  /** Earlier approvers who no longer may. */
  withdrawn: string[];
}

interface ApprovalText {
  outcome: Record<Outcome, (facts: Facts) => string>;
  /** `approvers` are mentions, never none. */
  ask: (approvers: string) => string;
  askAdmin: string;
  rejectModal: { title: string; label: string; hint: string; submit: string; close: string };
}

const en: ApprovalText = {
  outcome: {
    approved: () => 'Approved. Work on it starts now; the card above and its thread show how it goes.',
    counted: ({ missing, withdrawn }) =>
      `Your approval counts. ${missing} more ${missing === 1 ? 'is' : 'are'} needed.${withdrawn.length > 0 ? ` ${withdrawn.map(mention).join(', ')} may not approve any more, so ${withdrawn.length === 1 ? 'that approval does' : 'those approvals do'} not count.` : ''}`,
    rejected: () => 'Rejected. The requester is told why.',
    unknown: () => 'This request does not exist any more. Nothing was done.',
    unread: () =>
      'Slack did not say who you or the earlier approvers are (users.info or usergroups.users.list failed), so this does not count and nothing was done. Try again in a minute; if it stays, an admin can run `/eks-audit doctor`.',
    'not-our-message': () =>
      'These buttons are not on the card this bot posted for the request, so the click does not count. Use the card in the approvals channel.',
    'one-moment': () => 'One moment: this card has just been posted. Please click again.',
    'already-approved': () => 'This was approved before. Nothing more is needed.',
    'already-rejected': () => 'This was rejected before. The requester can ask again with a new request.',
    expired: () => 'This request has expired. The requester can run the command again.',
    superseded: () =>
      'The plan has changed since this card was made, so it cannot be decided on. Look for the current card in the approvals channel.',
    'own-request': ({ ask }) => `You asked for this, so somebody else must approve it. ${ask}`,
    'not-approver': ({ ask }) => `You are not an approver for this. ${ask}`,
    untrusted: ({ ask }) => `Guests, bots, deactivated accounts and people of other workspaces cannot decide. ${ask}`,
    'already-counted': ({ missing }) =>
      `Your approval counts already. ${missing} more by somebody else ${missing === 1 ? 'is' : 'are'} needed.`,
  },
  ask: (approvers) => `Ask ${approvers}.`,
  askAdmin: 'Nobody else is an approver; an admin can name one in the configuration.',
  rejectModal: {
    title: 'Reject this request',
    label: 'Why?',
    hint: 'The requester reads this, and it stays on record.',
    submit: 'Reject',
    close: 'Back',
  },
};

const ja: ApprovalText = {
  outcome: {
    approved: () => '承認しました。処理を開始します。経過は上の承認カードとそのスレッドに表示されます。',
    counted: ({ missing, withdrawn }) =>
      `承認を受け付けました。あと ${missing} 名の承認が必要です。${withdrawn.length > 0 ? `${withdrawn.map(mention).join('、')} は承認者ではなくなったため、その承認は無効になりました。` : ''}`,
    rejected: () => '却下しました。理由は依頼者に伝わります。',
    unknown: () => 'この依頼はもう存在しません。何も実行していません。',
    unread: () =>
      'Slack からあなた、または先に承認した方の情報を取得できなかったため（users.info または usergroups.users.list が失敗）、この操作は無効です。何も実行していません。1 分ほど待ってからもう一度お試しください。続く場合は管理者が `/eks-audit doctor` を実行してください。',
    'not-our-message': () =>
      'このボタンは、ボットがこの依頼のために投稿したカードのものではないため、無効です。承認チャンネルのカードを使ってください。',
    'one-moment': () => 'カードを投稿した直後です。もう一度クリックしてください。',
    'already-approved': () => 'すでに承認されています。操作は不要です。',
    'already-rejected': () => 'すでに却下されています。必要な場合は、依頼者が新たに依頼してください。',
    expired: () => 'この依頼は期限切れです。必要な場合は、依頼者がもう一度コマンドを実行してください。',
    superseded: () =>
      'カードの作成後に計画が変わったため、承認も却下もできません。承認チャンネルの最新のカードを確認してください。',
    'own-request': ({ ask }) => `ご自身の依頼は承認できません。${ask}`,
    'not-approver': ({ ask }) => `あなたはこの依頼の承認者ではありません。${ask}`,
    untrusted: ({ ask }) =>
      `ゲスト、ボット、無効化されたアカウント、ほかのワークスペースの方は承認・却下できません。${ask}`,
    'already-counted': ({ missing }) =>
      `あなたの承認はすでに数えられています。ほかの方の承認があと ${missing} 名必要です。`,
  },
  ask: (approvers) => `次の方に依頼してください：${approvers}`,
  askAdmin: 'ほかに承認者がいません。管理者が設定ファイルで指定できます。',
  rejectModal: {
    title: '依頼を却下',
    label: '理由',
    hint: '依頼者に表示され、記録に残ります。',
    submit: '却下する',
    close: '戻る',
  },
};

export const text: Record<Language, ApprovalText> = { en, ja };
