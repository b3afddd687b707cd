/** Lists, receipts and tables of events, in both languages, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { digestView, eventsTable, receiptView, signalsList } from '../../src/signals/list-views.ts';
import type { Content } from '../../src/slack/blocks.ts';
import { drawMessage, LANGUAGES, openDirectory } from './drawn.ts';
import { eventRow, line, RECEIPT } from './samples.ts';

const slack = openDirectory();
const LINK = 'https://app.datadoghq.com/logs?query=x';

function shown(content: Content): string {
  const { problems, text: said } = drawMessage(slack, content);
  expect(problems).toEqual([]);
  return said;
}

const both = (draw: (language: Language) => string) => LANGUAGES.map(draw).join('\n\n');

const LINES = [
  line(),
  line({
    severity: 'medium',
    state: 'under_review',
    clusters: ['a', 'b'],
    actor: undefined,
    permalink: undefined,
    signals: 1,
  }),
  line({ severity: 'low', clusters: [], title: '' }),
];

test('the list of open signals', () => {
  expect(both((l) => shown(signalsList(LINES, { sinceHours: 24, total: 5 }, l)))).toMatchInlineSnapshot(`
    "*5 open signal groups in the last 24 hours*
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\` · by \`kubernetes-admin\` · 2 signals, open · last 2026-11-23 14:05 UTC · Message <https://acme.slack.com/archives/C0URGENT01/p1>
    :large_orange_circle: *MEDIUM* *Interactive shell in a pod* · \`a\`, \`b\` · 1 signal, under review · last 2026-11-23 14:05 UTC · Open <https://app.datadoghq.com/security/signal?event=1>
    :large_blue_circle: *LOW* *Signal whose rule is not known yet* · no cluster named · by \`kubernetes-admin\` · 2 signals, open · last 2026-11-23 14:05 UTC · Message <https://acme.slack.com/archives/C0URGENT01/p1>
    and 2 more
    What happened to one of them: \`/eks-audit where <signal id>\`

    *直近 24 時間の未完了のシグナルグループ：5 件*
    :red_circle: *高* *Interactive shell in a pod* · \`prod-a\` · 実行者 \`kubernetes-admin\` · シグナル 2 件、未対応 · 最終 2026-11-23 14:05 UTC · メッセージ <https://acme.slack.com/archives/C0URGENT01/p1>
    :large_orange_circle: *中* *Interactive shell in a pod* · \`a\`、\`b\` · シグナル 1 件、対応中 · 最終 2026-11-23 14:05 UTC · 開く <https://app.datadoghq.com/security/signal?event=1>
    :large_blue_circle: *低* *ルールが未確認のシグナル* · クラスター不明 · 実行者 \`kubernetes-admin\` · シグナル 2 件、未対応 · 最終 2026-11-23 14:05 UTC · メッセージ <https://acme.slack.com/archives/C0URGENT01/p1>
    ほか 2 件
    個別の経過は \`/eks-audit where <signal id>\` で確認できます。"
  `);
});

test('no open signals', () => {
  expect(both((l) => shown(signalsList([], { sinceHours: 1, total: 0 }, l)))).toMatchInlineSnapshot(`
    "*No open signals in the last hour*
    Signals appear here once a detection rule raises one. \`/eks-audit list\` shows which clusters are under audit.

    *直近 1 時間の未完了のシグナルグループ：なし*
    検知ルールがシグナルを発生させると、ここに表示されます。監査対象のクラスターは \`/eks-audit list\` で確認できます。"
  `);
});

test('the digest of a day', () => {
  const [from, to] = [new Date('2026-11-22T09:00:00Z'), new Date('2026-11-23T09:00:00Z')];
  const digest = { from, to, signals: 42, lines: LINES.slice(2), more: 7, link: LINK };
  expect(both((l) => shown(digestView(digest, l)))).toMatchInlineSnapshot(`
    "*Digest: 42 signals that could wait*
    From 2026-11-22 09:00 UTC to 2026-11-23 09:00 UTC. Nobody was notified of these one by one.
    :large_blue_circle: *LOW* *Signal whose rule is not known yet* · no cluster named · by \`kubernetes-admin\` · 2 signals, open · last 2026-11-23 14:05 UTC · Message <https://acme.slack.com/archives/C0URGENT01/p1>
    and 7 more
    [All of them in Datadog] <https://app.datadoghq.com/logs?query=x>

    *ダイジェスト：急を要しないシグナル 42 件*
    2026-11-22 09:00 UTC から 2026-11-23 09:00 UTC まで。これらは個別には通知していません。
    :large_blue_circle: *低* *ルールが未確認のシグナル* · クラスター不明 · 実行者 \`kubernetes-admin\` · シグナル 2 件、未対応 · 最終 2026-11-23 14:05 UTC · メッセージ <https://acme.slack.com/archives/C0URGENT01/p1>
    ほか 7 件
    [すべて Datadog で見る] <https://app.datadoghq.com/logs?query=x>"
  `);
});

test('the receipt of a signal', () => {
  expect(both((l) => shown(receiptView(RECEIPT, l)))).toMatchInlineSnapshot(`
    "*Receipt of signal* \`AQAAAZ-signal-id\`
    :red_circle: *HIGH* *Interactive shell in a pod*
    2026-11-23 14:03 UTC  Received from Datadog’s webhook
    2026-11-23 14:03 UTC  The webhook came again: nothing was done twice
    2026-11-23 14:03 UTC  Could not be read from Datadog: _404_
    2026-11-23 14:03 UTC  Read from Datadog
    2026-11-23 14:03 UTC  Routed by \`signals.routes[0]\` to #urgent
    2026-11-23 14:03 UTC  Opened message \`g-1\`
    2026-11-23 14:03 UTC  Folded into the storm’s card
    2026-11-23 14:03 UTC  Posted in #urgent, a second time after a crash
    2026-11-23 14:03 UTC  Told in the digest of #urgent
    2026-11-23 14:04 UTC  Severity went from MEDIUM to HIGH
    2026-11-23 14:05 UTC  @ana took it in Slack
    2026-11-23 14:06 UTC  @ana muted its message until 2026-11-23 18:00 UTC
    2026-11-23 14:20 UTC  Escalated to @soc
    2026-11-23 15:00 UTC  \`bob\` set it to archived in Datadog: _False positive_
    [Message] <https://acme.slack.com/archives/C0URGENT01/p1> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>

    *シグナルの経過* \`AQAAAZ-signal-id\`
    :red_circle: *高* *Interactive shell in a pod*
    2026-11-23 14:03 UTC  Datadog の Webhook で受信
    2026-11-23 14:03 UTC  Webhook が重複して到着（二重の処理はなし）
    2026-11-23 14:03 UTC  Datadog から読み取れず：_404_
    2026-11-23 14:03 UTC  Datadog から読み取り
    2026-11-23 14:03 UTC  ルート \`signals.routes[0]\` により #urgent へ
    2026-11-23 14:03 UTC  メッセージ \`g-1\` を開始
    2026-11-23 14:03 UTC  急増時の集計カードに追加
    2026-11-23 14:03 UTC  #urgent に投稿（クラッシュ後の再投稿）
    2026-11-23 14:03 UTC  #urgent のダイジェストに掲載
    2026-11-23 14:04 UTC  重大度を中から高に変更
    2026-11-23 14:05 UTC  @ana が Slack で担当
    2026-11-23 14:06 UTC  @ana がメッセージを 2026-11-23 18:00 UTC までミュート
    2026-11-23 14:20 UTC  @soc へエスカレーション
    2026-11-23 15:00 UTC  \`bob\` が Datadog でアーカイブ済みに変更：_誤検知_
    [メッセージ] <https://acme.slack.com/archives/C0URGENT01/p1> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>"
  `);
});

test('the receipt of a signal nobody knows', () => {
  const unknown = { ...RECEIPT, title: undefined, severity: undefined, entries: [], permalink: undefined };
  expect(both((l) => shown(receiptView(unknown, l)))).toMatchInlineSnapshot(`
    "*Receipt of signal* \`AQAAAZ-signal-id\`
    Nothing is on record for it. The id is the one at the end of its Datadog address (\`event=\`); a signal older than the retention is forgotten.
    [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>

    *シグナルの経過* \`AQAAAZ-signal-id\`
    記録がありません。ID は Datadog の URL の末尾（\`event=\`）の値です。保持期間を過ぎたシグナルの記録は削除されています。
    [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>"
  `);
});

test('a receipt of hundreds of entries keeps its beginning and its end', () => {
  const repeated = Array.from({ length: 500 }, () => ({
    at: new Date(0),
    what: 'repeated' as const,
    via: 'webhook' as const,
  }));
  const [first, ...rest] = RECEIPT.entries;
  const entries = [...(first ? [first] : []), ...repeated, ...rest];
  const said = shown(receiptView({ ...RECEIPT, entries }, 'en'));
  expect(said).toContain('Received from Datadog’s webhook');
  expect(said).toContain('464 entries between left out');
  expect(said).toContain('False positive');
});

test('audit events as a table', () => {
  const rows = [eventRow(), eventRow({ actor: '', status: '403', at: new Date('2026-11-23T14:03:11Z') })];
  expect(both((l) => shown(eventsTable(rows, { link: LINK, more: 12 }, l)))).toMatchInlineSnapshot(`
    "*The latest 2 audit events, times in UTC*
    Time                 Who               Verb  Object                       Status  IP            Cluster
    2026-11-23 14:05:02  kubernetes-admin  get   pods/exec payments/api-7d9f  101     198.51.100.7  prod-a
    2026-11-23 14:03:11  –                 get   pods/exec payments/api-7d9f  403     198.51.100.7  prod-a
    12 more events in the Log Explorer <https://app.datadoghq.com/logs?query=x>

    *最新の監査イベント 2 件（時刻は UTC）*
    時刻                 実行者            動詞  対象                         ステータス  IP            クラスター
    2026-11-23 14:05:02  kubernetes-admin  get   pods/exec payments/api-7d9f  101         198.51.100.7  prod-a
    2026-11-23 14:03:11  –                 get   pods/exec payments/api-7d9f  403         198.51.100.7  prod-a
    残り 12 件は Log Explorer で確認できます <https://app.datadoghq.com/logs?query=x>"
  `);
});

test('audit events as text, for where Slack takes no table, and none at all', () => {
  expect(both((l) => shown(eventsTable([], { link: LINK, more: 0 }, l)))).toMatchInlineSnapshot(`
    "*Datadog shows no audit event for this signal.*
    They may be past their retention, or not visible to this bot’s key. The Log Explorer shows what you may see.
    Log Explorer <https://app.datadoghq.com/logs?query=x>

    *このシグナルの監査イベントは Datadog に見つかりません。*
    保持期間を過ぎたか、ボットのキーから見えない可能性があります。Log Explorer ではあなたの権限で確認できます。
    Log Explorer <https://app.datadoghq.com/logs?query=x>"
  `);
});

test('a table takes as many events as Slack does, and the rest is counted', () => {
  const rows = Array.from({ length: 500 }, () => eventRow());
  const content = eventsTable(rows, { link: LINK, more: 10 }, 'en');
  const said = shown(content);
  const table = content.blocks.find((block) => block.type === 'table');
  const events = (table?.rows.length ?? 0) - 1;
  expect(events).toBeGreaterThan(50);
  expect(events).toBeLessThan(100);
  expect(said).toContain(`${510 - events} more events in the Log Explorer`);
});
