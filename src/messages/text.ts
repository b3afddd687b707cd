/** What messages say of themselves, and to the admins when one cannot be delivered. */
import type { ContextBlock } from '@slack/types';
import type { Language } from '../config.ts';
import { type Content, content, context, MAX_BLOCKS, type MessageBody, messageBody, section } from '../slack/blocks.ts';
import { channelLink, code } from '../slack/mrkdwn.ts';
import type { MessageRow } from './store.ts';

/** Why Slack closes a channel to us, and what to do about it. */
const ARCHIVED: Record<Language, string> = {
  en: 'It is archived. Unarchive it, or name another channel in the configuration.',
  ja: 'アーカイブされています。アーカイブを解除するか、設定で別のチャンネルを指定してください。',
};
const REMEDIES: Readonly<Record<string, Record<Language, string>>> = {
  not_in_channel: {
    en: 'The bot is not a member. Type `/invite @eks-audit` in the channel.',
    ja: 'ボットがメンバーではありません。チャンネルで `/invite @eks-audit` を入力してください。',
  },
  channel_not_found: {
    en: 'It does not exist, or it is private and the bot was not invited. Invite the bot, or correct the id in the configuration.',
    ja: 'チャンネルが存在しないか、プライベートでボットが招待されていません。ボットを招待するか、設定の ID を直してください。',
  },
  is_archived: ARCHIVED,
  is_inactive: ARCHIVED,
  is_ext_shared: {
    en: 'It is shared with another company, which must not read what an audit finds. Name a channel of your own in the configuration.',
    ja: '社外と共有されているため、監査の内容を投稿しません。設定で社内のチャンネルを指定してください。',
  },
};
const OTHER: Record<Language, string> = {
  en: 'An admin can run `/eks-audit doctor` to see what is wrong.',
  ja: '管理者が `/eks-audit doctor` で原因を確認できます。',
};

/** What Slack is sent for a row. A message that may stand there twice says so in every version. */
export function bodyOf(row: Pick<MessageRow, 'content' | 'repeated'>, language: Language): MessageBody {
  if (!row.repeated) return messageBody(row.content);
  const blocks = [...row.content.blocks.slice(0, MAX_BLOCKS - 1), text.repeated(language)];
  return messageBody({ ...row.content, blocks });
}

export const text = {
  repeated(language: Language): ContextBlock {
    return context(
      language === 'ja'
        ? '再起動の直後のため、同じメッセージが 2 回届いている可能性があります。'
        : 'Sent again after a restart; you may see this message twice.',
    );
  },

  /** `instead` is where the channel's messages go meanwhile. */
  closed(channel: string, failure: string, instead: string | undefined, language: Language): Content {
    const remedy = (REMEDIES[failure] ?? OTHER)[language];
    const where = channelLink(channel);
    const there = instead ? channelLink(instead) : undefined;
    const said =
      language === 'ja'
        ? `${where} に投稿できません（${code(failure)}）。${there ? `このチャンネルへのメッセージは ${there} に送ります。` : ''}${remedy}`
        : `Slack does not take posts to ${where} (${code(failure)}).${there ? ` Its messages go to ${there} meanwhile.` : ''} ${remedy}`;
    return content(said, [section(`:warning: ${said}`)]);
  },

  rejected(key: string, channel: string, failure: string, language: Language): Content {
    const said =
      language === 'ja'
        ? `Slack が ${channelLink(channel)} へのメッセージ ${code(key)} を拒否しました（${code(failure)}）。ボットの不具合です。ログの該当箇所を添えて報告してください。`
        : `Slack rejected the message ${code(key)} for ${channelLink(channel)} (${code(failure)}). This is a bug of the bot: please report it with the lines of the log that name the message.`;
    return content(said, [section(`:warning: ${said}`)]);
  },
};
