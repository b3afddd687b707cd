/** What `/eks-audit test` answers: each hop with its time, or where the way ended. Pure. */
import type { Language } from '../config.ts';
import { type Content, content, context, sections } from '../slack/blocks.ts';
import { code, link } from '../slack/mrkdwn.ts';

export interface SelfTest {
  /** Undefined without PUBLIC_URL: nobody can ring. */
  webhook: 'ok' | { reason: string } | undefined;
  /** Milliseconds since the start, each; undefined where it did not get. */
  webhookMs: number;
  groupedMs: number | undefined;
  postedMs: number | undefined;
  permalink: string | undefined;
}

interface SelfTestText {
  done: (ms: number) => string;
  notDone: string;
  answered: (ms: number) => string;
  unreachable: (reason: string) => string;
  pollingOnly: string;
  grouped: (ms: number) => string;
  notGrouped: string;
  posted: (ms: number, where: string) => string;
  notPosted: string;
  message: string;
  scope: (id: string) => string;
}

const en: SelfTestText = {
  done: (ms) => `The test signal stands in Slack after ${ms} ms.`,
  notDone: 'The test signal did not get all the way to Slack.',
  answered: (ms) =>
    `:white_check_mark: Our webhook answered under PUBLIC_URL after ${ms} ms; the signal was stored then.`,
  unreachable: (reason) =>
    `:x: Our webhook could not be reached under PUBLIC_URL (${reason}), so Datadog’s webhook may not reach it either. Check the address, the load balancer and that WEBHOOK_TOKEN is the one in Datadog; until then signals are found by asking Datadog. The test went on from the database.`,
  pollingOnly: ':heavy_minus_sign: PUBLIC_URL is not set, so no webhook can ring: signals are found by asking Datadog.',
  grouped: (ms) => `:white_check_mark: Routed and put into a message after ${ms} ms.`,
  notGrouped: ':x: It was not routed. The route may be `off`; `npm run -s cli -- route` explains the way.',
  posted: (ms, where) => `:white_check_mark: Posted after ${ms} ms: ${where}`,
  notPosted:
    ':x: It was not posted within 15 seconds: the route may send it to a digest, be muted now, or Slack may not take it. `/eks-audit doctor` checks the channels.',
  message: 'message',
  scope: (id) =>
    `Not part of the test: Datadog raising a signal and ringing the webhook. ${code(`/eks-audit where ${id}`)} shows the receipt.`,
};

const ja: SelfTestText = {
  done: (ms) => `テスト用のシグナルは ${ms} ミリ秒で Slack に届きました。`,
  notDone: 'テスト用のシグナルは Slack まで届きませんでした。',
  answered: (ms) => `:white_check_mark: PUBLIC_URL の Webhook が ${ms} ミリ秒で応答し、シグナルを保存しました。`,
  unreachable: (reason) =>
    `:x: PUBLIC_URL の Webhook に接続できません（${reason}）。Datadog からも届かない可能性があります。アドレス、ロードバランサー、Datadog に登録した WEBHOOK_TOKEN を確認してください。それまでは Datadog への定期的な問い合わせでシグナルを検出します。テストはデータベースから先を続けました。`,
  pollingOnly:
    ':heavy_minus_sign: PUBLIC_URL が未設定のため Webhook は使われません。Datadog への定期的な問い合わせでシグナルを検出します。',
  grouped: (ms) => `:white_check_mark: ${ms} ミリ秒で振り分けが終わり、メッセージに割り当てました。`,
  notGrouped:
    ':x: 振り分けられませんでした。ルートが `off` の可能性があります。`npm run -s cli -- route` で経路を確認できます。',
  posted: (ms, where) => `:white_check_mark: ${ms} ミリ秒で投稿しました：${where}`,
  notPosted:
    ':x: 15 秒以内に投稿されませんでした。ダイジェスト行き、ミュート中、または Slack 側の問題が考えられます。`/eks-audit doctor` でチャンネルを確認できます。',
  message: 'メッセージ',
  scope: (id) =>
    `Datadog がシグナルを発生させて Webhook を呼ぶ部分は、このテストの対象外です。${code(`/eks-audit where ${id}`)} で経過を確認できます。`,
};

const text: Record<Language, SelfTestText> = { en, ja };

export function selfTestReport(test: SelfTest, signalId: string, language: Language): Content {
  const t = text[language];
  const { webhook, webhookMs, groupedMs, postedMs, permalink } = test;
  const title = postedMs === undefined ? t.notDone : t.done(postedMs);
  const lines = [
    webhook === undefined
      ? t.pollingOnly
      : webhook === 'ok'
        ? t.answered(webhookMs)
        : t.unreachable(code(webhook.reason)),
    groupedMs === undefined ? t.notGrouped : t.grouped(groupedMs),
    ...(groupedMs === undefined
      ? []
      : [postedMs === undefined ? t.notPosted : t.posted(postedMs, permalink ? link(permalink, t.message) : '')]),
  ];
  return content(title, [...sections([`*${title}*`, ...lines]), context(t.scope(signalId))]);
}
