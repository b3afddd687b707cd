/** What approvers read before a rule is switched or deleted, and what becomes of a request, in both languages. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { type ChangeCard, changeCard } from '../../src/rules/change-card.ts';
import { drawMessage, LANGUAGES } from '../signals/drawn.ts';
import { shown, slack } from './drawn.ts';
import { ARJUN, AT, cardAbout, RULE, RULE_URL } from './samples.ts';

test('a rule to be switched on, deleted, switched off', () => {
  const cards = (l: Language) =>
    [
      cardAbout({ kind: 'enable', wanted: { rule: RULE, reason: '' } }, { missing: 2 }),
      cardAbout({ kind: 'delete' }),
      cardAbout({ kind: 'disable', until: AT('23:00:00') }),
    ].map((card) => shown(changeCard(card, l)));
  expect(LANGUAGES.flatMap(cards).join('\n\n')).toMatchInlineSnapshot(`
    "(Switch detection rule on: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Switch detection rule on: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    Asked for by @olivia
    2 approvals are missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…] [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Delete detection rule: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Delete detection rule: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    Once it is deleted, Datadog raises no signal of this rule, and nobody hears of what it would have found.
    *Reason* _maintenance_
    Asked for by @olivia
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…] [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Switch detection rule off: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Switch detection rule off: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    Until 2026-11-23 23:00 UTC; then it is switched on again by itself.
    While it is off, Datadog raises no signal of this rule, and nobody hears of what it would have found.
    *Reason* _maintenance_
    Asked for by @olivia
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…] [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの有効化（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの有効化：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    依頼者：@olivia
    あと 2 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…] [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの削除（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの削除：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    削除すると、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。
    *理由* _maintenance_
    依頼者：@olivia
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…] [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの無効化：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    2026-11-23 23:00 UTC まで。期限後は自動で有効に戻ります。
    無効の間、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。
    *理由* _maintenance_
    依頼者：@olivia
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…] [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>"
  `);
});

test('what becomes of it', () => {
  const decided = { missing: 0, approvers: [ARJUN] };
  const off = { kind: 'disable', until: AT('23:00:00') } as const;
  const rejection = { by: ARJUN, reason: 'Fix the job\ninstead.' };
  const cards = (l: Language) =>
    [
      cardAbout({ ...off, state: 'approved' }, decided),
      cardAbout({ ...off, state: 'active' }, decided),
      cardAbout({ ...off, state: 'ended' }, decided),
      cardAbout({ ...off, state: 'rejected' }, { rejection }),
      cardAbout({ ...off, state: 'expired' }),
      cardAbout({ kind: 'delete', state: 'refused' }, decided),
      cardAbout({ kind: 'delete', state: 'done' }, { ...decided, url: undefined }),
    ].map((card) => shown(changeCard(card, l)));
  expect(LANGUAGES.flatMap(cards).join('\n\n')).toMatchInlineSnapshot(`
    "(Switch detection rule off: \`Exec by {{@usr.name}}\`, approved, being done.)
    *Switch detection rule off: approved, being done*
    *Rule* \`Exec by {{@usr.name}}\`
    Until 2026-11-23 23:00 UTC; then it is switched on again by itself.
    While it is off, Datadog raises no signal of this rule, and nobody hears of what it would have found.
    *Reason* _maintenance_
    Asked for by @olivia
    Approved by @arjun
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Switch detection rule off: \`Exec by {{@usr.name}}\`, in effect.)
    *Switch detection rule off: in effect*
    *Rule* \`Exec by {{@usr.name}}\`
    Until 2026-11-23 23:00 UTC; then it is switched on again by itself.
    While it is off, Datadog raises no signal of this rule, and nobody hears of what it would have found.
    *Reason* _maintenance_
    Asked for by @olivia
    Approved by @arjun
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Switch detection rule off: \`Exec by {{@usr.name}}\`, over.)
    *Switch detection rule off: over*
    *Rule* \`Exec by {{@usr.name}}\`
    *Reason* _maintenance_
    Asked for by @olivia
    Approved by @arjun
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Switch detection rule off: \`Exec by {{@usr.name}}\`, rejected.)
    *Switch detection rule off: rejected*
    *Rule* \`Exec by {{@usr.name}}\`
    *Reason* _maintenance_
    Asked for by @olivia
    Rejected by @arjun: _Fix the job instead._
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Switch detection rule off: \`Exec by {{@usr.name}}\`, expired.)
    *Switch detection rule off: expired*
    *Rule* \`Exec by {{@usr.name}}\`
    *Reason* _maintenance_
    Asked for by @olivia
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Delete detection rule: \`Exec by {{@usr.name}}\`, approved, but not done.)
    *Delete detection rule: approved, but not done*
    *Rule* \`Exec by {{@usr.name}}\`
    *Reason* _maintenance_
    Asked for by @olivia
    Approved by @arjun
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (Delete detection rule: \`Exec by {{@usr.name}}\`, done.)
    *Delete detection rule: done*
    *Rule* \`Exec by {{@usr.name}}\`
    *Reason* _maintenance_
    Asked for by @olivia
    Approved by @arjun

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：承認済み（実行中）。)
    *検知ルールの無効化：承認済み（実行中）*
    *ルール* \`Exec by {{@usr.name}}\`
    2026-11-23 23:00 UTC まで。期限後は自動で有効に戻ります。
    無効の間、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。
    *理由* _maintenance_
    依頼者：@olivia
    承認者：@arjun
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：実施中。)
    *検知ルールの無効化：実施中*
    *ルール* \`Exec by {{@usr.name}}\`
    2026-11-23 23:00 UTC まで。期限後は自動で有効に戻ります。
    無効の間、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。
    *理由* _maintenance_
    依頼者：@olivia
    承認者：@arjun
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：終了。)
    *検知ルールの無効化：終了*
    *ルール* \`Exec by {{@usr.name}}\`
    *理由* _maintenance_
    依頼者：@olivia
    承認者：@arjun
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：却下。)
    *検知ルールの無効化：却下*
    *ルール* \`Exec by {{@usr.name}}\`
    *理由* _maintenance_
    依頼者：@olivia
    @arjun が却下しました。理由：_Fix the job instead._
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの無効化（\`Exec by {{@usr.name}}\`）：期限切れ。)
    *検知ルールの無効化：期限切れ*
    *ルール* \`Exec by {{@usr.name}}\`
    *理由* _maintenance_
    依頼者：@olivia
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの削除（\`Exec by {{@usr.name}}\`）：承認済み（未実行）。)
    *検知ルールの削除：承認済み（未実行）*
    *ルール* \`Exec by {{@usr.name}}\`
    *理由* _maintenance_
    依頼者：@olivia
    承認者：@arjun
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの削除（\`Exec by {{@usr.name}}\`）：完了。)
    *検知ルールの削除：完了*
    *ルール* \`Exec by {{@usr.name}}\`
    *理由* _maintenance_
    依頼者：@olivia
    承認者：@arjun"
  `);
});

test('only an open request has buttons to decide with, and each is about this approval', () => {
  const ids = (state: ChangeCard['change']['state']) => {
    const { blocks } = changeCard(cardAbout({ kind: 'delete', state }), 'en');
    const buttons = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    return buttons.flatMap((b) => (b.type === 'button' ? [`${b.action_id} ${b.value ?? b.url}`] : []));
  };
  expect(ids('asked')).toEqual(['approval.approve approval-1', 'approval.reject approval-1', `link.rule ${RULE_URL}`]);
  for (const state of ['approved', 'done', 'active', 'rejected', 'expired', 'refused', 'ended'] as const)
    expect(ids(state)).toEqual([`link.rule ${RULE_URL}`]);
});

test('nobody is notified but who is named because they acted', () => {
  const card = cardAbout(
    { kind: 'delete', state: 'rejected' },
    { approvers: [ARJUN], rejection: { by: ARJUN, reason: '<!here>' } },
  );
  expect(drawMessage(slack, changeCard(card, 'en')).mentions.sort()).toEqual(['@arjun', '@olivia']);
});
