/** The list of rules, and what a rule’s page leaves out, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import { compileRule } from '../../src/rules/compile.ts';
import { ruleList, ruleView } from '../../src/rules/views.ts';
import { messageBody } from '../../src/slack/blocks.ts';
import { both, shown } from './drawn.ts';
import { foreign, missing, ofPack, outdated, packRule, SITE } from './samples.ts';

const RULES = [
  ofPack(),
  ofPack(packRule(), { cases: [{ name: '', status: 'low', condition: 'exec > 0', notifications: [] }] }),
  ofPack(packRule(), { isEnabled: false }),
  missing(),
  foreign(),
  foreign({ key: 'aaa-bbb-ccc', name: 'Our own', origin: 'other', tactics: [], severity: 'critical' }),
  foreign({ key: 'ddd-eee-fff', name: 'Made here', origin: 'bot', state: 'disabled', signals: 1200 }),
];

test('the list of rules', () => {
  const page = { typed: 'rules list', page: 1, all: 90 };
  expect(both((l) => ruleList(RULES, page, l))).toMatchInlineSnapshot(`
    "(7 of 90 detection rules)
    *7 of 90 detection rules*
    Rule           Name                       Tactic     Severity  State        From       Signals, 7 days
    exec-into-pod  Command executed in a pod  execution  medium    enabled      pack       4
    exec-into-pod  Command executed in a pod  execution  medium    edited       pack       4
    exec-into-pod  Command executed in a pod  execution  medium    disabled     pack       4
    exec-into-pod  Command executed in a pod  execution  medium    not created  pack       0
    def-000-att    User Attached to a Pod     discovery  info      enabled      Datadog    0
    aaa-bbb-ccc    Our own                    –          critical  enabled      other      0
    ddd-eee-fff    Made here                  discovery  info      disabled     made here  1,200
    \`/eks-audit rules show <rule>\` shows one in full. \`/eks-audit enable <cluster> --only rules\` creates those that are not created yet.

    (検知ルール 90 件中 7 件)
    *検知ルール 90 件中 7 件*
    ルール         名前                    戦術       重大度  状態      提供元        シグナル（7 日間）
    exec-into-pod  Pod 内でのコマンド実行  execution  中      有効      パック        4
    exec-into-pod  Pod 内でのコマンド実行  execution  中      変更あり  パック        4
    exec-into-pod  Pod 内でのコマンド実行  execution  中      無効      パック        4
    exec-into-pod  Pod 内でのコマンド実行  execution  中      未作成    パック        0
    def-000-att    User Attached to a Pod  discovery  情報    有効      Datadog       0
    aaa-bbb-ccc    Our own                 –          緊急    有効      その他        0
    ddd-eee-fff    Made here               discovery  情報    無効      Slack で作成  1,200
    \`/eks-audit rules show <rule>\` で詳細を表示します。未作成のルールは \`/eks-audit enable <cluster> --only rules\` で作成できます。"
  `);
});

test('nothing found', () => {
  const page = { typed: 'rules list xyzzy', page: 1, all: 90 };
  expect(both((l) => ruleList([], page, l))).toMatchInlineSnapshot(`
    "(0 of 90 detection rules)
    *0 of 90 detection rules*
    No rule matches. \`/eks-audit rules list\` with nothing behind it shows all.

    (検知ルール 90 件中 0 件)
    *検知ルール 90 件中 0 件*
    該当するルールはありません。何も付けずに \`/eks-audit rules list\` を実行すると、すべて表示します。"
  `);
});

function pages(page: number, typed: string): string[] {
  const many = Array.from({ length: 40 }, (_, i) => foreign({ key: `rule-${i}` }));
  const { blocks } = messageBody(ruleList(many, { typed, page, all: 90 }, 'en'));
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map((e) => ('value' in e ? `${e.action_id} ${e.value}` : '')) : [],
  );
}

test('the buttons of a page are the same command for another page', () => {
  expect(pages(1, 'rules list exec --from pack')).toEqual(['command.run.1 rules list exec --from pack --page 2']);
  expect(pages(2, 'rules list --page 2')).toEqual([
    'command.run.0 rules list --page 1',
    'command.run.1 rules list --page 3',
  ]);
  expect(pages(3, 'rules list —page=3 exec')).toEqual(['command.run.0 rules list exec --page 2']);
  // A page that is not there (any more) is the nearest one.
  expect(pages(99, 'rules list --page 99')).toEqual(['command.run.0 rules list --page 2']);
  // Longer than what a button carries: better no button than one that leads elsewhere.
  expect(pages(1, `rules list ${'x'.repeat(1990)}`)).toEqual([]);
});

test('a rule as an older pack wrote it', () => {
  const said = both((l) => ruleView(outdated(), { config: SITE, terraform: undefined }, l));
  expect(said.split('\n').filter((line) => /low|older|up to date|以前|更新/.test(line))).toMatchInlineSnapshot(`
    [
      "*Severity* low \`exec > 0\`",
      "*As an older version of our pack wrote it:*",
      "• \`cases[0].status\`: \`medium\` in our pack, \`low\` in Datadog",
      "\`/eks-audit enable <cluster> --only rules\` brings it up to date.",
      "*以前のバージョンのパックの内容のままです：*",
      "• \`cases[0].status\`：パックでは \`medium\`、Datadog では \`low\`",
      "\`/eks-audit enable <cluster> --only rules\` で最新の内容に更新できます。",
    ]
  `);
});

test('Terraform is cut to what the message still takes, or left to Datadog', () => {
  const terraform = 'resource\n'.repeat(2000);
  const view = ruleView(ofPack(), { config: SITE, terraform }, 'en');
  expect(shown(view)).toContain('The rest is in Datadog');
  const long = packRule({
    queries: { exec: 'x'.repeat(9000) },
    group_by: Array.from({ length: 50 }, () => 'y'.repeat(90)),
  });
  const triage = Array.from({ length: 20 }, () => 'z'.repeat(900));
  const full = ruleView(
    ofPack({ ...long, triage: { en: triage, ja: triage }, noise: { en: 'n'.repeat(3000), ja: 'n' } }, { message: 'm' }),
    { config: SITE, terraform },
    'en',
  );
  expect(shown(full)).toMatch(/For Terraform|The rest is in Datadog/);
});

test('two long texts are shown from shortly before where they differ', () => {
  const pack = packRule();
  const { queries } = compileRule(pack);
  const narrower = queries.map((one) => ({ ...one, query: one.query.replace('(create OR get)', 'create') }));
  const said = shown(ruleView(ofPack(pack, { queries: narrower }), { config: SITE, terraform: undefined }, 'en'));
  expect(said).toContain(
    '`…e:exec @http.method:(create OR get)` in our pack, `…e:exec @http.method:create` in Datadog',
  );
});
