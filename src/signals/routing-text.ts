/** How `cli route` explains the way of a signal. Values come ready for display. */
import type { Language } from '../config.ts';
import type { GroupPart } from './group-parts.ts';
import type { Deliver, GroupBy, Matcher } from './routing.ts';

interface RoutingText {
  title: (signal: string, severity: string) => string;
  noRoutes: string;
  noneHeld: string;
  /** Stands before the routes looked at for one of several clusters. */
  forCluster: (cluster: string) => string;
  severalClusters: string;
  route: (path: string, held: boolean) => string;
  catchesAll: string;
  matcher: Record<Matcher, string>;
  held: (matcher: string, wanted: string, seen: string) => string;
  notHeld: (matcher: string, wanted: string, seen: string) => string;
  /** Stands for a name that is empty. */
  unnamed: string;
  /** What stands for the signal's values where it has none. */
  nothing: Record<Matcher, string>;
  or: (values: readonly string[]) => string;
  outcome: (path: string) => string;
  channel: (channel: string) => string;
  deliver: Record<Deliver, (nextDigest: string) => string>;
  mention: (someone: string | undefined) => string;
  group: (parts: string) => string;
  part: (part: GroupPart, label: string) => string;
  alone: string;
  muted: (until: string | undefined, now: string) => string;
  neverMuted: string;
  escalate: (someone: string, after: string) => string;
  noEscalation: string;
  wrong: {
    unreadable: (source: string, why: string) => string;
    noJson: (source: string, why: string) => string;
    notOne: (source: string, count: number) => string;
    noSignal: (source: string) => string;
    field: (source: string, path: string, what: string) => string;
    time: (typed: string) => string;
  };
}

const GROUP_EN: Record<GroupBy, [one: string, several: string, none: string]> = {
  rule: ['rule', 'several rules', 'no rule'],
  cluster: ['cluster', 'several clusters', 'no cluster named'],
  account: ['account', 'several accounts', 'no account named'],
  severity: ['severity', 'several severities', 'no severity'],
  actor: ['actor', 'several actors', 'no actor named'],
  namespace: ['namespace', 'several namespaces', 'no namespace'],
  signal: ['signal', 'several signals', 'no signal'],
};

const en: RoutingText = {
  title: (signal, severity) => `Signal ${signal}, severity ${severity}`,
  noRoutes: 'The configuration has no routes, so the defaults hold.',
  noneHeld: 'No route matches, so the defaults hold.',
  forCluster: (cluster) => `Looked at for cluster ${cluster}:`,
  severalClusters:
    'The signal names several clusters. Each is looked at by itself, and the loudest way is taken, so that a quiet cluster hides nothing.',
  route: (path, held) => (held ? `${path}: matches` : `${path}: does not match`),
  catchesAll: 'asks for nothing, so it catches everything',
  matcher: { severity: 'severity', rule: 'rule', tag: 'tag', cluster: 'cluster', account: 'account' },
  held: (matcher, wanted, seen) => `${matcher}: asks for ${wanted}, and it is ${seen}`,
  notHeld: (matcher, wanted, seen) => `${matcher}: asks for ${wanted}, but it is ${seen}`,
  unnamed: '(without a name)',
  nothing: {
    severity: 'not known',
    rule: 'not known',
    tag: 'without tags',
    cluster: 'not named by the signal',
    account: 'not named by the signal',
  },
  or: (values) => (values.length > 1 ? `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : values.join('')),
  outcome: (path) => `What happens (by ${path})`,
  channel: (channel) => `Channel: ${channel}`,
  deliver: {
    post: () => 'Delivery: posted at once',
    digest: (next) => `Delivery: in the digest, the next at ${next}`,
    off: () => 'Delivery: off; kept, but not shown in Slack',
  },
  mention: (someone) => (someone ? `Mention: ${someone}` : 'Mention: nobody'),
  group: (parts) => `One message for: ${parts}`,
  part: ({ by, is }, label) => {
    const [one, several, none] = GROUP_EN[by];
    return { one: `${one} ${label}`, several, none }[is];
  },
  alone: 'this signal alone',
  muted: (until, now) => (until ? `Quiet: at ${now}, until ${until}` : `Quiet: not at ${now}`),
  neverMuted: 'Quiet: never, since a critical signal does not wait',
  escalate: (someone, after) => `Escalation: to ${someone} after ${after}, while nobody has taken it`,
  noEscalation: 'Escalation: none',
  wrong: {
    unreadable: (source, why) =>
      `${source}: cannot be read: ${why}. Name a file with one signal as JSON, or - for standard input.`,
    noJson: (source, why) => `${source}: not valid JSON: ${why}. Expected one signal as Datadog's API returns it.`,
    notOne: (source, count) => `${source}: expected one signal, got a list of ${count}. Save one of them by itself.`,
    noSignal: (source) =>
      `${source}: no signal in it. Expected one as Datadog's API returns it, in a list or alone, or {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]}.`,
    field: (source, path, what) => `${source}: ${path}: ${what}`,
    time: (typed) => `--at: expected a time with its zone such as 2026-01-31T22:00:00Z, got "${typed}".`,
  },
};

const GROUP_JA: typeof GROUP_EN = {
  rule: ['ルール', '複数のルール', 'ルールなし'],
  cluster: ['クラスター', '複数のクラスター', 'クラスター名なし'],
  account: ['アカウント', '複数のアカウント', 'アカウントの記載なし'],
  severity: ['重大度', '複数の重大度', '重大度なし'],
  actor: ['実行者', '複数の実行者', '実行者の記載なし'],
  namespace: ['名前空間', '複数の名前空間', '名前空間なし'],
  signal: ['シグナル', '複数のシグナル', 'シグナルなし'],
};

const ja: RoutingText = {
  title: (signal, severity) => `シグナル ${signal}（重大度 ${severity}）`,
  noRoutes: '設定にルートがないため、デフォルトに従います。',
  noneHeld: '一致するルートがないため、デフォルトに従います。',
  forCluster: (cluster) => `クラスター ${cluster} について：`,
  severalClusters:
    'このシグナルには複数のクラスターが含まれます。クラスターごとに判定し、最も目立つ経路を採用します。通知の少ないクラスターを経由しても、ほかのクラスターでの出来事が隠れることはありません。',
  route: (path, held) => (held ? `${path}：一致` : `${path}：不一致`),
  catchesAll: '条件がないため、すべてのシグナルに一致します',
  matcher: { severity: '重大度', rule: 'ルール', tag: 'タグ', cluster: 'クラスター', account: 'アカウント' },
  held: (matcher, wanted, seen) => `${matcher}：条件は ${wanted}、シグナルは ${seen}（一致）`,
  notHeld: (matcher, wanted, seen) => `${matcher}：条件は ${wanted}、シグナルは ${seen}（不一致）`,
  unnamed: '（名前なし）',
  nothing: { severity: '不明', rule: '不明', tag: 'タグなし', cluster: '記載なし', account: '記載なし' },
  or: (values) => values.join(' または '),
  outcome: (path) => `結果（${path} による）`,
  channel: (channel) => `チャンネル：${channel}`,
  deliver: {
    post: () => '配信：すぐに投稿',
    digest: (next) => `配信：ダイジェストに掲載（次回 ${next}）`,
    off: () => '配信：オフ（記録は残りますが、Slack には表示しません）',
  },
  mention: (someone) => (someone ? `メンション：${someone}` : 'メンション：なし'),
  group: (parts) => `同じメッセージにまとめる単位：${parts}`,
  part: ({ by, is }, label) => {
    const [one, several, none] = GROUP_JA[by];
    return { one: `${one} ${label}`, several, none }[is];
  },
  alone: 'このシグナルのみ',
  muted: (until, now) => (until ? `ミュート：${now} 時点で有効、${until} まで` : `ミュート：${now} 時点では無効`),
  neverMuted: 'ミュート：対象外（critical のシグナルは待たせません）',
  escalate: (someone, after) => `エスカレーション：担当者がいないまま ${after} が経過すると ${someone} に通知`,
  noEscalation: 'エスカレーション：なし',
  wrong: {
    unreadable: (source, why) =>
      `${source}：読み取れません：${why}。シグナル 1 件の JSON ファイルを指定するか、標準入力の場合は - を指定してください。`,
    noJson: (source, why) =>
      `${source}：正しい JSON ではありません：${why}。Datadog の API が返すシグナル 1 件を指定してください。`,
    notOne: (source, count) =>
      `${source}：シグナルは 1 件だけ指定してください（${count} 件のリストです）。1 件を取り出して保存し、もう一度お試しください。`,
    noSignal: (source) =>
      `${source}：シグナルが見つかりません。Datadog の API が返すシグナル（一覧の 1 件または単体）、または {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]} の形で指定してください。`,
    field: (source, path, what) => `${source}：${path}：${what}`,
    time: (typed) =>
      `--at：タイムゾーン付きの時刻（例：2026-01-31T22:00:00Z）を指定してください（入力：「${typed}」）。`,
  },
};

export const routingText: Record<Language, RoutingText> = { en, ja };
