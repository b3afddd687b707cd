/** The dialog in which a rule is written, in both languages, as text and as Slack would take it. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { askedModal, askModal, detailModal, queryModal } from '../../src/rules/modals.ts';
import { text } from '../../src/rules/text.ts';
import { wouldRaise } from '../../src/rules/try-out.ts';
import { LANGUAGES } from '../signals/drawn.ts';
import { dialog } from './drawn.ts';
import { ADVICE, APPROVALS, draft, SITE, tried } from './samples.ts';

const id = 'change-1';
const both = (draw: (language: Language) => Parameters<typeof dialog>[0]) =>
  LANGUAGES.map((l) => dialog(draw(l))).join('\n\n');

test('the first step: the query', () => {
  expect(both((l) => queryModal({ id, draft: draft() }, l))).toMatchInlineSnapshot(`
    "▣ New detection rule
    Step 1 of 3
    Query: source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec
      As in the Log Explorer. It is tried on real events before anything is created.
    What is to raise a signal?: So many events (threshold)
    [Cancel] [Try it]

    ▣ 新しい検知ルール
    ステップ 1 / 3
    クエリ: source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec
      Log Explorer と同じ構文です。作成の前に、実際のイベントで試します。
    シグナルを発生させる条件: 一定数のイベント（しきい値）
    [キャンセル] [試す]"
  `);
  const base = { id: 'abc-def-ghi', name: 'Exec', edit: true };
  const errors = { query: text.en.refusal.badQuery('Unexpected end at 3: expected a value') };
  const wrong = draft({ query: '@a:', method: 'new_value', base });
  expect(both((l) => queryModal({ id, draft: wrong, errors }, l))).toMatchInlineSnapshot(`
    "▣ Change a rule
    Step 1 of 3
    Query: @a:
      As in the Log Explorer. It is tried on real events before anything is created.
    :warning: This query cannot be read: Unexpected end at 3: expected a value
    Something never seen before (new value). Datadog does not allow another detection method for a rule that exists.
    [Cancel] [Try it]

    ▣ ルールの変更
    ステップ 1 / 3
    クエリ: @a:
      Log Explorer と同じ構文です。作成の前に、実際のイベントで試します。
    :warning: This query cannot be read: Unexpected end at 3: expected a value
    初めて現れた値（新しい値）。検知方法は、Datadog の仕様により変更できません。
    [キャンセル] [試す]"
  `);
});

test('the second step: a threshold', () => {
  expect(both((l) => detailModal({ id, draft: draft() }, tried(), [], SITE, l))).toMatchInlineSnapshot(`
    "▣ New detection rule
    Step 2 of 3
    *3 events* from 2026-11-22 14:00 UTC to 2026-11-23 14:00 UTC
    \`\`\`
    13:59:00  alice  create  payments/pods/exec/api-7d9f  101
    13:58:00  bob  create  payments/pods/exec/api-7d9f  101
    13:57:00  alice  create  payments/pods/exec/api-7d9f  101
    \`\`\`
    By \`alice\` (2), \`bob\` (1)
    [Open in Log Explorer] <https://app.datadoghq.com/logs?query=source%3Akubernetes.audit+%40objectRef.resource%3Apods+%40objectRef.subresource%3Aexec&from_ts=1795356000000&to_ts=1795442400000&live=false>
    Name of the rule: Exec by {{@usr.name}}
      What the signal is called. Attributes such as {{@usr.name}} are filled in.
    Severity: medium
    More than how many?: 0
      0 raises a signal at the first.
    Count different values of (optional): []
      Instead of events, for example @objectRef.namespace
    Within: 5 minutes
    One signal per (optional): @aws.awslogs.owner, @aws.awslogs.logGroup, @usr.name
      Each combination of these has a signal of its own. Account and log group tell clusters apart.
    A signal ends after this time without a match: 1 hour
    A signal ends at the latest after: 6 hours
    [Back]
    [Cancel] [Preview]

    ▣ 新しい検知ルール
    ステップ 2 / 3
    *イベント 3 件* （2026-11-22 14:00 UTC から 2026-11-23 14:00 UTC まで）
    \`\`\`
    13:59:00  alice  create  payments/pods/exec/api-7d9f  101
    13:58:00  bob  create  payments/pods/exec/api-7d9f  101
    13:57:00  alice  create  payments/pods/exec/api-7d9f  101
    \`\`\`
    実行者：\`alice\`（2 件）、\`bob\`（1 件）
    [Log Explorer で開く] <https://app.datadoghq.com/logs?query=source%3Akubernetes.audit+%40objectRef.resource%3Apods+%40objectRef.subresource%3Aexec&from_ts=1795356000000&to_ts=1795442400000&live=false>
    ルール名: Exec by {{@usr.name}}
      シグナルの名前になります。{{@usr.name}} などの属性は値に置き換わります。
    重大度: 中
    この数を超えたら発生: 0
      0 の場合は最初の 1 件で発生します。
    種類を数える属性 (optional): []
      イベントの件数の代わりに、値の種類を数えます。例：@objectRef.namespace
    集計する時間: 5 分
    シグナルの単位 (optional): @aws.awslogs.owner, @aws.awslogs.logGroup, @usr.name
      組み合わせごとに 1 件のシグナルになります。アカウントとロググループでクラスターを区別します。
    一致しない状態がこの時間続くとシグナルを終了: 1 時間
    シグナルの最長継続時間: 6 時間
    [戻る]
    [キャンセル] [プレビュー]"
  `);
});

test('the second step: new values, of which nothing was found, with complaints', () => {
  const errors = {
    of: 'Datadog takes five.',
    keepAlive: 'Keep alive is not allowed',
    window: 'Invalid evaluation window.',
  };
  const wrong = draft({ method: 'new_value', name: '' });
  expect(
    both((l) => detailModal({ id, draft: wrong, errors }, tried([]), [{ what: 'no-events' }], SITE, l)),
  ).toMatchInlineSnapshot(`
    "▣ New detection rule
    Step 2 of 3
    *0 events* from 2026-11-22 14:00 UTC to 2026-11-23 14:00 UTC
    • Nothing was found. Either nothing of the kind happened in this time, or a name in the query is misspelt.
    [Open in Log Explorer] <https://app.datadoghq.com/logs?query=source%3Akubernetes.audit+%40objectRef.resource%3Apods+%40objectRef.subresource%3Aexec&from_ts=1795356000000&to_ts=1795442400000&live=false>
    :warning: Invalid evaluation window.
    Name of the rule: []
      What the signal is called. Attributes such as {{@usr.name}} are filled in.
    Severity: medium
    New value of: @usr.name
      Up to five attributes, such as @usr.name
    :warning: Datadog takes five.
    Learn for (days): 7
      No signals meanwhile, unless Datadog has seen enough of the past.
    Forget after (days): 28
    One signal per (optional): @aws.awslogs.owner, @aws.awslogs.logGroup
      Each combination of these has a signal of its own. Account and log group tell clusters apart.
    A signal ends after this time without a match: at once
    :warning: Keep alive is not allowed
    A signal ends at the latest after: 10 minutes
    [Back]
    [Cancel] [Preview]

    ▣ 新しい検知ルール
    ステップ 2 / 3
    *イベント 0 件* （2026-11-22 14:00 UTC から 2026-11-23 14:00 UTC まで）
    • 該当するイベントはありません。この期間に発生していないか、クエリ内の名前に誤りがある可能性があります。
    [Log Explorer で開く] <https://app.datadoghq.com/logs?query=source%3Akubernetes.audit+%40objectRef.resource%3Apods+%40objectRef.subresource%3Aexec&from_ts=1795356000000&to_ts=1795442400000&live=false>
    :warning: Invalid evaluation window.
    ルール名: []
      シグナルの名前になります。{{@usr.name}} などの属性は値に置き換わります。
    重大度: 中
    新しい値を検知する属性: @usr.name
      5 つまで。例：@usr.name
    :warning: Datadog takes five.
    学習期間（日）: 7
      Datadog に十分な履歴がない場合、この間シグナルは発生しません。
    値の保持期間（日）: 28
    シグナルの単位 (optional): @aws.awslogs.owner, @aws.awslogs.logGroup
      組み合わせごとに 1 件のシグナルになります。アカウントとロググループでクラスターを区別します。
    一致しない状態がこの時間続くとシグナルを終了: 即時
    :warning: Keep alive is not allowed
    シグナルの最長継続時間: 10 分
    [戻る]
    [キャンセル] [プレビュー]"
  `);
});

test('a complaint about what this method does not ask for is still to be read', () => {
  const errors = { window: 'about the window', other: 'about nothing', moreThan: 'about the number' };
  const said = dialog(detailModal({ id, draft: draft({ method: 'new_value' }), errors }, tried(), [], SITE, 'en'));
  for (const complaint of Object.values(errors)) expect(said.split('\n')).toContain(`:warning: ${complaint}`);
});

test('the third step: what it would have raised, and the request', () => {
  const one = draft({ moreThan: 1, message: 'Ask {{@usr.name}}.', tags: ['team:soc', 'tactic:TA0002-execution'] });
  const found = tried(['alice', 'bob', 'alice', 'alice']);
  const advice = ADVICE.slice(5, 7);
  expect(both((l) => askModal({ id, draft: one }, wouldRaise(one, found), found, advice, l))).toMatchInlineSnapshot(`
    "▣ New detection rule
    Step 3 of 3
    On 4 events, the rule would have raised *1 signal*.
    \`\`\`
    2026-11-23 13:57  medium  111122223333  /aws/eks/prod-a/cluster  alice  (3)
    \`\`\`
    :white_check_mark: Datadog accepts this rule.
    • kubectl 1.31 and later opens exec, attach and port-forward with the verb \`get\`: write \`@http.method:(create OR get)\`, or the rule misses them.
    • A stream is logged when it starts and when it ends, so each counts twice; \`@stage:ResponseStarted\` counts each once.
    Message of the signal (optional): Ask {{@usr.name}}.
      What to do first. Attributes it mentions, such as {{@usr.name}}, are shown in the signal.
    Tags (optional): team:soc tactic:TA0002-execution
      For example tactic:TA0002-execution technique:T1609-container-administration-command
    Why?: []
      Approvers read this, and it stays on record.
    [Back]
    [Cancel] [Ask for approval]

    ▣ 新しい検知ルール
    ステップ 3 / 3
    イベント 4 件で試したところ、シグナルは *1 件* でした。
    \`\`\`
    2026-11-23 13:57  中  111122223333  /aws/eks/prod-a/cluster  alice  (3)
    \`\`\`
    :white_check_mark: Datadog の検証に合格しました。
    • kubectl 1.31 以降では、exec・attach・port-forward の動詞は \`get\` になります。見逃さないように \`@http.method:(create OR get)\` と書いてください。
    • ストリームは開始時と終了時に記録されるため、1 回の操作が 2 件になります。\`@stage:ResponseStarted\` を加えると 1 件になります。
    シグナルの本文 (optional): Ask {{@usr.name}}.
      最初に行うことを書きます。{{@usr.name}} のように書いた属性は、シグナルに表示されます。
    タグ (optional): team:soc tactic:TA0002-execution
      例：tactic:TA0002-execution technique:T1609-container-administration-command
    理由: []
      承認者が確認し、記録に残ります。
    [戻る]
    [キャンセル] [承認を依頼]"
  `);
});

test('the third step for new values, of which there were none', () => {
  const one = draft({ method: 'new_value' });
  expect(both((l) => askModal({ id, draft: one }, [], tried(['alice']), [], l))).toMatchInlineSnapshot(`
    "▣ New detection rule
    Step 3 of 3
    On 1 event, the rule would have raised *no signal*.
    :white_check_mark: Datadog accepts this rule.
    Message of the signal (optional): []
      What to do first. Attributes it mentions, such as {{@usr.name}}, are shown in the signal.
    Tags (optional): []
      For example tactic:TA0002-execution technique:T1609-container-administration-command
    Why?: []
      Approvers read this, and it stays on record.
    [Back]
    [Cancel] [Ask for approval]

    ▣ 新しい検知ルール
    ステップ 3 / 3
    イベント 1 件で試したところ、シグナルは *0 件* でした。
    :white_check_mark: Datadog の検証に合格しました。
    シグナルの本文 (optional): []
      最初に行うことを書きます。{{@usr.name}} のように書いた属性は、シグナルに表示されます。
    タグ (optional): []
      例：tactic:TA0002-execution technique:T1609-container-administration-command
    理由: []
      承認者が確認し、記録に残ります。
    [戻る]
    [キャンセル] [承認を依頼]"
  `);
});

test('the end of it', () => {
  expect(both((l) => askedModal(APPROVALS, l))).toMatchInlineSnapshot(`
    "▣ Waiting for approval
    The rule waits for approval in #approvals. Nothing changes in Datadog before that. You get a message when it is decided.
    [Close]

    ▣ 承認待ち
    #approvals で承認を待っています。承認されるまで Datadog には反映しません。結果はメッセージでお知らせします。
    [閉じる]"
  `);
});

test('what a dialog cannot hold is not cut and sent back, but stays', () => {
  const long = draft({ message: 'x'.repeat(3001), tags: Array.from({ length: 100 }, (_, i) => `team:number-${i}`) });
  const view = askModal({ id, draft: long }, [], tried(), [], 'en');
  expect(dialog(view)).toContain('too long for this dialog and stays as it is');
  const inputs = view.blocks.flatMap((b) => (b.type === 'input' ? [b.block_id] : []));
  expect(inputs).toEqual(['tags', 'reason']);
  expect(JSON.stringify(view)).toContain('team:number-99');
  const fields = draft({ groupBy: Array.from({ length: 50 }, (_, i) => `@requestObject.spec.field-${i}`) });
  expect(JSON.stringify(detailModal({ id, draft: fields }, tried(), [], SITE, 'en'))).toContain('field-49');
});

test('the values of the dialog arrive under the names their handlers read', () => {
  const names = (view: { blocks: { type: string; block_id?: string; element?: { action_id?: string } }[] }) =>
    view.blocks.flatMap(({ type, block_id, element }) =>
      type === 'input' ? [`${block_id}/${element?.action_id}`] : [],
    );
  const inputsOf = (view: unknown) => names(view as Parameters<typeof names>[0]).join(' ');
  expect(inputsOf(queryModal({ id, draft: draft() }, 'en'))).toBe('query/text method/value');
  expect(inputsOf(detailModal({ id, draft: draft() }, tried(), [], SITE, 'en'))).toBe(
    'name/text severity/value moreThan/value distinct/text window/value groupBy/text keepAlive/value maxDuration/value',
  );
  expect(inputsOf(detailModal({ id, draft: draft({ method: 'new_value' }) }, tried(), [], SITE, 'en'))).toBe(
    'name/text severity/value of/text learnDays/value forgetDays/value groupBy/text keepAlive/value maxDuration/value',
  );
  expect(inputsOf(askModal({ id, draft: draft() }, [], tried(), [], 'en'))).toBe('message/text tags/text reason/text');
});
