/**
 * The Slack scopes the bot asks for, each with its reason and the methods that need it. The manifest, `doctor` and a
 * test that reads the source all go by this table, so that no scope is asked for in vain and none is forgotten.
 */
import type { Language } from '../config.ts';

export interface SlackScope {
  scope: string;
  /** May be declined at installation; what is lost then is said in `why`. */
  optional: boolean;
  why: Record<Language, string>;
  /** Methods of the Web API; empty where something else needs the scope, such as a slash command. */
  methods: readonly string[];
}

const HISTORY = ['conversations.history', 'conversations.replies'] as const;

export const SLACK_SCOPES: readonly SlackScope[] = [
  {
    scope: 'commands',
    optional: false,
    why: { en: 'the command /eks-audit', ja: '/eks-audit コマンド' },
    methods: [],
  },
  {
    scope: 'chat:write',
    optional: false,
    why: { en: 'post messages and keep them up to date', ja: 'メッセージの投稿と更新' },
    methods: ['chat.postMessage', 'chat.update'],
  },
  {
    scope: 'im:write',
    optional: false,
    why: {
      en: 'tell people directly what only they must do or know',
      ja: '本人だけに必要な内容をダイレクトメッセージで知らせる',
    },
    methods: ['conversations.open'],
  },
  {
    scope: 'users:read',
    optional: false,
    why: {
      en: 'see whether somebody is a full member, and their language',
      ja: '正式なメンバーかどうかと表示言語の確認',
    },
    methods: ['users.info'],
  },
  {
    scope: 'usergroups:read',
    optional: true,
    why: {
      en: 'user groups as operators, approvers or analysts; needed once the configuration names one',
      ja: 'ユーザーグループを役割に指定する（設定ファイルで指定した場合は必須）',
    },
    methods: ['usergroups.users.list'],
  },
  {
    scope: 'users:read.email',
    optional: true,
    why: {
      en: 'assign a signal in Datadog to the person who takes it in Slack, found by e-mail address',
      ja: 'Slack で引き受けた人を、メールアドレスをもとに Datadog でシグナルの担当者にする',
    },
    methods: ['users.info'],
  },
  {
    scope: 'channels:read',
    optional: true,
    why: {
      en: 'see that the bot is in its public channels, and that no other company is',
      ja: 'パブリックチャンネルへの参加状況と、社外と共有されていないことの確認',
    },
    methods: ['conversations.info'],
  },
  {
    scope: 'groups:read',
    optional: true,
    why: {
      en: 'the same for its private channels',
      ja: '同上（プライベートチャンネル）',
    },
    methods: ['conversations.info'],
  },
  {
    scope: 'channels:history',
    optional: true,
    why: {
      en: 'find our own message in a public channel again after a crash, instead of repeating it',
      ja: '異常終了の後、パブリックチャンネルにある自分のメッセージを見つけて二重投稿を防ぐ',
    },
    methods: HISTORY,
  },
  {
    scope: 'groups:history',
    optional: true,
    why: { en: 'the same in private channels', ja: '同上（プライベートチャンネル）' },
    methods: HISTORY,
  },
  {
    scope: 'im:history',
    optional: true,
    why: { en: 'the same in direct messages', ja: '同上（ダイレクトメッセージ）' },
    methods: HISTORY,
  },
];

/** With user groups in the configuration nobody can be recognised without reading them. */
export function isRequired({ scope, optional }: SlackScope, usesUsergroups: boolean): boolean {
  return !optional || (scope === 'usergroups:read' && usesUsergroups);
}
