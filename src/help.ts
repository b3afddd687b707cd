/** `/eks-audit help`, from the same table the parser uses. */
import { COMMANDS, type CommandSpec, usage } from './commands.ts';
import type { Language } from './config.ts';
import { type Content, content, context, section, sections } from './slack/blocks.ts';
import { code } from './slack/mrkdwn.ts';

const text: Record<Language, { title: string; names: string }> = {
  en: {
    title:
      'Brings EKS clusters under audit in Datadog Cloud SIEM: a plan, a colleague’s approval, live progress, proof.',
    names:
      'A cluster is `name`, `account/name` or `account/region/name`. Nothing changes before somebody else approves.',
  },
  ja: {
    title:
      'EKS クラスターを Datadog Cloud SIEM の監査対象にします。計画、同僚の承認、進捗の表示、到達の確認までを行います。',
    names:
      'クラスターは `name`、`account/name`、`account/region/name` のいずれかで指定します。承認されるまで何も変更しません。',
  },
};

export function helpView(language: Language): Content {
  const t = text[language];
  const lines = COMMANDS.map((spec: CommandSpec) => `${code(`/eks-audit ${usage(spec)}`)}  ${spec.does[language]}`);
  return content(t.title, [section(t.title), ...sections(lines), context(t.names)]);
}
