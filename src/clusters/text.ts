/** What is said about clusters and the fleet. */
import type { Language } from '../config.ts';
import { code, plain } from '../slack/mrkdwn.ts';
import type { Unreadable } from './discover.ts';

const en = {
  noClusters: 'No EKS cluster was found in the configured accounts and Regions.',
  fleet: (total: number, covered: number) =>
    `${total} ${total === 1 ? 'cluster' : 'clusters'}, ${covered === total ? 'all' : covered} with audit logs on`,
  auditOff: 'audit logs off',
  auditOn: 'audit logs on',
  connected: 'connected cluster: no EKS audit logs',
  status: (status: string) => `(${status.toLowerCase()})`,
  next: (name: string) => `Look at one with ${code(`/eks-audit status ${name}`)}.`,
  unreadable: (where: string, why: string) => `${code(where)} could not be read: ${why}`,
  failure: (f: Unreadable['failure']) => {
    switch (f.kind) {
      case 'denied':
        return `AWS refused ${code(f.action ?? 'the call')}. Add it to the reader role; ${code('npm run -s cli -- setup')} prints the policy.`;
      case 'credentials':
        return `no usable credentials (${plain(f.code)}). Check the role’s trust policy and ExternalId, and that the Region is enabled.`;
      case 'throttled':
        return 'AWS is throttling us. Try again in a minute.';
      case 'unreachable':
        return 'AWS could not be reached. Check the network or proxy, then try again.';
      case 'other-account':
        return `clusters of ${plain(f.owner)} were read: give this account roles in the configuration.`;
      case 'other':
        return `${plain(f.code)}: ${plain(f.message)}`;
    }
  },
  unknownCluster: (typed: string, suggestion: string | undefined) =>
    `There is no cluster ${code(typed)}. ${suggestion ? `Did you mean ${code(suggestion)}? ` : ''}${code('/eks-audit list')} shows all.`,
  unknownWhileUnreadable: (typed: string, where: string) =>
    `${code(typed)} was not found in what could be read, and ${code(where)} could not be read. ${code('/eks-audit list')} says why.`,
  ambiguous: (typed: string) => `There are several clusters named ${code(typed)}. Which one?`,
  logs: (name: string, count: number) => `${name}: the last ${count} audit events of this hour (UTC)`,
  noLogs: (name: string) => `${name}: no audit event of the last hour is visible to our key`,
  misspelled: 'Searched for `kubernetes.audit`: `kubernetes.aduit`, as some guides have it, matches nothing.',
  badQuery: 'Datadog would not understand this query:',
};

export type ClustersText = typeof en;

const ja: ClustersText = {
  noClusters: '設定されたアカウントとリージョンに EKS クラスターは見つかりませんでした。',
  fleet: (total, covered) => `クラスター ${total} 件（監査ログ有効：${covered} 件）`,
  auditOff: '監査ログ：無効',
  auditOn: '監査ログ：有効',
  connected: '接続済みクラスターのため EKS 監査ログはありません',
  status: (status) => `（${status}）`,
  next: (name) => `個別の状態は ${code(`/eks-audit status ${name}`)} で確認できます。`,
  unreadable: (where, why) => `${code(where)} を読み取れませんでした：${why}`,
  failure: (f) => {
    switch (f.kind) {
      case 'denied':
        return `AWS が ${code(f.action ?? '呼び出し')} を拒否しました。reader ロールに追加してください。ポリシーは ${code('npm run -s cli -- setup')} で表示できます。`;
      case 'credentials':
        return `有効な認証情報がありません（${plain(f.code)}）。ロールの信頼ポリシーと ExternalId、リージョンが有効かどうかを確認してください。`;
      case 'throttled':
        return 'AWS の呼び出し回数制限に達しています。1 分ほど待ってからもう一度お試しください。';
      case 'unreachable':
        return 'AWS に接続できません。ネットワークまたはプロキシを確認してから、もう一度お試しください。';
      case 'other-account':
        return `アカウント ${plain(f.owner)} のクラスターが読み取られました。設定ファイルでこのアカウントに roles を指定してください。`;
      case 'other':
        return `${plain(f.code)}：${plain(f.message)}`;
    }
  },
  unknownCluster: (typed, suggestion) =>
    `${code(typed)} というクラスターはありません。${suggestion ? `${code(suggestion)} のことでしょうか。` : ''}一覧は ${code('/eks-audit list')} で表示できます。`,
  unknownWhileUnreadable: (typed, where) =>
    `読み取れた範囲に ${code(typed)} は見つからず、${code(where)} は読み取れませんでした。理由は ${code('/eks-audit list')} で確認できます。`,
  ambiguous: (typed) => `${code(typed)} という名前のクラスターが複数あります。どれですか？`,
  logs: (name, count) => `${name}：直近 1 時間の最新の監査イベント ${count} 件（時刻は UTC）`,
  noLogs: (name) => `${name}：直近 1 時間の監査イベントは、このキーからは見えません`,
  misspelled: '`kubernetes.audit` で検索しました。一部のガイドにある `kubernetes.aduit` は誤記で、何にも一致しません。',
  badQuery: 'Datadog が解釈できないクエリです：',
};

export const text: Record<Language, ClustersText> = { en, ja };
