/** The card of a group of signals, in both languages, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import { displayWidth } from '../../playground/slack/render-table.ts';
import type { Language } from '../../src/config.ts';
import { outcomeOf } from '../../src/signals/facts.ts';
import { stormCard } from '../../src/signals/storm-views.ts';
import { suppressionCard } from '../../src/signals/suppression-views.ts';
import { signalCard } from '../../src/signals/views.ts';
import { type Content, messageBody } from '../../src/slack/blocks.ts';
import { drawMessage, openDirectory } from './drawn.ts';
import { CARDS, exec, groupCard, SOC, stormFacts, suppression } from './samples.ts';

const slack = openDirectory();

function shown(content: Content): string {
  const { problems, text } = drawMessage(slack, content);
  expect(problems).toEqual([]);
  return text;
}

function cards(language: Language): string {
  return Object.entries(CARDS)
    .map(([what, more]) => {
      const content = signalCard(groupCard(more), language);
      return `--- ${what} ---\n(${content.text})\n${shown(content)}`;
    })
    .join('\n\n');
}

test('cards in English', () => {
  expect(cards('en')).toMatchInlineSnapshot(`
    "--- one signal, just raised ---
    (HIGH: \`Interactive shell in a pod\`, \`prod-a\`, by \`kubernetes-admin\`.)
    @soc :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    │ *Who* \`kubernetes-admin\` · AWS identity \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · session \`alice@acme.example\`
    │ *From* \`198.51.100.7\` with \`kubectl/v1.31.0\`
    │ *What* \`get\` \`pods/exec\` \`payments/api-7d9f\`: let through (HTTP 101)
    │ *How often* 1 signal, 3 audit events · first 2026-11-23 14:03 UTC, last 2026-11-23 14:05 UTC
    │ *What to do first*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *Sample (UTC)*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [Show events]
    │ [Take it] [Archive…] [Mute…] [Suppress…]

    --- twelve signals of several people and clusters, taken, muted, escalated and moved ---
    (HIGH: \`Interactive shell in a pod\`, 3 clusters, by \`kubernetes-admin\` (12 signals).)
    :red_circle: *HIGH* *Interactive shell in a pod* · 3 clusters
    │ *Who* \`kubernetes-admin\` · AWS identity \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · session \`alice@acme.example\`
    │ Also \`bob\` (3 signals), \`eve\` (1 signal) and 2 more
    │ *From* \`198.51.100.7\` with \`kubectl/v1.31.0\`
    │ *What* \`get\` \`pods/exec\` \`payments/api-7d9f\`: let through (HTTP 101)
    │ *How often* 12 signals (2 open, 9 under review, 1 archived), 1,234 audit events · first 2026-11-23 14:03 UTC, last 2026-11-23 14:05 UTC
    │ *Clusters* several: \`prod-a\`, \`staging/prod-a\`, \`dev\`
    │ *What to do first*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *Sample (UTC)*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ :eyes: @ana is working on it, since 2026-11-23 14:10 UTC. Nobody is assigned in Datadog: it has no user with this address, or did not take the assignment.
    │ :mute: Muted until 2026-11-23 18:00 UTC by @ana: new signals are counted here and not announced.
    │ :mega: Escalated to @soc at 2026-11-23 14:20 UTC, as nobody had taken it.
    │ :arrow_right: Signals moved on to #approvals: their severity or details lead there.
    │ :hourglass_flowing_sand: A suppression until 2026-11-23 23:00 UTC waits for approval. Until then Datadog keeps raising such signals.
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [Show events]
    │ [Take 2 new] [Hand back all 11] [Archive all 11…] [Mute…]

    --- a critical one, taken in Datadog, which no cluster is named in and which was refused ---
    (CRITICAL: \`Interactive shell in a pod\`, no cluster named, by \`kubernetes-admin\`.)
    :rotating_light: *CRITICAL* *Interactive shell in a pod* · no cluster named
    │ *Who* \`kubernetes-admin\` · session \`alice@acme.example\`
    │ *From* \`198.51.100.7\` with \`kubectl/v1.31.0\`
    │ *What* \`get\` \`pods/exec\` \`payments/api-7d9f\`: refused (HTTP 403)
    │ *How often* 1 signal, 3 audit events · first 2026-11-23 14:03 UTC, last 2026-11-23 14:05 UTC
    │ *Clusters* What Datadog shows names no cluster. The log group in the Log Explorer tells.
    │ *Sample (UTC)*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  403  198.51.100.7
    │ \`\`\`
    │ :eyes: \`ana@acme.example\` is working on it.
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [Show events]
    │ [Hand back] [Archive…] [Suppress…]

    --- all archived ---
    (HIGH: \`Interactive shell in a pod\`, \`prod-a\`, by \`kubernetes-admin\` (3 signals).)
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    │ *Who* \`kubernetes-admin\` · AWS identity \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · session \`alice@acme.example\`
    │ *From* \`198.51.100.7\` with \`kubectl/v1.31.0\`
    │ *What* \`get\` \`pods/exec\` \`payments/api-7d9f\`: let through (HTTP 101)
    │ *How often* 3 signals, 3 audit events · first 2026-11-23 14:03 UTC, last 2026-11-23 14:05 UTC
    │ *What to do first*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *Sample (UTC)*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ :file_cabinet: All 3 signals are archived. Who did it and why stands in the thread.
    │ :no_bell: Suppressed until 2026-11-23 23:00 UTC: Datadog raises no such signal before then.
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [Show events]
    │ [Reopen all 3]

    --- only the doorbell is known ---
    (HIGH: \`Signal whose rule is not known yet\`, cluster not known yet.)
    :red_circle: *HIGH* *Signal whose rule is not known yet* · cluster not known yet
    │ Datadog has not shown the details yet; this message is completed as soon as it does.
    │ *How often* 1 signal · at 2026-11-23 14:03 UTC
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [Show events]
    │ [Take it] [Archive…] [Mute…] [Suppress…]

    --- a test ---
    (LOW: \`Interactive shell in a pod\`, no cluster named.)
    :large_blue_circle: *LOW* *Interactive shell in a pod* · no cluster named
    │ This is a test. Nothing happened in any cluster, and there is nothing to do.
    │ *How often* 1 signal, 3 audit events · first 2026-11-23 14:03 UTC, last 2026-11-23 14:05 UTC
    │ [Open in Log Explorer] <https://app.datadoghq.com/logs?query=x&live=false> [Open signal] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>"
  `);
});

test('cards in Japanese', () => {
  expect(cards('ja')).toMatchInlineSnapshot(`
    "--- one signal, just raised ---
    (重大度「高」のシグナル：\`Interactive shell in a pod\`、\`prod-a\`、実行者 \`kubernetes-admin\`。)
    @soc :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    │ *実行者* \`kubernetes-admin\` · AWS の ID \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · セッション \`alice@acme.example\`
    │ *接続元* \`198.51.100.7\`（\`kubectl/v1.31.0\`）
    │ *操作* \`get\` \`pods/exec\` \`payments/api-7d9f\`：許可（HTTP 101）
    │ *回数* シグナル 1 件、監査イベント 3 件 · 初回 2026-11-23 14:03 UTC、最終 2026-11-23 14:05 UTC
    │ *最初にすること*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *サンプル（UTC）*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [イベントを表示]
    │ [対応する] [アーカイブ…] [ミュート…] [抑制を依頼…]

    --- twelve signals of several people and clusters, taken, muted, escalated and moved ---
    (重大度「高」のシグナル（12 件）：\`Interactive shell in a pod\`、クラスター 3 件、実行者 \`kubernetes-admin\`。)
    :red_circle: *重大度：高* *Interactive shell in a pod* · クラスター 3 件
    │ *実行者* \`kubernetes-admin\` · AWS の ID \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · セッション \`alice@acme.example\`
    │ ほかに \`bob\`（3 件）、\`eve\`（1 件）、さらに 2 名
    │ *接続元* \`198.51.100.7\`（\`kubectl/v1.31.0\`）
    │ *操作* \`get\` \`pods/exec\` \`payments/api-7d9f\`：許可（HTTP 101）
    │ *回数* シグナル 12 件（未対応 2 件、対応中 9 件、アーカイブ済み 1 件）、監査イベント 1,234 件 · 初回 2026-11-23 14:03 UTC、最終 2026-11-23 14:05 UTC
    │ *クラスター* 複数：\`prod-a\`、\`staging/prod-a\`、\`dev\`
    │ *最初にすること*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *サンプル（UTC）*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ :eyes: @ana が対応中です（2026-11-23 14:10 UTC から）。Datadog に該当するユーザーがいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。
    │ :mute: @ana が 2026-11-23 18:00 UTC までミュート中です。新しいシグナルは件数に加わりますが、通知されません。
    │ :mega: 担当者がいないため、2026-11-23 14:20 UTC に @soc へエスカレーションしました。
    │ :arrow_right: 重大度または詳細に基づき、シグナルは #approvals に移りました。
    │ :hourglass_flowing_sand: 2026-11-23 23:00 UTC までの抑制が承認待ちです。承認されるまで、Datadog のシグナルは止まりません。
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [イベントを表示]
    │ [新着 2 件に対応する] [全 11 件の担当解除] [全 11 件をアーカイブ…] [ミュート…]

    --- a critical one, taken in Datadog, which no cluster is named in and which was refused ---
    (重大度「緊急」のシグナル：\`Interactive shell in a pod\`、クラスター不明、実行者 \`kubernetes-admin\`。)
    :rotating_light: *重大度：緊急* *Interactive shell in a pod* · クラスター不明
    │ *実行者* \`kubernetes-admin\` · セッション \`alice@acme.example\`
    │ *接続元* \`198.51.100.7\`（\`kubectl/v1.31.0\`）
    │ *操作* \`get\` \`pods/exec\` \`payments/api-7d9f\`：拒否（HTTP 403）
    │ *回数* シグナル 1 件、監査イベント 3 件 · 初回 2026-11-23 14:03 UTC、最終 2026-11-23 14:05 UTC
    │ *クラスター* Datadog の情報にクラスター名がありません。Log Explorer のロググループ名で確認できます。
    │ *サンプル（UTC）*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  403  198.51.100.7
    │ \`\`\`
    │ :eyes: \`ana@acme.example\` が対応中です。
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [イベントを表示]
    │ [担当を外れる] [アーカイブ…] [抑制を依頼…]

    --- all archived ---
    (重大度「高」のシグナル（3 件）：\`Interactive shell in a pod\`、\`prod-a\`、実行者 \`kubernetes-admin\`。)
    :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    │ *実行者* \`kubernetes-admin\` · AWS の ID \`arn:aws:sts::111122223333:assumed-role/Admin/alice\` · セッション \`alice@acme.example\`
    │ *接続元* \`198.51.100.7\`（\`kubectl/v1.31.0\`）
    │ *操作* \`get\` \`pods/exec\` \`payments/api-7d9f\`：許可（HTTP 101）
    │ *回数* シグナル 3 件、監査イベント 3 件 · 初回 2026-11-23 14:03 UTC、最終 2026-11-23 14:05 UTC
    │ *最初にすること*
    │ 1. Ask alice whether it was her.
    │ 2. Look at what was run in the pod.
    │ *サンプル（UTC）*
    │ \`\`\`
    │ 14:05:02  kubernetes-admin  get  pods/exec  payments/api-7d9f  101  198.51.100.7
    │ \`\`\`
    │ :file_cabinet: シグナル 3 件はすべてアーカイブ済みです。実行した人と理由はスレッドにあります。
    │ :no_bell: 2026-11-23 23:00 UTC まで抑制中です。Datadog はこの種のシグナルを発生させません。
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [イベントを表示]
    │ [全 3 件を再オープン]

    --- only the doorbell is known ---
    (重大度「高」のシグナル：\`ルールが未確認のシグナル\`、クラスター未確認。)
    :red_circle: *重大度：高* *ルールが未確認のシグナル* · クラスター未確認
    │ Datadog から詳細をまだ取得できていません。取得でき次第、このメッセージを更新します。
    │ *回数* シグナル 1 件 · 日時 2026-11-23 14:03 UTC
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id> [イベントを表示]
    │ [対応する] [アーカイブ…] [ミュート…] [抑制を依頼…]

    --- a test ---
    (重大度「低」のシグナル：\`Interactive shell in a pod\`、クラスター不明。)
    :large_blue_circle: *重大度：低* *Interactive shell in a pod* · クラスター不明
    │ これはテストです。どのクラスターでも何も起きておらず、対応は不要です。
    │ *回数* シグナル 1 件、監査イベント 3 件 · 初回 2026-11-23 14:03 UTC、最終 2026-11-23 14:05 UTC
    │ [Log Explorer で開く] <https://app.datadoghq.com/logs?query=x&live=false> [シグナルを開く] <https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id>"
  `);
});

test('the mention of a new card notifies whom the route names, and nobody else', () => {
  const drawn = drawMessage(slack, signalCard(groupCard({ mention: SOC }), 'en'));
  expect(drawn.notifies).toEqual(['@soc']);
  expect(drawMessage(slack, signalCard(groupCard(), 'en')).notifies).toEqual([]);
});

test('the first line with its mention stands above the bar, everything else beside it', () => {
  const { blocks, attachments } = messageBody(signalCard(groupCard({ mention: SOC }), 'en'));
  expect(blocks).toHaveLength(1);
  expect(JSON.stringify(blocks)).toContain(SOC);
  expect(attachments).toHaveLength(1);
  expect(JSON.stringify(attachments)).not.toContain(SOC);
});

test('an edit without a colour takes the bar of before away', () => {
  const { color: _, ...plain } = signalCard(groupCard(), 'en');
  expect(messageBody(plain).attachments).toEqual([]);
});

test.each([
  [undefined, 'unknown'],
  [101, 'let-through'],
  [200, 'let-through'],
  [201, 'let-through'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'failed'],
  [500, 'failed'],
] as const)('an answer of %s means %s', (status, outcome) => {
  expect(outcomeOf(status)).toBe(outcome);
});

interface Pressed {
  text: { text: string };
  action_id: string;
  value?: string;
}

function buttonsOf(content: Content): Pressed[] {
  return content.blocks.flatMap((block) => (block.type === 'actions' ? (block.elements as unknown as Pressed[]) : []));
}

const ids = (content: Content) => buttonsOf(content).map((pressed) => pressed.action_id);

test('a critical signal has no mute, a taken one hands back, an archived one reopens, a test has links only', () => {
  const open = ['link.logs', 'link.signal', 'signal.events'];
  const suppress = 'signal.suppress';
  const card = (more: Parameters<typeof groupCard>[0]) => ids(signalCard(groupCard(more), 'en'));
  expect(card({})).toEqual([...open, 'signal.take', 'signal.archive', 'signal.mute', suppress]);
  expect(card({ severity: 'critical' })).toEqual([...open, 'signal.take', 'signal.archive', suppress]);
  const taken = { by: { name: 'ana' }, at: undefined, withoutAssignee: false };
  expect(card({ taken })).toEqual([...open, 'signal.release', 'signal.archive', 'signal.mute', suppress]);
  expect(card({ taken, counts: { open: 0, under_review: 0, archived: 2 } })).toEqual([...open, 'signal.reopen']);
  expect(card({ test: true })).toEqual(['link.logs', 'link.signal']);
});

test('buttons carry the group and say how many signals they act on', () => {
  const content = signalCard(groupCard({ counts: { open: 10, under_review: 2, archived: 5 } }), 'en');
  const presses = buttonsOf(content).filter(({ action_id }) => action_id.startsWith('signal.'));
  expect(presses.map(({ value }) => value)).toEqual(presses.map(() => groupCard().groupId));
  expect(presses.map(({ text }) => text.text)).toEqual([
    'Show events',
    'Take all 12',
    'Archive all 12…',
    'Mute…',
    'Suppress…',
  ]);
});

test('Japanese buttons are at most twelve full-width characters wide, even for thousands of signals', () => {
  const counts = { open: 2000, under_review: 0, archived: 0 };
  const taken = { by: { name: 'ana' }, at: undefined, withoutAssignee: false };
  const contents = [
    signalCard(groupCard({ counts }), 'ja'),
    signalCard(groupCard({ counts, taken }), 'ja'),
    signalCard(groupCard({ counts: { open: 0, under_review: 0, archived: 2000 } }), 'ja'),
    stormCard(stormFacts(), 'ja'),
    suppressionCard(suppression(), 'ja'),
  ];
  const wide = contents.flatMap(buttonsOf).filter(({ text }) => displayWidth(text.text) > 24);
  expect(wide.map(({ text }) => text.text)).toEqual([]);
});

test('an address too long for Slack costs its button, not the message', () => {
  const links = { logs: `https://app.datadoghq.com/logs?query=${'x'.repeat(3000)}`, signal: groupCard().links.signal };
  const content = signalCard(groupCard({ links }), 'en');
  expect(ids(content)).not.toContain('link.logs');
  expect(ids(content)).toContain('link.signal');
  shown(content);
});

test('hundreds of samples, actors and clusters are cut to a few lines', () => {
  const [sample] = exec().samples;
  const latest = exec({ samples: sample ? Array.from({ length: 500 }, () => sample) : [] });
  const many = Array.from({ length: 500 }, (_, i) => ({ name: `actor-${i}`, signals: 1 }));
  const clusters = many.map(({ name }) => name);
  const text = shown(signalCard(groupCard({ latest, actors: many, clusters }), 'en'));
  expect(text.split('\n').length).toBeLessThan(40);
  expect(text).toContain('497 more');
  expect(text).toContain('and 495 more');
});

test('a name that only seems to be another is spelled out', () => {
  const [sample] = exec().samples;
  const latest = exec({
    samples: sample ? [{ ...sample, actor: { ...sample.actor, name: 'ad\u200Bmin\u202E' } }] : [],
  });
  expect(shown(signalCard(groupCard({ latest }), 'en'))).toContain('`ad[U+200B]min[U+202E]`');
});
