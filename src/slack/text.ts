/** What the Slack layer itself says: failures before or beside any command. */
import type { Language } from '../config.ts';
import type { Role } from '../permissions.ts';
import { code } from './mrkdwn.ts';

const ROLES_EN: Record<Role, string> = {
  admin: 'admins',
  operator: 'operators',
  approver: 'approvers',
  analyst: 'analysts',
};
const ROLES_JA: Record<Role, string> = {
  admin: '管理者',
  operator: 'オペレーター',
  approver: '承認者',
  analyst: 'アナリスト',
};

const en = {
  cannotReadPerson:
    'Slack did not say who you are (users.info or usergroups.users.list failed), so nothing was done. Try again in a minute; if it stays, an admin can run `/eks-audit doctor`.',
  ourBug: (reference: string) =>
    `Something went wrong on our side, and it is logged under ${code(reference)}. It may have been done all the same: look at the card, or at ${code('/eks-audit runs')}, before you try again. If it happens again, give that reference to an admin.`,
  staleButton: 'This button is no longer active. Run the command again for a current message.',
  notAllowed: (command: string, role: Role, ask: string) =>
    `${code(`/eks-audit ${command}`)} is for ${ROLES_EN[role]}. ${ask ? `Ask ${ask}.` : 'Nobody holds that role yet; an admin can set it in the configuration.'}`,
  loading: { title: 'One moment', body: 'Reading from Datadog…', refused: 'Nothing was changed', close: 'Back' },
  modalNotOpened: 'Slack did not open the dialog in time, so nothing was changed. Please try again.',
  share: 'Share',
  sharedBy: (who: string) => `Shared by ${who}`,
};

export type SlackText = typeof en;

const ja: SlackText = {
  cannotReadPerson:
    'Slack からあなたの情報を取得できなかったため（users.info または usergroups.users.list が失敗）、何も実行していません。1 分ほど待ってからもう一度お試しください。続く場合は管理者が `/eks-audit doctor` を実行してください。',
  ourBug: (reference) =>
    `ボット側で問題が発生しました。ログの参照番号は ${code(reference)} です。処理が済んでいる場合もあります。カードまたは ${code('/eks-audit runs')} を確認してから、もう一度お試しください。再発する場合はこの番号を管理者にお伝えください。`,
  staleButton: 'このボタンはもう使えません。最新の内容を表示するには、コマンドをもう一度実行してください。',
  notAllowed: (command, role, ask) =>
    `${code(`/eks-audit ${command}`)} は${ROLES_JA[role]}のみ使用できます。${ask ? `次の方に依頼してください：${ask}` : 'まだ誰もこの役割に設定されていません。管理者が設定ファイルで指定できます。'}`,
  loading: {
    title: '少々お待ちください',
    body: 'Datadog から読み込んでいます…',
    refused: '変更はありません',
    close: '戻る',
  },
  modalNotOpened: 'Slack がダイアログを時間内に開けなかったため、何も変更していません。もう一度お試しください。',
  share: '共有',
  sharedBy: (who) => `${who} が共有`,
};

export const text: Record<Language, SlackText> = { en, ja };
