/** `/eks-audit approvals` and `/eks-audit runs`: what waits for whom, and what was done. Pure. */
import type { Approval } from '../approvals/store.ts';
import { fullName } from '../clusters/cluster.ts';
import type { Config, Language } from '../config.ts';
import { type Action, whomToAsk } from '../permissions.ts';
import { type Content, content, context, section, sections } from '../slack/blocks.ts';
import { code, mention, plain, time } from '../slack/mrkdwn.ts';
import type { JournalEntry } from './journal.ts';
import { audienceNames, sayChanges, sayFinding, text } from './say.ts';
import type { Run } from './store.ts';

const words = {
  en: {
    nothingWaits: 'Nothing waits for an approval.',
    waiting: (count: number) => `${count} ${count === 1 ? 'request waits' : 'requests wait'} for approval`,
    other: (action: Action, about: string, cluster: string | undefined) =>
      `${action === 'rule-change' ? 'Detection rule' : 'Suppression'}: ${about}${cluster ? ` (${cluster})` : ''}`,
    where: (channel: string) => `Decide in <#${channel}>.`,
    still: (missing: number, audience: string) => `${missing} more by ${audience}`,
    noRuns: 'Nothing was requested yet.',
    runs: 'Latest requests, newest first',
    nothingMade: 'nothing was changed',
    takenBack: 'taken back since',
    undo: (name: string) =>
      `Undo with ${code(`/eks-audit disable ${name}`)}: it takes back what stands, and only what this bot made.`,
  },
  ja: {
    nothingWaits: '承認待ちの依頼はありません。',
    waiting: (count: number) => `承認待ちの依頼：${count} 件`,
    other: (action: Action, about: string, cluster: string | undefined) =>
      `${action === 'rule-change' ? '検知ルール' : '抑制'}：${about}${cluster ? `（${cluster}）` : ''}`,
    where: (channel: string) => `承認は <#${channel}> で行います。`,
    still: (missing: number, audience: string) => `あと ${missing} 名（${audience}）`,
    noRuns: '依頼はまだありません。',
    runs: '最近の依頼（新しい順）',
    nothingMade: '変更なし',
    takenBack: '取り消し済み',
    undo: (name: string) =>
      `取り消すには ${code(`/eks-audit disable ${name}`)} を使います。ボットが作成し、現在も残っているものだけを取り消します。`,
  },
} as const;

export interface Waiting {
  approval: Approval;
  run: Run | undefined;
  counted: readonly string[];
}

export function approvalsView(waiting: readonly Waiting[], config: Config, language: Language): Content {
  const w = words[language];
  if (waiting.length === 0) return content(w.nothingWaits, [section(w.nothingWaits)]);
  const t = text[language];
  const lines = waiting.map(({ approval, run, counted }) => {
    const { action, about = '', cluster } = approval.subject;
    const what = run
      ? t.planTitle(run.kind, fullName(run.cluster), run.plan.changes.length)
      : w.other(action, about, cluster);
    const still = w.still(approval.policy.required - counted.length, audienceNames(whomToAsk(approval)));
    return `• *${plain(what)}* · ${t.requestedBy(approval.requestedBy)} · ${still} · ${t.expires(approval.expiresAt)}`;
  });
  const title = w.waiting(waiting.length);
  return content(title, [section(`*${title}*`), ...sections(lines), context(w.where(config.approvals.channel))]);
}

export interface RunHistory {
  run: Run;
  approvers: readonly string[];
  journal: readonly JournalEntry[];
}

export function runsView(entries: readonly RunHistory[], language: Language): Content {
  const w = words[language];
  if (entries.length === 0) return content(w.noRuns, [section(w.noRuns)]);
  const t = text[language];
  const lines = entries.map(({ run, approvers, journal }) => {
    const made = journal.filter((entry) => entry.state === 'done' || entry.state === 'undone');
    const by = approvers.length > 0 ? ` · ${t.approvedBy([...approvers])}` : '';
    const why = run.outcome ? ` · ${sayFinding(language, run.outcome).what}` : '';
    const changes = [false, true].flatMap((undone) =>
      sayChanges(
        language,
        made.filter((entry) => (entry.state === 'undone') === undone).map(({ change }) => change),
      ).map((said) => `      • ${said}${undone ? ` (${w.takenBack})` : ''}`),
    );
    const head = `*${plain(t.planTitle(run.kind, fullName(run.cluster), run.plan.changes.length))}: ${t.cardState[run.state]}* · ${time(run.requestedAt)} · ${mention(run.requestedBy)}${by}${why}`;
    return [head, ...(changes.length > 0 ? changes : [`      ${w.nothingMade}`])].join('\n');
  });
  const standing = entries.find(({ run, journal }) => run.kind === 'enable' && journal.some((e) => e.state === 'done'));
  return content(w.runs, [
    section(`*${w.runs}*`),
    ...sections(lines),
    standing ? context(w.undo(fullName(standing.run.cluster))) : undefined,
  ]);
}
